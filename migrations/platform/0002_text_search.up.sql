-- Lists are searched by a part of a name. One extension for all tenants, in the schema that they share: the operators of their
-- indexes are built in, so a tenant needs no right on it.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
