-- An archive without a tenant is one of the platform's own tables.
ALTER TABLE public.backups
    ALTER COLUMN tenant_id DROP NOT NULL,
    -- SHA-256 one after the other: first of the columns and of whom the archive is for, then of each table's rows. They tell whether
    -- anything changed since.
    ADD COLUMN content bytea,
    -- The last moment at which the rows were still those of the archive.
    ADD COLUMN unchanged_until timestamptz,
    -- When the object of a pruned one was deleted.
    ADD COLUMN deleted_at timestamptz,
    ADD CONSTRAINT backups_content_length CHECK (octet_length(content) > 0 AND octet_length(content) % 32 = 0),
    ADD CONSTRAINT backups_unchanged_since_snapshot CHECK (unchanged_until >= snapshot_at),
    ADD CONSTRAINT backups_deleted_when_pruned CHECK (deleted_at IS NULL OR state = 'pruned');
CREATE INDEX backups_undeleted_idx ON public.backups (id) WHERE state = 'pruned' AND deleted_at IS NULL;

-- Work on the archives of many tenants. Who does it holds a lock; a row without an end whose lock is free was cut off.
CREATE TABLE public.backup_runs (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    done       integer,
    failed     integer,
    CONSTRAINT backup_runs_kind_known CHECK (kind IN ('all', 'critical', 'drill')),
    CONSTRAINT backup_runs_ended_with_counts CHECK ((ended_at IS NULL) = (done IS NULL) AND (ended_at IS NULL) = (failed IS NULL)),
    CONSTRAINT backup_runs_counts_range CHECK (done >= 0 AND failed >= 0)
);
CREATE INDEX backup_runs_kind_idx ON public.backup_runs (kind, id);
