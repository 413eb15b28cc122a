-- One row of each table that every constraint accepts, with the columns set that must be unique.

INSERT INTO departments (id, name, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000001', 'Sales', '2026-01-01', '2026-01-01');

INSERT INTO designations (id, title, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000002', 'Clerk', '2026-01-01', '2026-01-01');

INSERT INTO employees (id, employee_number, first_name, last_name, work_email, status, hired_on, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000003', 'E1', 'Ada', 'Byron', 'ada@x.example', 'active', '2020-01-01', '2026-01-01', '2026-01-01');

INSERT INTO users (id, email, employee_id, display_name, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000004', 'a@x.example', '00000000-0000-7000-8000-000000000003', 'Ada', '2026-01-01', '2026-01-01');

INSERT INTO roles (id, key, name, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000005', 'clerk', 'Clerk', '2026-01-01', '2026-01-01');

INSERT INTO role_permissions (role_id, permission, scope, created_at)
VALUES ('00000000-0000-7000-8000-000000000005', 'employees.read', 'all', '2026-01-01');

INSERT INTO user_roles (user_id, role_id, created_at)
VALUES ('00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000005', '2026-01-01');

INSERT INTO salary_structures (id, name, currency, pay_frequency, effective_from, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000006', 'Std', 'EUR', 'monthly', '2020-01-01', '2026-01-01', '2026-01-01');

INSERT INTO payroll_runs (id, name, currency, pay_frequency, period_start, period_end, pay_on, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000007', 'Jan', 'EUR', 'monthly', '2026-01-01', '2026-01-31', '2026-01-31', '2026-01-01', '2026-01-01');

INSERT INTO payslips (id, payroll_run_id, employee_id, status, period_start, period_end, currency, total_days, payment_days, gross, deductions, net, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000008', '00000000-0000-7000-8000-000000000007', '00000000-0000-7000-8000-000000000003', 'calculated', '2026-01-01', '2026-01-31', 'EUR', 31, 31, 100, 30, 70, '2026-01-01', '2026-01-01');

INSERT INTO leave_types (id, name, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000009', 'Annual', '2026-01-01', '2026-01-01');

INSERT INTO leave_requests (id, employee_id, leave_type_id, starts_on, ends_on, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000010', '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000009', '2026-01-01', '2026-01-02', '2026-01-01', '2026-01-01');

INSERT INTO leave_ledger (id, employee_id, leave_type_id, kind, amount, effective_on, source, created_at)
VALUES ('00000000-0000-7000-8000-000000000011', '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000009', 'allocation', 20, '2026-01-01', 'allocation:2026', '2026-01-01');

INSERT INTO approval_workflows (id, name, subject, steps, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000012', 'Leave', 'leave_request', '[{}]', '2026-01-01', '2026-01-01');

INSERT INTO approval_requests (id, subject, subject_id, requester_id, steps, submitted_at, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000013', 'leave_request', '00000000-0000-7000-8000-000000000010', '00000000-0000-7000-8000-000000000004', '[{}]', '2026-01-01', '2026-01-01', '2026-01-01');

INSERT INTO audit_log (id, actor_kind, actor, action, entity, created_at)
VALUES ('00000000-0000-7000-8000-000000000014', 'system', 'tenure', 'employee.created', 'employee', '2026-01-01');

INSERT INTO settings (key, version, value, created_at)
VALUES ('regional.currency', 1, '"EUR"', '2026-01-01');

INSERT INTO salary_assignments (id, employee_id, effective_from, base, currency, pay_period, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000015', '00000000-0000-7000-8000-000000000003', '2020-01-01', 50000, 'EUR', 'year', '2026-01-01', '2026-01-01');

INSERT INTO api_tokens (id, user_id, name, token_hash, created_at)
VALUES ('00000000-0000-7000-8000-000000000016', '00000000-0000-7000-8000-000000000004', 'ci', sha256(''), '2026-01-01');

INSERT INTO employee_import_rows (line, employee_id, audit_id, salary_id, salary_audit_id, employee_number, first_name, last_name, status, hired_on, custom, salary_as_of)
VALUES (2, '00000000-0000-7000-8000-000000000017', '00000000-0000-7000-8000-000000000018', '00000000-0000-7000-8000-000000000019',
        '00000000-0000-7000-8000-00000000001a', 'E1', 'A', 'B', 'active', '2020-01-01', '{}', '2020-01-01');

INSERT INTO audit_chain (position, entries, entry_hashes, prev_hash, hash, created_at)
VALUES (1, '{00000000-0000-7000-8000-000000000014}', ARRAY[sha256('')], sha256(''), sha256(''), '2026-01-01');

INSERT INTO first_answers (user_id, key, fingerprint, answer, created_at)
VALUES ('00000000-0000-7000-8000-000000000004', 'a', sha256(''), '{}', '2026-01-01');
INSERT INTO locations (id, name, code, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000020', 'Berlin', 'BER', '2026-01-01', '2026-01-01');
INSERT INTO employment_periods (id, employee_id, hired_on, created_at)
VALUES ('00000000-0000-7000-8000-00000000001b', '00000000-0000-7000-8000-000000000003', '2020-01-01', '2026-01-01');

INSERT INTO job_assignments (id, employee_id, effective_from, changed, created_at)
VALUES ('00000000-0000-7000-8000-00000000001c', '00000000-0000-7000-8000-000000000003', '2020-01-01', '{pay_grade}', '2026-01-01');

INSERT INTO number_sequences (key, pattern, updated_at)
VALUES ('employee_number', 'E{n:5}', '2026-01-01');

INSERT INTO custom_fields (id, entity, key, label, kind, choices, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000021', 'employee', 'size', 'Size', 'choice', '["S"]', '2026-01-01', '2026-01-01');

INSERT INTO emergency_contacts (id, employee_id, name, phone, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000022', '00000000-0000-7000-8000-000000000003', 'A B', '1', '2026-01-01', '2026-01-01');

INSERT INTO bank_accounts (id, employee_id, holder, account_number, is_primary, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000023', '00000000-0000-7000-8000-000000000003', 'A B', 'DE02120300000000202051', true, '2026-01-01', '2026-01-01');

INSERT INTO identity_documents (id, employee_id, kind, number, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000024', '00000000-0000-7000-8000-000000000003', 'passport', 'C01X00T47', '2026-01-01', '2026-01-01');

INSERT INTO sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at)
VALUES ('00000000-0000-7000-8000-000000000030', '00000000-0000-7000-8000-000000000004', sha256(''), '2026-01-01', '2026-01-01', '2026-01-02');

INSERT INTO password_resets (id, user_id, token_hash, created_at, expires_at)
VALUES ('00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000004', sha256(''), '2026-01-01', '2026-01-02');

INSERT INTO sign_in_failures (subject, failures, last_failed_at)
VALUES ('origin:192.0.2.1', 1, '2026-01-01');

INSERT INTO appraisal_forms (id, version, created_at, updated_at, body)
VALUES ('00000000-0000-7000-8000-000000000040', 1, '2026-01-01', '2026-01-01', '{}');

INSERT INTO document_metadata (id, version, created_at, updated_at, body)
VALUES ('00000000-0000-7000-8000-000000000041', 1, '2026-01-01', '2026-01-01', '{}');

INSERT INTO tenant_settings (id, version, created_at, updated_at, body)
VALUES ('00000000-0000-7000-8000-000000000042', 1, '2026-01-01', '2026-01-01', '{}');

INSERT INTO feature_flags (id, version, created_at, updated_at, body)
VALUES ('00000000-0000-7000-8000-000000000043', 1, '2026-01-01', '2026-01-01', '{}');

INSERT INTO settings_audit (id, version, created_at, updated_at, body)
VALUES ('00000000-0000-7000-8000-000000000044', 1, '2026-01-01', '2026-01-01', '{}');

INSERT INTO outbox (id, kind, subject_id, occasion, facts, state, created_at, due_at)
VALUES ('00000000-0000-7000-8000-000000000045', 'password_reset', '00000000-0000-7000-8000-000000000004', '1', '{}', 'waiting', '2026-01-01', '2026-01-01');
