-- Documents: bodies of JSON that are found by some of their fields, where MongoDB does not keep them. What the indexes begin with is what
-- the program declares in crates/store/src/documents/collection.rs; the order is that of the bytes, which is the same everywhere.
CREATE TABLE appraisal_forms (
    id         uuid PRIMARY KEY,
    version    integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    expires_at timestamptz,
    body       jsonb NOT NULL,
    CONSTRAINT appraisal_forms_version_range CHECK (version > 0),
    CONSTRAINT appraisal_forms_updated_later CHECK (updated_at >= created_at),
    CONSTRAINT appraisal_forms_body_form CHECK (jsonb_typeof(body) = 'object')
);
CREATE INDEX appraisal_forms_kind_name_idx ON appraisal_forms (((body ->> 'kind') COLLATE "C"), ((body ->> 'name') COLLATE "C"), id);
CREATE INDEX appraisal_forms_kind_cycle_id_state_idx ON appraisal_forms (((body ->> 'kind') COLLATE "C"), ((body ->> 'cycle_id') COLLATE "C"), ((body ->> 'state') COLLATE "C"), id);
CREATE INDEX appraisal_forms_kind_employee_id_cycle_id_idx ON appraisal_forms (((body ->> 'kind') COLLATE "C"), ((body ->> 'employee_id') COLLATE "C"), ((body ->> 'cycle_id') COLLATE "C"), id);
CREATE INDEX appraisal_forms_kind_manager_id_cycle_id_idx ON appraisal_forms (((body ->> 'kind') COLLATE "C"), ((body ->> 'manager_id') COLLATE "C"), ((body ->> 'cycle_id') COLLATE "C"), id);
CREATE INDEX appraisal_forms_expires_at_idx ON appraisal_forms (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE document_metadata (
    id         uuid PRIMARY KEY,
    version    integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    expires_at timestamptz,
    body       jsonb NOT NULL,
    CONSTRAINT document_metadata_version_range CHECK (version > 0),
    CONSTRAINT document_metadata_updated_later CHECK (updated_at >= created_at),
    CONSTRAINT document_metadata_body_form CHECK (jsonb_typeof(body) = 'object')
);
CREATE INDEX document_metadata_kind_owner_idx ON document_metadata
    (((body ->> 'kind') COLLATE "C"), ((body ->> 'owner') COLLATE "C"), id);
CREATE INDEX document_metadata_kind_owner_state_class_idx ON document_metadata
    (((body ->> 'kind') COLLATE "C"), ((body ->> 'owner') COLLATE "C"), ((body ->> 'state') COLLATE "C"), ((body ->> 'class') COLLATE "C"), id);
CREATE INDEX document_metadata_kind_owner_state_category_idx ON document_metadata
    (((body ->> 'kind') COLLATE "C"), ((body ->> 'owner') COLLATE "C"), ((body ->> 'state') COLLATE "C"), ((body ->> 'category') COLLATE "C"), id);
CREATE INDEX document_metadata_kind_state_class_expires_on_idx ON document_metadata
    (((body ->> 'kind') COLLATE "C"), ((body ->> 'state') COLLATE "C"), ((body ->> 'class') COLLATE "C"), ((body ->> 'expires_on') COLLATE "C"), id);
CREATE INDEX document_metadata_kind_sweep_at_idx ON document_metadata
    (((body ->> 'kind') COLLATE "C"), ((body ->> 'sweep_at') COLLATE "C"), id);
CREATE INDEX document_metadata_expires_at_idx ON document_metadata (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE tenant_settings (
    id         uuid PRIMARY KEY,
    version    integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    expires_at timestamptz,
    body       jsonb NOT NULL,
    CONSTRAINT tenant_settings_version_range CHECK (version > 0),
    CONSTRAINT tenant_settings_updated_later CHECK (updated_at >= created_at),
    CONSTRAINT tenant_settings_body_form CHECK (jsonb_typeof(body) = 'object')
);
CREATE INDEX tenant_settings_kind_number_idx ON tenant_settings (((body ->> 'kind') COLLATE "C"), ((body ->> 'number') COLLATE "C"), id);
CREATE INDEX tenant_settings_expires_at_idx ON tenant_settings (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE feature_flags (
    id         uuid PRIMARY KEY,
    version    integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    expires_at timestamptz,
    body       jsonb NOT NULL,
    CONSTRAINT feature_flags_version_range CHECK (version > 0),
    CONSTRAINT feature_flags_updated_later CHECK (updated_at >= created_at),
    CONSTRAINT feature_flags_body_form CHECK (jsonb_typeof(body) = 'object')
);
CREATE INDEX feature_flags_kind_key_idx ON feature_flags (((body ->> 'kind') COLLATE "C"), ((body ->> 'key') COLLATE "C"), id);
CREATE INDEX feature_flags_expires_at_idx ON feature_flags (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE settings_audit (
    id         uuid PRIMARY KEY,
    version    integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    expires_at timestamptz,
    body       jsonb NOT NULL,
    CONSTRAINT settings_audit_version_range CHECK (version > 0),
    CONSTRAINT settings_audit_updated_later CHECK (updated_at >= created_at),
    CONSTRAINT settings_audit_body_form CHECK (jsonb_typeof(body) = 'object')
);
CREATE INDEX settings_audit_kind_idx ON settings_audit (((body ->> 'kind') COLLATE "C"), id);
CREATE INDEX settings_audit_expires_at_idx ON settings_audit (expires_at) WHERE expires_at IS NOT NULL;

-- What is cached of settings and flags follows these.
INSERT INTO cache_stamps (area, stamp) VALUES ('settings', gen_random_uuid()), ('flags', gen_random_uuid());
