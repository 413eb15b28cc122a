DROP TABLE public.tenant_migrations;
DROP TABLE public.tenant_audit;
DROP TABLE public.tenant_features;
DROP TABLE public.tenants;
