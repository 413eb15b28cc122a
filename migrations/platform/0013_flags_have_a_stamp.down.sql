ALTER TABLE public.platform_audit DROP COLUMN request_id;
DROP TABLE public.platform_stamps;
