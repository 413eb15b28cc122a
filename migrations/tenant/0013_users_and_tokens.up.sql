-- The list of users found its page by reading them all.

-- Those whose mail address or name has a part.
CREATE INDEX users_search_idx ON users USING gin (lower(display_name) public.gin_trgm_ops, lower(email) public.gin_trgm_ops)
    WHERE deleted_at IS NULL;
-- Those of one state, in the order of their mail addresses.
CREATE INDEX users_status_email_idx ON users (status, lower(email)) WHERE deleted_at IS NULL;

-- The token by which one was made: it is revoked with it.
ALTER TABLE api_tokens ADD COLUMN made_by uuid, ADD CONSTRAINT api_tokens_made_by_fkey FOREIGN KEY (made_by) REFERENCES api_tokens (id);
CREATE INDEX api_tokens_made_by_idx ON api_tokens (made_by) WHERE made_by IS NOT NULL;
