DROP TABLE public.restores;
DROP TABLE public.backups;
