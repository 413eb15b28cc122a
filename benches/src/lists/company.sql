-- A company of as many people as `bench.people` says: 200 departments in a tree, eight reports to each manager. The orders of names, numbers
-- and first days have nothing to do with each other.
INSERT INTO departments (id, parent_id, name, created_at, updated_at)
SELECT md5('department' || i)::uuid, CASE WHEN i > 0 THEN md5('department' || (i - 1) / 6)::uuid END, 'Department ' || i, now(), now()
FROM generate_series(0, 199) i;
INSERT INTO designations (id, title, created_at, updated_at)
SELECT md5('designation' || i)::uuid, 'Title ' || i, now(), now() FROM generate_series(0, 59) i;
INSERT INTO employees (id, employee_number, first_name, last_name, work_email, status, employment_type, hired_on, terminated_on,
                       department_id, designation_id, manager_id, created_at, updated_at)
SELECT md5('employee' || i)::uuid, 'E' || lpad(i::text, 6, '0'), initcap(translate(substr(md5('first' || i % 3001), 1, 6), '0123456789', 'ghijklmnop')),
       initcap(translate(substr(md5('last' || i % 20011), 1, 7), '0123456789', 'ghijklmnop')), 'p' || i || '@bench.example',
       CASE WHEN i % 10 = 2 THEN 'terminated' ELSE 'active' END, CASE WHEN i % 10 = 3 THEN 'part_time' ELSE 'full_time' END,
       DATE '1995-01-01' + (i::bigint * 7919 % 11000)::integer, CASE WHEN i % 10 = 2 THEN DATE '2025-06-01' END,
       md5('department' || i % 200)::uuid, md5('designation' || i % 60)::uuid, CASE WHEN i > 1 THEN md5('employee' || greatest(i / 8, 1))::uuid END, now(), now()
FROM generate_series(1, current_setting('bench.people')::integer) i;
INSERT INTO employment_periods (id, employee_id, hired_on, terminated_on, created_at)
SELECT id, id, hired_on, terminated_on, created_at FROM employees;
INSERT INTO job_assignments (id, employee_id, effective_from, department_id, designation_id, manager_id, employment_type, changed,
                             applied_at, created_at)
SELECT id, id, hired_on, department_id, designation_id, manager_id, employment_type,
       ARRAY['department_id', 'designation_id', 'manager_id', 'employment_type'], created_at, created_at
FROM employees
