-- From which state of the platform's own data something follows: whatever changes an area renews its stamp in the same transaction, and every
-- request learns the stamps as it is let in. As in the companies' cache_stamps, a stamp is an id that was never used before.
CREATE TABLE public.platform_stamps (
    area  text PRIMARY KEY,
    stamp uuid NOT NULL,
    CONSTRAINT platform_stamps_area_form CHECK (area ~ '^[a-z_]{1,50}$')
);
INSERT INTO public.platform_stamps (area, stamp) VALUES ('flags', gen_random_uuid());

-- Operators change flags over HTTP too, so that the request can be named.
ALTER TABLE public.platform_audit ADD COLUMN request_id text,
    ADD CONSTRAINT platform_audit_request_id_length CHECK (char_length(request_id) BETWEEN 1 AND 200);
