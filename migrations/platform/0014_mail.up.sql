-- Which messages of which tenants are to be sent when: one look finds what is due, however many tenants there are. What a message says lies in
-- the tenant's outbox, whose transaction also adds the row here. Whoever takes one puts due_at off, so that it is tried again if nobody comes
-- back.
CREATE TABLE public.mail_queue (
    id        uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    -- When it was to be sent first.
    wanted_at timestamptz NOT NULL,
    due_at    timestamptz NOT NULL,
    attempts  integer NOT NULL DEFAULT 0,
    CONSTRAINT mail_queue_attempts_range CHECK (attempts >= 0)
);
CREATE INDEX mail_queue_due_at_idx ON public.mail_queue (due_at);

-- When it is looked which reminders a tenant's people are to get. Those of days up to planned_until are written, or will never be.
CREATE TABLE public.mail_plans (
    tenant_id     uuid PRIMARY KEY,
    due_at        timestamptz NOT NULL,
    planned_until date NOT NULL
);
CREATE INDEX mail_plans_due_at_idx ON public.mail_plans (due_at);
