-- What a request with an Idempotency-Key was answered with, written by the transaction that did it. The same request again gets
-- this answer and does nothing.
CREATE TABLE first_answers (
    user_id     uuid NOT NULL,
    key         text NOT NULL,
    -- SHA-256 of what was asked: another request under the same key is refused.
    fingerprint bytea NOT NULL,
    answer      jsonb,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, key),
    CONSTRAINT first_answers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT first_answers_key_length CHECK (char_length(key) BETWEEN 1 AND 255),
    CONSTRAINT first_answers_fingerprint_length CHECK (octet_length(fingerprint) = 32)
);
-- They are kept for a time.
CREATE INDEX first_answers_created_at_idx ON first_answers (created_at);
