ALTER TABLE public.backups DROP CONSTRAINT backups_good_has_object;
