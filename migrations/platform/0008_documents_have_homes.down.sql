DROP TABLE public.document_leftovers;
ALTER TABLE public.restores DROP COLUMN kept_document_home;
ALTER TABLE public.tenants DROP COLUMN document_home;
