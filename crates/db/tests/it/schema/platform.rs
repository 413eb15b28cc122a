//! The rules of the platform's tables of archives, flags and operations.

use std::collections::BTreeSet;

use sqlx::Executor;
use tenure_testkit::TestInstallation;

use super::{names, refusal};

/// A row in each table, and what an UPDATE of it must not set.
const ROWS: &str = "
    INSERT INTO public.backups (id, state, object_key, schema_version, snapshot_at, size_bytes, checksum, content, created_at, finished_at)
    VALUES ('00000000-0000-7000-8000-000000000001', 'good', 'k', 1, '2026-01-02', 1, sha256(''), sha256(''), '2026-01-01', '2026-01-03');
    INSERT INTO public.restores (tenant_id, backup_id, kept_schema, kept_version, created_at)
    VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000001',
            'before_00000000000070008000000000000001', 1, '2026-01-01');
    INSERT INTO public.backup_runs (id, kind, started_at) VALUES ('00000000-0000-7000-8000-000000000001', 'all', '2026-01-01');
    INSERT INTO public.feature_flags (key, version, flag, created_at, updated_at)
    VALUES ('dark_mode', 1, jsonb_build_object('key', 'dark_mode'), '2026-01-01', '2026-01-01');
    INSERT INTO public.platform_audit (id, action, actor, subject, created_at)
    VALUES ('00000000-0000-7000-8000-000000000001', 'flag.created', 'cli:root', 'dark_mode', '2026-01-01');
    INSERT INTO public.operators (id, name, token_hash, created_at)
    VALUES ('00000000-0000-7000-8000-000000000001', 'console', sha256(''), '2026-01-01');
    INSERT INTO public.operations (id, kind, request, requested_by, request_id, requested_at)
    VALUES ('00000000-0000-7000-8000-000000000001', 'prune', '{}', 'operator:console', 'x', '2026-01-01');
    INSERT INTO public.mail_queue (id, tenant_id, wanted_at, due_at)
    VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000001', '2026-01-01', '2026-01-01');";

const REFUSED: &[(&str, &str, &str)] = &[
    ("backups", "backups_state_known", "state = 'gone'"),
    ("backups", "backups_good_is_whole", "schema_version = NULL"),
    ("backups", "backups_good_is_whole", "snapshot_at = NULL"),
    ("backups", "backups_good_is_whole", "size_bytes = 0"),
    ("backups", "backups_good_is_whole", "checksum = 'x'"),
    ("backups", "backups_good_has_object", "checksum = NULL"),
    ("backups", "backups_good_has_object", "size_bytes = NULL"),
    ("backups", "backups_good_has_object", "state = 'pruned', checksum = NULL"),
    ("backups", "backups_error_when_failed", "state = 'failed'"),
    ("backups", "backups_error_when_failed", "error = 'x'"),
    ("backups", "backups_finished_has_time", "state = 'running'"),
    ("backups", "backups_finished_has_time", "finished_at = NULL"),
    ("backups", "backups_content_length", "content = ''"),
    ("backups", "backups_content_length", "content = 'x'"),
    ("backups", "backups_unchanged_since_snapshot", "unchanged_until = '2026-01-01'"),
    ("backups", "backups_deleted_when_given_up", "deleted_at = '2026-01-04'"),
    ("backups", "backups_damage_has_time", "damaged_at = '2026-01-04'"),
    ("backups", "backups_damage_has_time", "damage = 'x'"),
    ("restores", "restores_kept_schema_form", "kept_schema = 'tenant_acme_0198f3c2'"),
    ("backup_runs", "backup_runs_kind_known", "kind = 'x'"),
    ("backup_runs", "backup_runs_ended_with_counts", "ended_at = '2026-01-02'"),
    ("backup_runs", "backup_runs_ended_with_counts", "done = 1"),
    ("backup_runs", "backup_runs_ended_with_counts", "ended_at = '2026-01-02', done = 1"),
    ("backup_runs", "backup_runs_counts_range", "ended_at = '2026-01-02', done = -1, failed = 0"),
    ("backup_runs", "backup_runs_counts_range", "ended_at = '2026-01-02', done = 0, failed = -1"),
    ("feature_flags", "feature_flags_key_form", "key = 'Dark', flag = jsonb_build_object('key', 'Dark')"),
    ("feature_flags", "feature_flags_version_range", "version = 0"),
    ("feature_flags", "feature_flags_flag_form", "flag = '{}'"),
    ("feature_flags", "feature_flags_flag_form", "flag = '[]'"),
    ("feature_flags", "feature_flags_flag_form", "flag = jsonb_build_object('key', 'light_mode')"),
    ("feature_flags", "feature_flags_updated_later", "updated_at = '2025-01-01'"),
    ("platform_audit", "platform_audit_action_length", "action = ''"),
    ("platform_audit", "platform_audit_actor_length", "actor = ''"),
    ("platform_audit", "platform_audit_subject_length", "subject = ''"),
    ("platform_audit", "platform_audit_request_id_length", "request_id = ''"),
    ("platform_stamps", "platform_stamps_area_form", "area = 'Flags'"),
    ("operators", "operators_name_length", "name = ''"),
    ("operators", "operators_token_hash_length", "token_hash = 'x'"),
    ("operators", "operators_expires_later", "expires_at = '2026-01-01'"),
    ("operators", "operators_revoked_later", "revoked_at = '2025-01-01'"),
    ("operations", "operations_kind_length", "kind = ''"),
    ("operations", "operations_request_form", "request = '[]'"),
    ("operations", "operations_state_known", "state = 'x', started_at = now(), ended_at = now()"),
    ("operations", "operations_requested_by_length", "requested_by = ''"),
    ("operations", "operations_request_id_length", "request_id = ''"),
    ("operations", "operations_started_unless_queued", "state = 'running'"),
    ("operations", "operations_ended_has_time", "ended_at = now()"),
    ("operations", "operations_ended_has_time", "state = 'done', started_at = now(), result = '{}'"),
    ("operations", "operations_error_when_failed", "error = 'x'"),
    ("operations", "operations_error_when_failed", "state = 'failed', started_at = now(), ended_at = now()"),
    ("operations", "operations_result_when_done", "result = '{}'"),
    ("operations", "operations_result_when_done", "state = 'done', started_at = now(), ended_at = now()"),
    ("mail_queue", "mail_queue_attempts_range", "attempts = -1"),
];

#[tokio::test]
async fn every_check_of_archives_runs_flags_and_operations_refuses_what_it_is_there_for() {
    let installation = TestInstallation::new().await;
    let mut connection = installation.superuser().await;
    connection.execute(ROWS).await.unwrap();
    for (table, constraint, assignments) in REFUSED {
        let update = format!("UPDATE public.{table} SET {assignments}");
        assert_eq!(refusal(&mut connection, update.clone()).await.as_deref(), Some(*constraint), "{update}");
    }
    let checks = "SELECT conname FROM pg_constraint WHERE contype = 'c'
                  AND conrelid IN ('public.backups'::regclass, 'public.restores'::regclass, 'public.backup_runs'::regclass,
                                   'public.feature_flags'::regclass, 'public.platform_audit'::regclass,
                                   'public.operators'::regclass, 'public.operations'::regclass, 'public.platform_stamps'::regclass,
                                   'public.mail_queue'::regclass)";
    let tried: BTreeSet<String> = REFUSED.iter().map(|(_, constraint, _)| (*constraint).to_owned()).collect();
    assert_eq!(names(&mut connection, checks).await, tried);
}
