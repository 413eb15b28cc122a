-- Credentials of those who operate the platform over HTTP. Of the secret only a hash is stored.
CREATE TABLE public.operators (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT operators_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT operators_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT operators_expires_later CHECK (expires_at > created_at),
    CONSTRAINT operators_revoked_later CHECK (revoked_at >= created_at)
);
CREATE UNIQUE INDEX operators_token_hash_key ON public.operators (token_hash);
CREATE UNIQUE INDEX operators_name_key ON public.operators (lower(name)) WHERE revoked_at IS NULL;

-- What operators have asked for over HTTP and a server or a worker does. Who does it holds a lock of the id; a running one whose lock is
-- free was cut off.
CREATE TABLE public.operations (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL,
    -- The tenant, or the archive, that it is about.
    subject      uuid,
    request      jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'queued',
    requested_by text NOT NULL,
    request_id   text NOT NULL,
    requested_at timestamptz NOT NULL,
    started_at   timestamptz,
    ended_at     timestamptz,
    result       jsonb,
    error        text,
    CONSTRAINT operations_kind_length CHECK (char_length(kind) BETWEEN 1 AND 40),
    CONSTRAINT operations_request_form CHECK (jsonb_typeof(request) = 'object'),
    CONSTRAINT operations_state_known CHECK (state IN ('queued', 'running', 'done', 'partial', 'failed')),
    CONSTRAINT operations_requested_by_length CHECK (char_length(requested_by) BETWEEN 1 AND 200),
    CONSTRAINT operations_request_id_length CHECK (char_length(request_id) BETWEEN 1 AND 200),
    CONSTRAINT operations_started_unless_queued CHECK (state = 'queued' OR started_at IS NOT NULL),
    CONSTRAINT operations_ended_has_time CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL)),
    CONSTRAINT operations_error_when_failed CHECK ((state = 'failed') = (error IS NOT NULL)),
    CONSTRAINT operations_result_when_done CHECK ((state IN ('done', 'partial')) = (result IS NOT NULL))
);
-- The same is not asked for again while it waits or runs.
CREATE UNIQUE INDEX operations_open_key ON public.operations (kind, coalesce(subject, '00000000-0000-0000-0000-000000000000'))
    WHERE state IN ('queued', 'running');
