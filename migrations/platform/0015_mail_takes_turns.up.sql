-- Companies take turns in the queue, and what a person waits for comes first: each company has a line of its own for either, and the first of
-- every line is found without reading the rest of it. Whether anything is due at all is found by the other index.
ALTER TABLE public.mail_queue ADD COLUMN urgent boolean NOT NULL DEFAULT false;
CREATE INDEX mail_queue_line_idx ON public.mail_queue (tenant_id, urgent, due_at, id);
