CREATE INDEX mail_queue_due_at_idx ON public.mail_queue (due_at);
DROP INDEX public.mail_queue_line_idx;
ALTER TABLE public.mail_queue DROP COLUMN urgent;
