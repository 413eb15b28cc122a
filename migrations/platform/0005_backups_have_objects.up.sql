-- A comparison with NULL is not false, so backups_good_is_whole lets pass what has no size or no sum.
ALTER TABLE public.backups ADD CONSTRAINT backups_good_has_object
    CHECK (state NOT IN ('good', 'pruned') OR (size_bytes IS NOT NULL AND checksum IS NOT NULL));
