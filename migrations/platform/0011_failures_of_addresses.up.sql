-- Failures to sign in are counted here also for addresses, for all companies together, and by the application's own login, which this
-- program gives the right to with the migration. A commit waits for the disk as one of a company does, so that the time tells nothing.
ALTER TABLE public.sign_in_failures SET LOGGED;
