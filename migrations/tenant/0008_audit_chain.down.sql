DROP INDEX audit_log_created_at_idx, audit_log_entity_idx, audit_log_actor_idx, audit_log_action_idx, audit_log_request_idx;
CREATE INDEX audit_log_entity_idx ON audit_log (entity, entity_id, id);
CREATE INDEX audit_log_actor_idx ON audit_log (actor_id, id);
CREATE INDEX audit_log_action_idx ON audit_log (action, id);
ALTER TABLE audit_log
    ADD COLUMN chain_position bigint,
    ADD COLUMN prev_hash bytea,
    ADD COLUMN hash bytea,
    ADD CONSTRAINT audit_log_chain_position_range CHECK (chain_position > 0),
    ADD CONSTRAINT audit_log_hash_length CHECK (octet_length(hash) = 32 AND octet_length(prev_hash) = 32),
    ADD CONSTRAINT audit_log_chain_whole CHECK (num_nonnulls(chain_position, prev_hash, hash) IN (0, 3));
CREATE UNIQUE INDEX audit_log_chain_position_key ON audit_log (chain_position) WHERE chain_position IS NOT NULL;
DROP TABLE audit_head;
DROP TABLE audit_chain;
