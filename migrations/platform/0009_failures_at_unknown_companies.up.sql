-- Failures to sign in at companies that are not there, counted as those that are there count theirs: otherwise the first answer that asks to
-- wait would tell which are. Worth nothing after a crash or in an archive.
CREATE UNLOGGED TABLE public.sign_in_failures (
    subject        text PRIMARY KEY,
    failures       integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    blocked_until  timestamptz,
    CONSTRAINT sign_in_failures_subject_length CHECK (char_length(subject) BETWEEN 1 AND 400),
    CONSTRAINT sign_in_failures_failures_range CHECK (failures > 0)
);
CREATE INDEX sign_in_failures_last_failed_at_idx ON public.sign_in_failures (last_failed_at);
