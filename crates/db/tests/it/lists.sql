-- 8,000 people, of whom every two-hundredth was deleted, and what was done to them. Numbers name the rows, so that a test can count.
INSERT INTO departments (id, parent_id, name, created_at, updated_at)
SELECT ('d0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
       CASE WHEN i > 40 THEN ('d0000000-0000-7000-8000-' || lpad((i - 40)::text, 12, '0'))::uuid END,
       'Department ' || i, now(), now()
FROM generate_series(1, 80) i;
INSERT INTO designations (id, title, created_at, updated_at)
SELECT ('a0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'Title ' || i, now(), now() FROM generate_series(1, 40) i;
INSERT INTO locations (id, name, created_at, updated_at)
SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'Place ' || i, now(), now() FROM generate_series(1, 10) i;

-- The orders of names, numbers, first days and rows on disk have nothing to do with each other.
INSERT INTO employees (id, employee_number, first_name, last_name, work_email, status, employment_type, hired_on, terminated_on,
                       department_id, designation_id, location_id, manager_id, created_at, updated_at, deleted_at)
SELECT ('e0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'E' || lpad(i::text, 5, '0'),
       'First' || i * 37 % 101, 'Last' || i * 3001 % 8000, i || '@example.com',
       CASE WHEN i % 400 = 3 THEN 'suspended' WHEN i % 10 = 2 THEN 'terminated' ELSE 'active' END,
       CASE WHEN i % 400 = 7 THEN 'apprentice' ELSE 'full_time' END,
       DATE '1990-01-01' + (i::bigint * 4999 % 8000)::integer, CASE WHEN i % 10 = 2 AND i % 400 <> 3 THEN DATE '2025-12-31' END,
       ('d0000000-0000-7000-8000-' || lpad((i % 80 + 1)::text, 12, '0'))::uuid,
       ('a0000000-0000-7000-8000-' || lpad((i * 7 % 40 + 1)::text, 12, '0'))::uuid,
       ('b0000000-0000-7000-8000-' || lpad((i * 3 % 10 + 1)::text, 12, '0'))::uuid,
       CASE WHEN i > 1 THEN ('e0000000-0000-7000-8000-' || lpad(greatest(i / 8, 1)::text, 12, '0'))::uuid END,
       now(), now(), CASE WHEN i % 200 = 11 THEN now() END
FROM generate_series(1, 8000) i ORDER BY md5(i::text);
INSERT INTO employment_periods (id, employee_id, hired_on, terminated_on, created_at)
SELECT id, id, hired_on, terminated_on, created_at FROM employees;
INSERT INTO job_assignments (id, employee_id, effective_from, department_id, designation_id, manager_id, location_id, employment_type,
                             changed, applied_at, created_at)
SELECT id, id, hired_on, department_id, designation_id, manager_id, location_id, employment_type, ARRAY['department_id'], created_at,
       created_at
FROM employees;

-- What was done, by a hundred users.
INSERT INTO audit_log (id, created_at, actor_kind, actor_id, actor, action, entity, entity_id, request_id)
SELECT ('f0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, TIMESTAMPTZ '2025-01-01' + i * interval '1 minute', 'user',
       ('c0000000-0000-7000-8000-' || lpad((i % 100)::text, 12, '0'))::uuid, 'somebody',
       CASE WHEN i % 200 = 0 THEN 'role.created' ELSE 'employee.updated' END,
       CASE WHEN i % 200 = 0 THEN 'role' ELSE 'employee' END,
       ('e0000000-0000-7000-8000-' || lpad((i % 4000)::text, 12, '0'))::uuid, 'request-' || i / 4
FROM generate_series(1, 20000) i;

-- 8,000 users, of whom every two-hundredth was deleted. Each is an employee, and few are something besides.
INSERT INTO users (id, email, display_name, status, created_at, updated_at, deleted_at)
SELECT ('c0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'User' || i * 3001 % 8000 || '@acme.example',
       'First' || i * 37 % 101 || ' Last' || i, CASE WHEN i % 400 = 3 THEN 'suspended' ELSE 'active' END, now(), now(),
       CASE WHEN i % 200 = 11 THEN now() END
FROM generate_series(1, 8000) i ORDER BY md5(i::text);
INSERT INTO user_roles (user_id, role_id, created_at)
SELECT u.id, r.id, now() FROM users u JOIN roles r
    ON r.key = 'employee' OR (r.key = 'auditor' AND right(u.id::text, 12)::integer % 400 = 7)
WHERE u.id::text LIKE 'c%' ORDER BY md5(u.id::text);
