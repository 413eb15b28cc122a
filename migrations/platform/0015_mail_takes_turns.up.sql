-- Companies take turns in the queue, and what a person waits for comes first: each company has a line of its own for either, and the first of
-- every line is found without reading the rest of it.
ALTER TABLE public.mail_queue ADD COLUMN urgent boolean NOT NULL DEFAULT false;
CREATE INDEX mail_queue_line_idx ON public.mail_queue (tenant_id, urgent, due_at, id);
DROP INDEX public.mail_queue_due_at_idx;
