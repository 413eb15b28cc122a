-- Lists that had to read a whole table, or to sort a good part of it, find their page by an index.

-- Those of one kind of contract.
CREATE INDEX employees_employment_type_name_idx ON employees (employment_type, last_name, first_name, id) WHERE deleted_at IS NULL;
-- Those who were deleted: nearly nobody, whom every other list passes over.
CREATE INDEX employees_deleted_idx ON employees (last_name, first_name, id) WHERE deleted_at IS NOT NULL;
-- Those employed on a day, in the order of their first days.
CREATE INDEX employment_periods_day_idx ON employment_periods (hired_on, employee_id) WHERE deleted_at IS NULL;

-- The record of one thing, and that of one kind of thing. An id names one thing alone, so the kind need not stand before it.
DROP INDEX audit_log_entity_idx;
CREATE INDEX audit_log_entity_idx ON audit_log (entity, created_at, id);
CREATE INDEX audit_log_entity_id_idx ON audit_log (entity_id, created_at, id);
