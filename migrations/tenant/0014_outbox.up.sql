-- What people are to be told by mail, written by the transaction that is the cause of it. When it is sent, public.mail_queue says.
CREATE TABLE outbox (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    -- What it is about, and on which occasion: nobody is told the same twice.
    subject_id  uuid NOT NULL,
    occasion    text NOT NULL,
    -- To whom. The address is looked up when it is sent.
    user_id     uuid,
    employee_id uuid,
    -- What the text needs. No secret is in here.
    facts       jsonb NOT NULL,
    state       text NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    error       text,
    created_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    ended_at    timestamptz,
    CONSTRAINT outbox_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT outbox_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT outbox_occasion_length CHECK (char_length(occasion) BETWEEN 1 AND 100),
    CONSTRAINT outbox_state_known CHECK (state IN ('waiting', 'sent', 'dropped', 'failed')),
    CONSTRAINT outbox_ended_unless_waiting CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX outbox_cause_key ON outbox (kind, subject_id, occasion);
CREATE INDEX outbox_user_id_idx ON outbox (user_id);
CREATE INDEX outbox_employee_id_idx ON outbox (employee_id);
CREATE INDEX outbox_state_idx ON outbox (state, id);
-- They are kept for a time.
CREATE INDEX outbox_ended_at_idx ON outbox (ended_at);
