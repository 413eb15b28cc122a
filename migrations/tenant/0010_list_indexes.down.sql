DROP INDEX audit_log_entity_idx, audit_log_entity_id_idx;
CREATE INDEX audit_log_entity_idx ON audit_log (entity, entity_id, created_at, id);
DROP INDEX employment_periods_day_idx;
DROP INDEX employees_deleted_idx, employees_employment_type_name_idx;
