DROP TABLE public.platform_audit;
DROP TABLE public.feature_flags;
