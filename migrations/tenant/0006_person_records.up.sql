-- What a company keeps of a person beside the employee's own row, and the definitions of its own fields.

CREATE TABLE custom_fields (
    id         uuid PRIMARY KEY,
    -- The kind of record that has the field.
    entity     text NOT NULL,
    -- The member of the record's custom object.
    key        text NOT NULL,
    label      text NOT NULL,
    kind       text NOT NULL,
    required   boolean NOT NULL DEFAULT false,
    -- The words to choose from, for choice and multiple_choice.
    choices    jsonb NOT NULL DEFAULT '[]',
    -- The class of the field, for employees: who may see and change it.
    class      text NOT NULL DEFAULT 'sensitive',
    position   integer NOT NULL DEFAULT 0,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT custom_fields_entity_known CHECK (entity IN ('employee', 'department', 'designation', 'location')),
    CONSTRAINT custom_fields_key_form CHECK (key ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT custom_fields_label_form CHECK (label = btrim(label) AND char_length(label) BETWEEN 1 AND 200),
    CONSTRAINT custom_fields_kind_known CHECK (kind IN ('text', 'number', 'date', 'boolean', 'choice', 'multiple_choice')),
    CONSTRAINT custom_fields_choices_list CHECK (CASE jsonb_typeof(choices) WHEN 'array' THEN jsonb_array_length(choices) <= 200 ELSE false END),
    CONSTRAINT custom_fields_choices_where_needed CHECK ((kind IN ('choice', 'multiple_choice')) = (choices <> '[]')),
    CONSTRAINT custom_fields_class_known CHECK (class IN ('public', 'personal', 'sensitive', 'pay')),
    CONSTRAINT custom_fields_position_range CHECK (position BETWEEN 0 AND 100000)
);
CREATE UNIQUE INDEX custom_fields_key_key ON custom_fields (entity, key) WHERE deleted_at IS NULL;
CREATE INDEX custom_fields_list_idx ON custom_fields (entity, position, id) WHERE deleted_at IS NULL;

CREATE TABLE emergency_contacts (
    id           uuid PRIMARY KEY,
    employee_id  uuid NOT NULL,
    name         text NOT NULL,
    relationship text,
    phone        text,
    email        text,
    -- In which order they are called.
    position     integer NOT NULL DEFAULT 0,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    deleted_at   timestamptz,
    CONSTRAINT emergency_contacts_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT emergency_contacts_name_form CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT emergency_contacts_relationship_form CHECK (relationship = btrim(relationship) AND char_length(relationship) BETWEEN 1 AND 100),
    CONSTRAINT emergency_contacts_phone_length CHECK (char_length(phone) BETWEEN 1 AND 50),
    CONSTRAINT emergency_contacts_email_form CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND char_length(email) <= 254),
    CONSTRAINT emergency_contacts_reachable CHECK (phone IS NOT NULL OR email IS NOT NULL),
    CONSTRAINT emergency_contacts_position_range CHECK (position BETWEEN 0 AND 1000)
);
CREATE INDEX emergency_contacts_employee_id_idx ON emergency_contacts (employee_id, position, id);

CREATE TABLE bank_accounts (
    id             uuid PRIMARY KEY,
    employee_id    uuid NOT NULL,
    holder         text NOT NULL,
    -- An IBAN, or the account's number where there is none.
    account_number text NOT NULL,
    -- A BIC, or the number of the bank in its country (sort code, routing number).
    bank_code      text,
    bank_name      text,
    currency       text,
    -- The one that pay goes to.
    is_primary     boolean NOT NULL DEFAULT false,
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    deleted_at     timestamptz,
    CONSTRAINT bank_accounts_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT bank_accounts_holder_form CHECK (holder = btrim(holder) AND char_length(holder) BETWEEN 1 AND 200),
    CONSTRAINT bank_accounts_account_number_form CHECK (account_number ~ '^[0-9A-Z]([0-9A-Z-]{0,32}[0-9A-Z])?$'),
    CONSTRAINT bank_accounts_bank_code_form CHECK (bank_code ~ '^[0-9A-Z]{3,15}$'),
    CONSTRAINT bank_accounts_bank_name_form CHECK (bank_name = btrim(bank_name) AND char_length(bank_name) BETWEEN 1 AND 200),
    CONSTRAINT bank_accounts_currency_form CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX bank_accounts_employee_id_idx ON bank_accounts (employee_id, id);
CREATE UNIQUE INDEX bank_accounts_primary_key ON bank_accounts (employee_id) WHERE is_primary AND deleted_at IS NULL;

CREATE TABLE identity_documents (
    id           uuid PRIMARY KEY,
    employee_id  uuid NOT NULL,
    kind         text NOT NULL,
    number       text NOT NULL,
    country_code text,
    issued_on    date,
    expires_on   date,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    deleted_at   timestamptz,
    CONSTRAINT identity_documents_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT identity_documents_kind_known CHECK (kind IN ('passport', 'national_id', 'residence_permit', 'work_permit', 'visa', 'driving_licence', 'tax_id', 'social_security', 'other')),
    CONSTRAINT identity_documents_number_form CHECK (number = btrim(number) AND char_length(number) BETWEEN 1 AND 50),
    CONSTRAINT identity_documents_country_code_form CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT identity_documents_issued_on_range CHECK (issued_on BETWEEN DATE '1900-01-01' AND DATE '2199-12-31'),
    CONSTRAINT identity_documents_expires_on_range CHECK (expires_on BETWEEN DATE '1900-01-01' AND DATE '2199-12-31'),
    CONSTRAINT identity_documents_dates_order CHECK (issued_on <= expires_on)
);
CREATE INDEX identity_documents_employee_id_idx ON identity_documents (employee_id, id);
CREATE INDEX identity_documents_expires_on_idx ON identity_documents (expires_on) WHERE expires_on IS NOT NULL AND deleted_at IS NULL;
