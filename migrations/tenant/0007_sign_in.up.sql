-- People who sign in: their sessions, the way back for who forgot a password, and what slows down who guesses one.

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL,
    -- SHA-256 of the secret part, which has 256 random bits.
    token_hash   bytea NOT NULL,
    -- Where it was begun, as far as it is known: an IPv4 address, or the network of an IPv6 address. Shown to the user, who may find one that is
    -- not theirs; and where an account was signed in from lately, a block of the account does not hold.
    address      text,
    user_agent   text,
    created_at   timestamptz NOT NULL,
    -- To some minutes.
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT sessions_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT sessions_address_length CHECK (char_length(address) <= 64),
    CONSTRAINT sessions_user_agent_length CHECK (char_length(user_agent) <= 300),
    CONSTRAINT sessions_expires_later CHECK (expires_at > created_at)
);
CREATE UNIQUE INDEX sessions_token_hash_key ON sessions (token_hash);
CREATE INDEX sessions_user_id_idx ON sessions (user_id, id);

CREATE TABLE password_resets (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT password_resets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT password_resets_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT password_resets_expires_later CHECK (expires_at > created_at)
);
CREATE UNIQUE INDEX password_resets_token_hash_key ON password_resets (token_hash);
CREATE INDEX password_resets_user_id_idx ON password_resets (user_id);

-- Failed sign-ins, counted for an account, an address, and the two together. A row is deleted when its time is over.
CREATE TABLE sign_in_failures (
    -- Of accounts a hash: people type all sorts of things, also passwords, where the mail address belongs.
    subject        text PRIMARY KEY,
    failures       integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    blocked_until  timestamptz,
    CONSTRAINT sign_in_failures_subject_length CHECK (char_length(subject) BETWEEN 1 AND 400),
    CONSTRAINT sign_in_failures_failures_range CHECK (failures > 0)
);
CREATE INDEX sign_in_failures_last_failed_at_idx ON sign_in_failures (last_failed_at);

-- The permissions that a token is confined to, out of those that its user has; null for all of them.
ALTER TABLE api_tokens ADD COLUMN permissions text[];
