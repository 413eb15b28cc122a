DROP INDEX public.backups_undeleted_idx;
CREATE INDEX backups_undeleted_idx ON public.backups (id) WHERE state = 'pruned' AND deleted_at IS NULL;
UPDATE public.backups SET deleted_at = NULL WHERE state = 'failed';
ALTER TABLE public.backups
    DROP CONSTRAINT backups_deleted_when_given_up,
    ADD CONSTRAINT backups_deleted_when_pruned CHECK (deleted_at IS NULL OR state = 'pruned'),
    DROP COLUMN damage,
    DROP COLUMN damaged_at;
