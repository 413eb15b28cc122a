-- In which place a tenant's documents lie, by its name: 'postgres' for the tenant's schema, 'mongodb/' and the name of the database for a
-- MongoDB. None in rows that are older than this column, and then where documents.url points to.
ALTER TABLE public.tenants ADD COLUMN document_place text;
ALTER TABLE public.restores ADD COLUMN kept_document_place text;
ALTER TABLE public.document_leftovers ADD COLUMN place text;
