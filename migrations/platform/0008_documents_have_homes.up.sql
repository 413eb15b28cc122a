-- Under which id a tenant's documents lie where they are not in its schema; none: under the tenant's own. What a restore brings lies under
-- another id, so that schema and documents change places in one step.
ALTER TABLE public.tenants ADD COLUMN document_home uuid;
ALTER TABLE public.restores ADD COLUMN kept_document_home uuid;

-- Documents outside of PostgreSQL that no schema needs. A restore that is under way holds the row of those that it brings.
CREATE TABLE public.document_leftovers (
    home       uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL,
    created_at timestamptz NOT NULL
);
