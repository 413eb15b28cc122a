ALTER TABLE public.backups DROP COLUMN files_lost;
ALTER TABLE public.backups DROP COLUMN files;
