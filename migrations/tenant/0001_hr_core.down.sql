DROP TABLE settings;
DROP TABLE audit_log;
DROP TABLE approval_requests;
DROP TABLE approval_workflows;
DROP TABLE leave_ledger;
DROP TABLE leave_requests;
DROP TABLE leave_types;
DROP TABLE payslips;
DROP TABLE payroll_runs;
DROP TABLE salary_structures;
DROP TABLE user_roles;
DROP TABLE role_permissions;
DROP TABLE roles;
DROP TABLE users;
-- Departments and employees refer to each other.
ALTER TABLE departments DROP CONSTRAINT departments_head_id_fkey;
DROP TABLE employees;
DROP TABLE designations;
DROP TABLE departments;
