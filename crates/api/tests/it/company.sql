-- A company of five and a department tree. Ids end in the numbers by which the tests know them.
INSERT INTO departments (id, parent_id, name, created_at, updated_at) VALUES
    ('00000000-0000-7000-8000-0000000000d1', NULL, 'Engineering', '2020-01-01Z', '2020-01-01Z'),
    ('00000000-0000-7000-8000-0000000000d2', '00000000-0000-7000-8000-0000000000d1', 'Platform', '2020-01-01Z', '2020-01-01Z'),
    ('00000000-0000-7000-8000-0000000000d3', NULL, 'Sales', '2020-01-01Z', '2020-01-01Z');
INSERT INTO designations (id, title, created_at, updated_at) VALUES
    ('00000000-0000-7000-8000-0000000000e1', 'Engineer', '2020-01-01Z', '2020-01-01Z');
INSERT INTO employees (id, employee_number, first_name, middle_name, last_name, work_email, personal_email, birth_date, gender, marital_status,
    citizenship, region, postal_code, country_code, status, employment_type, hired_on, terminated_on, termination_kind, termination_reason,
    department_id, designation_id, manager_id, custom, created_at, updated_at) VALUES
    ('00000000-0000-7000-8000-000000000001', 'E-1', 'Ada', NULL, 'Lovelace', 'ada@acme.example', NULL, '1985-12-10', 'female', NULL,
     NULL, NULL, NULL, 'GB', 'active', 'full_time', '2011-07-05', NULL, NULL, NULL,
     '00000000-0000-7000-8000-0000000000d1', NULL, NULL, '{}', '2020-01-01Z', '2020-01-01Z'),
    ('00000000-0000-7000-8000-000000000002', 'E-2', 'Grace', 'Brewster', 'Hopper', 'grace@acme.example', 'grace@home.example', '1986-12-09', 'female',
     'divorced', 'US Citizen', 'NY', '10001', 'US', 'active', 'full_time', '2012-01-09', NULL, NULL, NULL,
     '00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-0000000000e1', '00000000-0000-7000-8000-000000000001',
     '{"badge": 17}', '2020-01-01Z', '2020-02-02Z'),
    ('00000000-0000-7000-8000-000000000003', 'E-3', 'Linus', NULL, 'Hopper', NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, 'on_leave', NULL, '2013-03-04', NULL, NULL, NULL,
     '00000000-0000-7000-8000-0000000000d2', '00000000-0000-7000-8000-0000000000e1', '00000000-0000-7000-8000-000000000002',
     '{}', '2020-01-01Z', '2020-01-01Z'),
    ('00000000-0000-7000-8000-000000000004', 'E-4', 'Zoë', NULL, 'Abel', NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, 'terminated', 'part_time', '2014-05-06', '2015-06-07', 'voluntary', 'another position',
     '00000000-0000-7000-8000-0000000000d3', NULL, '00000000-0000-7000-8000-000000000001', '{}', '2020-01-01Z', '2020-01-01Z'),
    ('00000000-0000-7000-8000-000000000005', 'E-5', '', NULL, 'Sukarno', NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, 'active', NULL, '2014-05-06', NULL, NULL, NULL, NULL, NULL, NULL, '{}', '2020-01-01Z', '2020-01-01Z');
INSERT INTO employees (id, employee_number, first_name, last_name, status, hired_on, created_at, updated_at, deleted_at) VALUES
    ('00000000-0000-7000-8000-000000000006', 'E-6', 'Gone', 'Deleted', 'active', '2014-05-06', '2020-01-01Z', '2020-01-01Z', '2021-01-01Z');
-- Of Grace's salaries, the second holds on the day of the tests and the third lies ahead.
INSERT INTO salary_assignments (id, employee_id, effective_from, base, currency, pay_period, created_at, updated_at) VALUES
    ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000002', '2012-01-09', 50000, 'USD', 'year', '2020-01-01Z', '2020-01-01Z'),
    ('00000000-0000-7000-8000-0000000000a2', '00000000-0000-7000-8000-000000000002', '2025-01-01', 62506.5, 'USD', 'year', '2020-01-01Z', '2020-01-01Z'),
    ('00000000-0000-7000-8000-0000000000a3', '00000000-0000-7000-8000-000000000002', '2027-01-01', 70000, 'USD', 'year', '2020-01-01Z', '2020-01-01Z'),
    ('00000000-0000-7000-8000-0000000000a4', '00000000-0000-7000-8000-000000000003', '2013-03-04', 4100.1234, 'EUR', 'month', '2020-01-01Z', '2020-01-01Z');
-- Each was employed once, and has stood in one place since.
INSERT INTO employment_periods (id, employee_id, hired_on, terminated_on, termination_kind, termination_reason, created_at)
SELECT id, id, hired_on, terminated_on, termination_kind, termination_reason, created_at FROM employees;
INSERT INTO job_assignments (id, employee_id, effective_from, department_id, designation_id, manager_id, employment_type, changed, applied_at, created_at)
SELECT id, id, hired_on, department_id, designation_id, manager_id, employment_type,
       ARRAY['department_id', 'designation_id', 'manager_id', 'location_id', 'employment_type', 'working_time_fraction', 'pay_grade'],
       created_at, created_at FROM employees;
