-- When a check found that an archive is not what was written, or is gone, and what was wrong with it. It stays good by its state, for it may
-- be put right in the store, and stands for nothing until a check finds it whole again.
ALTER TABLE public.backups
    ADD COLUMN damaged_at timestamptz,
    ADD COLUMN damage text,
    ADD CONSTRAINT backups_damage_has_time CHECK ((damaged_at IS NULL) = (damage IS NULL)),
    -- What a failed one has left in the store is deleted as well, when the store can be reached again.
    DROP CONSTRAINT backups_deleted_when_pruned,
    ADD CONSTRAINT backups_deleted_when_given_up CHECK (deleted_at IS NULL OR state IN ('pruned', 'failed'));
DROP INDEX public.backups_undeleted_idx;
CREATE INDEX backups_undeleted_idx ON public.backups (state, id) WHERE state IN ('pruned', 'failed') AND deleted_at IS NULL;
