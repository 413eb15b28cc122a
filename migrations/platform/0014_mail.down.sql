DROP TABLE public.mail_plans;
DROP TABLE public.mail_queue;
