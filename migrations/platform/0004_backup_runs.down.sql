DROP TABLE public.backup_runs;
DROP INDEX public.backups_undeleted_idx;
DELETE FROM public.backups WHERE tenant_id IS NULL;
ALTER TABLE public.backups
    DROP COLUMN deleted_at,
    DROP COLUMN unchanged_until,
    DROP COLUMN content,
    ALTER COLUMN tenant_id SET NOT NULL;
