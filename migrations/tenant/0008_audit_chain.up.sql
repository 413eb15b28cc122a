-- The audit log, made evident to tampering: each transaction that writes entries adds a link, whose hash covers its entries and
-- the link before it. Links stand apart from the entries, so that nothing of an entry is ever changed. docs/data-model.md has the
-- form of what is hashed.
CREATE TABLE audit_chain (
    position     bigint PRIMARY KEY,
    -- The entries that the link covers, in this order, and the SHA-256 of each.
    entries      uuid[] NOT NULL,
    entry_hashes bytea[] NOT NULL,
    prev_hash    bytea NOT NULL,
    -- SHA-256 over position, previous hash, entries, their hashes and the time.
    hash         bytea NOT NULL,
    -- That of the latest entry.
    created_at   timestamptz NOT NULL,
    CONSTRAINT audit_chain_position_range CHECK (position > 0),
    CONSTRAINT audit_chain_entries_hashed CHECK (cardinality(entries) = cardinality(entry_hashes) AND cardinality(entries) > 0),
    CONSTRAINT audit_chain_hash_length CHECK (octet_length(hash) = 32 AND octet_length(prev_hash) = 32)
);

-- The last link. Writers follow each other by this one row, which each takes as the last thing before its commit.
CREATE TABLE audit_head (
    only_one boolean PRIMARY KEY DEFAULT true,
    position bigint NOT NULL,
    hash     bytea NOT NULL,
    CONSTRAINT audit_head_only_one CHECK (only_one),
    CONSTRAINT audit_head_hash_length CHECK (octet_length(hash) = 32)
);
INSERT INTO audit_head (position, hash) VALUES (0, sha256(''));

-- Entries that are older than the chain become its first link. They are hashed as crates/db/src/audit/chain.rs does it.
WITH hashed AS MATERIALIZED (
    SELECT id, created_at,
        sha256(convert_to(jsonb_build_array(id, (extract(epoch FROM created_at) * 1000000)::bigint, actor_kind, actor_id, actor, action,
            entity, entity_id, before, after, request_id)::text, 'UTF8')) AS hash
    FROM audit_log
), given AS MATERIALIZED (
    SELECT array_agg(id ORDER BY id) AS entries, array_agg(hash ORDER BY id) AS entry_hashes, count(*) AS size,
        string_agg(uuid_send(id), ''::bytea ORDER BY id) || string_agg(hash, ''::bytea ORDER BY id) AS bytes,
        max(created_at) AS created_at
    FROM hashed HAVING count(*) > 0
)
INSERT INTO audit_chain (position, entries, entry_hashes, prev_hash, hash, created_at)
SELECT 1, entries, entry_hashes, sha256(''),
    sha256(int8send(1) || sha256('') || int8send(size) || bytes || int8send((extract(epoch FROM created_at) * 1000000)::bigint)),
    created_at
FROM given;
UPDATE audit_head SET position = link.position, hash = link.hash FROM audit_chain link;

DROP INDEX audit_log_chain_position_key;
ALTER TABLE audit_log DROP COLUMN chain_position, DROP COLUMN prev_hash, DROP COLUMN hash;

-- The log is read newest first, whole or filtered.
DROP INDEX audit_log_entity_idx, audit_log_actor_idx, audit_log_action_idx;
CREATE INDEX audit_log_created_at_idx ON audit_log (created_at, id);
CREATE INDEX audit_log_entity_idx ON audit_log (entity, entity_id, created_at, id);
CREATE INDEX audit_log_actor_idx ON audit_log (actor_id, created_at, id);
CREATE INDEX audit_log_action_idx ON audit_log (action, created_at, id);
CREATE INDEX audit_log_request_idx ON audit_log (request_id, created_at, id);
