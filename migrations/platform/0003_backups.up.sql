-- Archives of tenants. A row turns good in the last step of making one, so that half an archive is never taken for a whole one.
-- Rows outlive the tenant, so nothing refers to it by a foreign key.
CREATE TABLE public.backups (
    id             uuid PRIMARY KEY,
    tenant_id      uuid NOT NULL,
    state          text NOT NULL,
    object_key     text NOT NULL,
    schema_version integer,
    snapshot_at    timestamptz,
    size_bytes     bigint,
    -- SHA-256 of the object as it is stored.
    checksum       bytea,
    error          text,
    created_at     timestamptz NOT NULL,
    finished_at    timestamptz,
    verified_at    timestamptz,
    CONSTRAINT backups_state_known CHECK (state IN ('running', 'good', 'failed', 'pruned')),
    CONSTRAINT backups_good_is_whole CHECK (state NOT IN ('good', 'pruned')
        OR (schema_version IS NOT NULL AND snapshot_at IS NOT NULL AND size_bytes > 0 AND octet_length(checksum) = 32)),
    CONSTRAINT backups_error_when_failed CHECK ((state = 'failed') = (error IS NOT NULL)),
    CONSTRAINT backups_finished_has_time CHECK ((state = 'running') = (finished_at IS NULL))
);
CREATE INDEX backups_tenant_idx ON public.backups (tenant_id, id);
CREATE INDEX backups_running_idx ON public.backups (id) WHERE state = 'running';

-- What a restore replaced: the tenant's former schema under another name, until it is dropped.
CREATE TABLE public.restores (
    tenant_id    uuid PRIMARY KEY,
    backup_id    uuid NOT NULL,
    kept_schema  text NOT NULL,
    kept_version integer NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT restores_kept_schema_form CHECK (kept_schema ~ '^before_[0-9a-f]{32}$')
);
