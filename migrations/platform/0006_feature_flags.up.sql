-- Feature flags of the platform. Those of a company lie in its own schema, or in MongoDB.
CREATE TABLE public.feature_flags (
    key        text PRIMARY KEY,
    version    integer NOT NULL,
    flag       jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT feature_flags_key_form CHECK (key ~ '^[a-z][a-z0-9_.-]{0,62}$'),
    CONSTRAINT feature_flags_version_range CHECK (version > 0),
    CONSTRAINT feature_flags_flag_form CHECK (jsonb_typeof(flag) = 'object' AND flag ->> 'key' IS NOT DISTINCT FROM key),
    CONSTRAINT feature_flags_updated_later CHECK (updated_at >= created_at)
);

-- What operators did to the platform itself; what they did to a tenant is in tenant_audit.
CREATE TABLE public.platform_audit (
    id         uuid PRIMARY KEY,
    action     text NOT NULL,
    actor      text NOT NULL,
    subject    text NOT NULL,
    before     jsonb,
    after      jsonb,
    created_at timestamptz NOT NULL,
    CONSTRAINT platform_audit_action_length CHECK (char_length(action) BETWEEN 1 AND 100),
    CONSTRAINT platform_audit_actor_length CHECK (char_length(actor) BETWEEN 1 AND 200),
    CONSTRAINT platform_audit_subject_length CHECK (char_length(subject) BETWEEN 1 AND 200)
);
