-- What Tenure knows about its tenants. Everything of a tenant's own lives in the tenant's schema.

CREATE TABLE public.tenants (
    id             uuid PRIMARY KEY,
    slug           text NOT NULL,
    name           text NOT NULL,
    schema_name    text NOT NULL,
    status         text NOT NULL,
    plan           text NOT NULL DEFAULT 'standard',
    -- The last migration applied to the schema, kept equal to the ledger by the transaction that applies it: requests read it
    -- to refuse a schema that they do not know.
    schema_version integer NOT NULL,
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    purged_at      timestamptz,
    CONSTRAINT tenants_status_known CHECK (status IN ('provisioning', 'active', 'suspended', 'archived', 'purged')),
    CONSTRAINT tenants_slug_form CHECK (slug ~ '^[a-z][a-z0-9-]{1,39}$'),
    CONSTRAINT tenants_schema_form CHECK (schema_name ~ '^tenant_[a-z0-9_]{1,56}$'),
    CONSTRAINT tenants_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT tenants_purged_has_time CHECK ((status = 'purged') = (purged_at IS NOT NULL))
);
-- A purged tenant's slug and schema name are free again.
CREATE UNIQUE INDEX tenants_slug_key ON public.tenants (slug) WHERE status <> 'purged';
CREATE UNIQUE INDEX tenants_schema_name_key ON public.tenants (schema_name) WHERE status <> 'purged';
CREATE INDEX tenants_status_slug_idx ON public.tenants (status, slug);

CREATE TABLE public.tenant_features (
    tenant_id  uuid NOT NULL REFERENCES public.tenants (id) ON DELETE CASCADE,
    key        text NOT NULL,
    value      jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key),
    CONSTRAINT tenant_features_key_form CHECK (key ~ '^[a-z][a-z0-9_.-]{0,62}$')
);

-- Who did what to a tenant as a whole. Rows outlive the tenant, so nothing refers to it by a foreign key.
CREATE TABLE public.tenant_audit (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL,
    action     text NOT NULL,
    actor      text NOT NULL,
    before     jsonb,
    after      jsonb,
    request_id text,
    created_at timestamptz NOT NULL
);
CREATE INDEX tenant_audit_tenant_idx ON public.tenant_audit (tenant_id, id);

-- The ledger of tenant migrations. A row is written in the transaction that changes the tenant's schema; a failure is
-- recorded after that transaction was rolled back.
CREATE TABLE public.tenant_migrations (
    tenant_id   uuid NOT NULL REFERENCES public.tenants (id) ON DELETE CASCADE,
    version     integer NOT NULL,
    name        text NOT NULL,
    checksum    text NOT NULL,
    state       text NOT NULL,
    error       text,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, version),
    CONSTRAINT tenant_migrations_state_known CHECK (state IN ('applied', 'failed')),
    CONSTRAINT tenant_migrations_error_when_failed CHECK ((state = 'failed') = (error IS NOT NULL))
);
CREATE INDEX tenant_migrations_version_idx ON public.tenant_migrations (version, checksum);
