DROP TABLE public.operations;
DROP TABLE public.operators;
