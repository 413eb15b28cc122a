-- How many versions of documents an archive names, and how many of them could not be read when it was made.
ALTER TABLE public.backups ADD COLUMN files bigint;
ALTER TABLE public.backups ADD COLUMN files_lost bigint;
