-- Fails while a tenant's index uses it, and so it should.
DROP EXTENSION pg_trgm;
