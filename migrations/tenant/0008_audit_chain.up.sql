-- The audit log, made evident to tampering: each transaction that writes entries adds one link, whose hash covers its entries and
-- the link before it. Links stand apart from the entries, so that nothing of an entry is ever changed.
CREATE TABLE audit_chain (
    position     bigint PRIMARY KEY,
    -- The entries that the link covers, in this order, and the SHA-256 of each.
    entries      uuid[] NOT NULL,
    entry_hashes bytea[] NOT NULL,
    prev_hash    bytea NOT NULL,
    -- SHA-256 over position, previous hash, entries and their hashes.
    hash         bytea NOT NULL,
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

DROP INDEX audit_log_chain_position_key;
ALTER TABLE audit_log DROP COLUMN chain_position, DROP COLUMN prev_hash, DROP COLUMN hash;
