ALTER TABLE public.sign_in_failures SET UNLOGGED;
