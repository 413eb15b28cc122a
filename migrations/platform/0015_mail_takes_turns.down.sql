DROP INDEX public.mail_queue_line_idx;
ALTER TABLE public.mail_queue DROP COLUMN urgent;
