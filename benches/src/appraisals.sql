-- 100,000 forms of four cycles, a quarter of each in one of four states, with the permission to read them for the intranet's role.
SET LOCAL statement_timeout = 0;
INSERT INTO role_permissions (role_id, permission, scope, created_at) SELECT id, 'appraisals.read', 'all', now() FROM roles WHERE key = 'intranet';
INSERT INTO appraisal_forms (id, version, created_at, updated_at, body)
SELECT ('00000000-0000-7000-8000-00000000000' || i)::uuid, 1, '2026-01-01Z', '2026-01-01Z',
       jsonb_build_object('kind', 'cycle', 'name', 'Cycle ' || i, 'template_id', md5('template')::uuid, 'starts_on', '2025-01-01',
                          'ends_on', '2025-12-31', 'step', 'manager_review', 'weights', '{"manager": "100"}'::jsonb, 'deadlines', '{}'::jsonb)
FROM generate_series(1, 4) i;
INSERT INTO appraisal_forms (id, version, created_at, updated_at, body)
SELECT md5('form' || i)::uuid, 1, '2026-01-01Z', '2026-01-01Z',
       jsonb_build_object('kind', 'form', 'cycle_id', '00000000-0000-7000-8000-00000000000' || i % 4 + 1, 'employee_id', md5('employee' || i / 4)::uuid,
                          'manager_id', md5('employee' || i / 32)::uuid,
                          'state', (ARRAY['not_started', 'self_submitted', 'manager_draft', 'completed'])[i / 4 % 4 + 1],
                          'self_answers', jsonb_build_object('rating', i % 5 + 1, 'why', repeat('because ', 20)), 'manager_answers', '{}'::jsonb,
                          'self_submitted_at', NULL, 'manager_submitted_at', NULL, 'self_score', NULL, 'manager_score', NULL, 'score', NULL,
                          'calibration', NULL, 'acknowledged_at', NULL, 'comment', NULL)
FROM generate_series(0, 99999) i
