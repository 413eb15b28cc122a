ALTER TABLE public.document_leftovers DROP COLUMN place;
ALTER TABLE public.restores DROP COLUMN kept_document_place;
ALTER TABLE public.tenants DROP COLUMN document_place;
