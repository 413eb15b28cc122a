DROP TABLE number_sequences;
DROP TABLE job_assignments;
DROP TABLE employment_periods;
ALTER TABLE employees DROP COLUMN search_text, DROP COLUMN pay_grade, DROP COLUMN working_time_fraction, DROP COLUMN location_id;
DROP INDEX employees_leaving_idx;
DROP INDEX employees_starting_idx;
DROP INDEX employees_hired_on_idx;
DROP INDEX departments_name_idx;
DROP TABLE locations;
