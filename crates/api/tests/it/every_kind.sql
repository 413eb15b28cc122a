-- A row of each kind that a path can name, beside those of company.sql.
INSERT INTO locations (id, name, created_at, updated_at) VALUES ('00000000-0000-7000-8000-0000000000f1', 'Everywhere', '2020-01-01Z', '2020-01-01Z');
INSERT INTO custom_fields (id, entity, key, label, kind, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-0000000000f2', 'employee', 'shirt', 'Shirt', 'text', '2020-01-01Z', '2020-01-01Z');
INSERT INTO roles (id, key, name, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-0000000000f3', 'clerk', 'Clerk', '2020-01-01Z', '2020-01-01Z');
INSERT INTO users (id, email, display_name, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-0000000000f4', 'clerk@acme.example', 'Clerk', '2020-01-01Z', '2020-01-01Z');
INSERT INTO api_tokens (id, user_id, name, token_hash, created_at)
VALUES ('00000000-0000-7000-8000-0000000000f5', '00000000-0000-7000-8000-0000000000f4', 'clerk', sha256('f5'), '2020-01-01Z');
INSERT INTO sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at)
VALUES ('00000000-0000-7000-8000-0000000000f6', '00000000-0000-7000-8000-0000000000f4', sha256('f6'), '2026-01-15Z', '2026-01-15Z', '2030-01-01Z');
-- And some that are deleted, to be restored.
INSERT INTO departments (id, name, created_at, updated_at, deleted_at)
VALUES ('00000000-0000-7000-8000-0000000000f7', 'Closed', '2020-01-01Z', '2020-01-01Z', '2020-01-01Z');
INSERT INTO designations (id, title, created_at, updated_at, deleted_at)
VALUES ('00000000-0000-7000-8000-0000000000f8', 'Clerk', '2020-01-01Z', '2020-01-01Z', '2020-01-01Z');
INSERT INTO locations (id, name, created_at, updated_at, deleted_at)
VALUES ('00000000-0000-7000-8000-0000000000f9', 'Closed', '2020-01-01Z', '2020-01-01Z', '2020-01-01Z');
-- What belongs to a person has the person's id with the kind's mark in the middle.
INSERT INTO emergency_contacts (id, employee_id, name, phone, created_at, updated_at)
SELECT replace(id::text, '-8000-', '-8001-')::uuid, id, 'Friend', '1', '2020-01-01Z', '2020-01-01Z' FROM employees;
INSERT INTO bank_accounts (id, employee_id, holder, account_number, created_at, updated_at)
SELECT replace(id::text, '-8000-', '-8002-')::uuid, id, 'Holder', 'GB1', '2020-01-01Z', '2020-01-01Z' FROM employees;
INSERT INTO identity_documents (id, employee_id, kind, number, created_at, updated_at)
SELECT replace(id::text, '-8000-', '-8003-')::uuid, id, 'passport', '1', '2020-01-01Z', '2020-01-01Z' FROM employees;
INSERT INTO salary_assignments (id, employee_id, effective_from, base, currency, pay_period, created_at, updated_at)
SELECT replace(id::text, '-8000-', '-8006-')::uuid, id, '2019-01-01', 1000, 'EUR', 'month', '2020-01-01Z', '2020-01-01Z' FROM employees;
-- Documents, whose ids follow from their names. Of a flag the mark stands in the key.
INSERT INTO feature_flags (id, version, created_at, updated_at, body)
SELECT encode(set_byte(set_byte(d, 6, get_byte(d, 6) & 15 | 128), 8, get_byte(d, 8) & 63 | 128), 'hex')::uuid, 1, '2020-01-01Z', '2020-01-01Z',
       jsonb_build_object('kind', 'flag', 'key', key, 'flag', jsonb_build_object(
           'key', key, 'kind', 'boolean', 'description', NULL, 'enabled', true, 'variants', '{"on": true, "off": false}'::jsonb,
           'default_variant', 'off', 'off_variant', 'off', 'from', NULL, 'until', NULL, 'rules', '[]'::jsonb, 'prerequisites', '[]'::jsonb))
FROM (VALUES ('flag-8001')) AS n (key),
     LATERAL (SELECT substring(sha256(int8send(4) || 'flag'::bytea || int8send(9) || key::bytea) FOR 16)) AS i (d);
INSERT INTO tenant_settings (id, version, created_at, updated_at, body)
SELECT encode(set_byte(set_byte(d, 6, get_byte(d, 6) & 15 | 128), 8, get_byte(d, 8) & 63 | 128), 'hex')::uuid, 1, '2020-01-01Z', '2020-01-01Z', body
FROM (VALUES (int8send(7) || 'current'::bytea, '{"kind": "current", "number": "0000000001", "settings": {"regional.locale": "de"}}'::jsonb),
             (int8send(7) || 'version'::bytea || int8send(10) || '0000000001'::bytea,
              '{"kind": "version", "number": "0000000001", "settings": {"regional.locale": "de"}, "reason": null, "actor": "a@b", "actor_id": null, "rolled_back_to": null}')
     ) AS n (name, body),
     LATERAL (SELECT substring(sha256(name) FOR 16)) AS i (d);
INSERT INTO settings_audit (id, version, created_at, updated_at, body)
VALUES ('00000000-0000-7000-8000-0000000000fa', 1, '2020-01-01Z', '2020-01-01Z',
        '{"kind": "change", "number": "0000000001", "reason": null, "actor": "a@b", "actor_id": null, "changes": [{"key": "regional.locale", "before": "en", "after": "de"}]}');
-- A template, a cycle whose managers are late, and Grace's form in it, which Ada appraises; the forms of the others lie elsewhere. Everybody has a goal, and is asked about Grace.
INSERT INTO appraisal_forms (id, version, created_at, updated_at, body) VALUES
('00000000-0000-7000-8000-0000000000fa', 1, '2020-01-01Z', '2020-01-01Z',
 '{"kind": "template", "name": "Year", "family_id": "00000000-0000-7000-8000-0000000000fa", "number": 1, "published": true,
   "content": {"sections": [{"title": "All", "answered_by": "self", "questions": [{"key": "text", "label": "Text", "kind": "text"}]}]}}'),
('00000000-0000-7000-8000-0000000000fb', 1, '2020-01-01Z', '2020-01-01Z',
 '{"kind": "cycle", "name": "2019", "template_id": "00000000-0000-7000-8000-0000000000fa", "starts_on": "2019-01-01", "ends_on": "2019-12-31",
   "step": "manager_review", "weights": {"manager": "100"}, "deadlines": {"manager_review": "2020-01-31"}}'),
('00000000-0000-7000-8000-0000000000fc', 1, '2020-01-01Z', '2020-01-01Z',
 '{"kind": "form", "cycle_id": "00000000-0000-7000-8000-0000000000fb", "employee_id": "00000000-0000-7000-8000-000000000002",
   "manager_id": "00000000-0000-7000-8000-000000000001", "state": "not_started", "self_answers": {}, "manager_answers": {}}');
INSERT INTO appraisal_forms (id, version, created_at, updated_at, body)
SELECT replace(id::text, '-8000-', '-8008-')::uuid, 1, '2020-01-01Z', '2020-01-01Z',
       jsonb_build_object('kind', 'goal', 'employee_id', id, 'cycle_id', '00000000-0000-7000-8000-0000000000fb', 'title', 'Goal', 'standing', 'open', 'progress', '50')
FROM employees;
INSERT INTO appraisal_forms (id, version, created_at, updated_at, body)
SELECT replace(id::text, '-8000-', '-8009-')::uuid, 1, '2020-01-01Z', '2020-01-01Z',
       jsonb_build_object('kind', 'feedback_request', 'form_id', '00000000-0000-7000-8000-0000000000fc', 'cycle_id', '00000000-0000-7000-8000-0000000000fb',
                          'employee_id', id, 'about_id', '00000000-0000-7000-8000-000000000002', 'group', 'other', 'state', 'asked', 'answers', '{}'::jsonb)
FROM employees;
INSERT INTO appraisal_forms (id, version, created_at, updated_at, body)
SELECT encode(set_byte(set_byte(d, 6, get_byte(d, 6) & 15 | 128), 8, get_byte(d, 8) & 63 | 128), 'hex')::uuid, 1, '2020-01-01Z', '2020-01-01Z',
       jsonb_build_object('kind', 'feedback', 'form_id', form, 'given', '[]'::jsonb, 'asked',
                          (SELECT jsonb_agg(jsonb_build_object('request_id', id, 'employee_id', body ->> 'employee_id', 'group', 'other'))
                           FROM appraisal_forms WHERE body ->> 'kind' = 'feedback_request'))
FROM (VALUES ('00000000-0000-7000-8000-0000000000fc')) AS f (form),
     LATERAL (SELECT substring(sha256(int8send(8) || 'feedback'::bytea || int8send(36) || form::bytea) FOR 16)) AS i (d);
