-- From which state of the company's data a cached value follows: whatever changes an area renews its stamp, at its commit. A stamp is an id
-- that was never used before and not a count, which would come again after a restore or a failover.
CREATE TABLE cache_stamps (
    area  text PRIMARY KEY,
    stamp uuid NOT NULL,
    CONSTRAINT cache_stamps_area_form CHECK (area ~ '^[a-z_]{1,50}$')
);
INSERT INTO cache_stamps (area, stamp) VALUES ('organisation', gen_random_uuid()), ('people', gen_random_uuid());
