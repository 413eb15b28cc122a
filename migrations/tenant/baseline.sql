-- The schema of a new tenant: what all tenant migrations together give. A test holds the two equal, so a migration comes with
-- its change here. The reasons behind tables, columns and constraints are written where they were introduced, in the migrations.

-- Organisation and people --------------------------------------------------------------------------------------------

CREATE TABLE departments (
    id          uuid PRIMARY KEY,
    parent_id   uuid,
    head_id     uuid,
    name        text NOT NULL,
    code        text,
    cost_centre text,
    custom      jsonb NOT NULL DEFAULT '{}',
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    deleted_at  timestamptz,
    CONSTRAINT departments_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES departments (id),
    CONSTRAINT departments_parent_not_self CHECK (parent_id <> id),
    CONSTRAINT departments_name_form CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT departments_code_form CHECK (code = btrim(code) AND char_length(code) BETWEEN 1 AND 50),
    CONSTRAINT departments_cost_centre_form CHECK (cost_centre = btrim(cost_centre) AND char_length(cost_centre) BETWEEN 1 AND 50),
    CONSTRAINT departments_custom_object CHECK (jsonb_typeof(custom) = 'object')
);
CREATE UNIQUE INDEX departments_parent_name_key ON departments (parent_id, lower(name)) NULLS NOT DISTINCT WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX departments_code_key ON departments (lower(code)) WHERE deleted_at IS NULL;
CREATE INDEX departments_head_id_idx ON departments (head_id);
CREATE INDEX departments_name_idx ON departments (lower(name), id) WHERE deleted_at IS NULL;

CREATE TABLE designations (
    id          uuid PRIMARY KEY,
    title       text NOT NULL,
    code        text,
    grade       text,
    description text,
    custom      jsonb NOT NULL DEFAULT '{}',
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    deleted_at  timestamptz,
    CONSTRAINT designations_title_form CHECK (title = btrim(title) AND char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT designations_code_form CHECK (code = btrim(code) AND char_length(code) BETWEEN 1 AND 50),
    CONSTRAINT designations_grade_form CHECK (grade = btrim(grade) AND char_length(grade) BETWEEN 1 AND 20),
    CONSTRAINT designations_description_length CHECK (char_length(description) <= 10000),
    CONSTRAINT designations_custom_object CHECK (jsonb_typeof(custom) = 'object')
);
CREATE UNIQUE INDEX designations_title_key ON designations (lower(title)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX designations_code_key ON designations (lower(code)) WHERE deleted_at IS NULL;

CREATE TABLE locations (
    id           uuid PRIMARY KEY,
    name         text NOT NULL,
    code         text,
    address      text,
    city         text,
    region       text,
    postal_code  text,
    country_code text,
    time_zone    text,
    custom       jsonb NOT NULL DEFAULT '{}',
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    deleted_at   timestamptz,
    CONSTRAINT locations_name_form CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT locations_code_form CHECK (code = btrim(code) AND char_length(code) BETWEEN 1 AND 50),
    CONSTRAINT locations_address_length CHECK (char_length(address) <= 500 AND char_length(city) <= 100),
    CONSTRAINT locations_region_length CHECK (char_length(region) <= 100 AND char_length(postal_code) <= 20),
    CONSTRAINT locations_country_code_form CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT locations_time_zone_length CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    CONSTRAINT locations_custom_object CHECK (jsonb_typeof(custom) = 'object')
);
CREATE UNIQUE INDEX locations_name_key ON locations (lower(name)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX locations_code_key ON locations (lower(code)) WHERE deleted_at IS NULL;

CREATE TABLE employees (
    id                 uuid PRIMARY KEY,
    employee_number    text NOT NULL,
    first_name         text NOT NULL,
    middle_name        text,
    last_name          text NOT NULL,
    preferred_name     text,
    work_email         text,
    personal_email     text,
    work_phone         text,
    personal_phone     text,
    birth_date         date,
    gender             text,
    marital_status     text,
    citizenship        text,
    address            text,
    city               text,
    region             text,
    postal_code        text,
    country_code       text,
    status             text NOT NULL,
    employment_type    text,
    hired_on           date NOT NULL,
    terminated_on      date,
    termination_kind   text,
    termination_reason text,
    department_id      uuid,
    designation_id     uuid,
    manager_id         uuid,
    custom             jsonb NOT NULL DEFAULT '{}',
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    deleted_at         timestamptz,
    location_id        uuid,
    working_time_fraction numeric(5,4),
    pay_grade          text,
    search_text        text GENERATED ALWAYS AS (lower(
        first_name || CASE WHEN first_name = '' THEN '' ELSE ' ' END || coalesce(middle_name || ' ', '') || last_name
        || ' | ' || last_name || ', ' || first_name
        || coalesce(' | ' || preferred_name, '') || ' | ' || employee_number || coalesce(' | ' || work_email, ''))) STORED,
    CONSTRAINT employees_department_id_fkey FOREIGN KEY (department_id) REFERENCES departments (id),
    CONSTRAINT employees_designation_id_fkey FOREIGN KEY (designation_id) REFERENCES designations (id),
    CONSTRAINT employees_manager_id_fkey FOREIGN KEY (manager_id) REFERENCES employees (id),
    CONSTRAINT employees_manager_not_self CHECK (manager_id <> id),
    CONSTRAINT employees_number_form CHECK (employee_number = btrim(employee_number) AND char_length(employee_number) BETWEEN 1 AND 50),
    CONSTRAINT employees_first_name_form CHECK (first_name = btrim(first_name) AND char_length(first_name) <= 100),
    CONSTRAINT employees_middle_name_form CHECK (middle_name = btrim(middle_name) AND char_length(middle_name) BETWEEN 1 AND 100),
    CONSTRAINT employees_last_name_form CHECK (last_name = btrim(last_name) AND char_length(last_name) BETWEEN 1 AND 100),
    CONSTRAINT employees_preferred_name_form CHECK (preferred_name = btrim(preferred_name) AND char_length(preferred_name) BETWEEN 1 AND 100),
    CONSTRAINT employees_work_email_form CHECK (work_email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND char_length(work_email) <= 254),
    CONSTRAINT employees_personal_email_form CHECK (personal_email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND char_length(personal_email) <= 254),
    CONSTRAINT employees_phone_length CHECK (char_length(work_phone) <= 50 AND char_length(personal_phone) <= 50),
    CONSTRAINT employees_birth_date_range CHECK (birth_date >= DATE '1900-01-01' AND birth_date < hired_on),
    CONSTRAINT employees_gender_known CHECK (gender IN ('female', 'male', 'non_binary', 'other', 'undisclosed')),
    CONSTRAINT employees_marital_status_known CHECK (marital_status IN ('single', 'married', 'partnership', 'separated', 'divorced', 'widowed')),
    CONSTRAINT employees_citizenship_length CHECK (char_length(citizenship) <= 100),
    CONSTRAINT employees_address_length CHECK (char_length(address) <= 500 AND char_length(city) <= 100),
    CONSTRAINT employees_region_length CHECK (char_length(region) <= 100 AND char_length(postal_code) <= 20),
    CONSTRAINT employees_country_code_form CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT employees_status_known CHECK (status IN ('pending', 'active', 'on_leave', 'suspended', 'terminated')),
    CONSTRAINT employees_employment_type_known CHECK (employment_type IN ('full_time', 'part_time', 'fixed_term', 'temporary', 'contractor', 'intern', 'apprentice')),
    CONSTRAINT employees_hired_on_range CHECK (hired_on BETWEEN DATE '1900-01-01' AND DATE '2199-12-31'),
    CONSTRAINT employees_terminated_on_range CHECK (terminated_on BETWEEN hired_on AND DATE '2199-12-31'),
    CONSTRAINT employees_termination_kind_known CHECK (termination_kind IN ('voluntary', 'involuntary', 'other')),
    CONSTRAINT employees_termination_reason_length CHECK (char_length(termination_reason) <= 500),
    CONSTRAINT employees_terminated_has_date CHECK (status <> 'terminated' OR terminated_on IS NOT NULL),
    CONSTRAINT employees_termination_has_date CHECK (terminated_on IS NOT NULL OR (termination_kind IS NULL AND termination_reason IS NULL)),
    CONSTRAINT employees_custom_object CHECK (jsonb_typeof(custom) = 'object'),
    CONSTRAINT employees_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations (id),
    CONSTRAINT employees_working_time_range CHECK (working_time_fraction > 0 AND working_time_fraction <= 1),
    CONSTRAINT employees_pay_grade_form CHECK (pay_grade = btrim(pay_grade) AND char_length(pay_grade) BETWEEN 1 AND 20)
);
CREATE UNIQUE INDEX employees_number_key ON employees (lower(employee_number)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX employees_work_email_key ON employees (lower(work_email)) WHERE deleted_at IS NULL;
CREATE INDEX employees_name_idx ON employees (last_name, first_name, id) WHERE deleted_at IS NULL;
CREATE INDEX employees_department_name_idx ON employees (department_id, last_name, first_name, id) WHERE deleted_at IS NULL;
CREATE INDEX employees_status_name_idx ON employees (status, last_name, first_name, id) WHERE deleted_at IS NULL;
CREATE INDEX employees_designation_id_idx ON employees (designation_id);
CREATE INDEX employees_manager_id_idx ON employees (manager_id);
CREATE INDEX employees_location_id_idx ON employees (location_id);
CREATE INDEX employees_search_idx ON employees USING gin (search_text public.gin_trgm_ops) WHERE deleted_at IS NULL;
CREATE INDEX employees_hired_on_idx ON employees (hired_on, id) WHERE deleted_at IS NULL;
CREATE INDEX employees_starting_idx ON employees (hired_on) WHERE status = 'pending' AND deleted_at IS NULL;
CREATE INDEX employees_leaving_idx ON employees (terminated_on) WHERE status <> 'terminated' AND deleted_at IS NULL;
CREATE INDEX employees_employment_type_name_idx ON employees (employment_type, last_name, first_name, id) WHERE deleted_at IS NULL;
CREATE INDEX employees_deleted_idx ON employees (last_name, first_name, id) WHERE deleted_at IS NOT NULL;
ALTER TABLE departments ADD CONSTRAINT departments_head_id_fkey FOREIGN KEY (head_id) REFERENCES employees (id);

-- Users and what they may do -----------------------------------------------------------------------------------------

CREATE TABLE users (
    id                  uuid PRIMARY KEY,
    email               text NOT NULL,
    display_name        text NOT NULL,
    status              text NOT NULL DEFAULT 'active',
    employee_id         uuid,
    password_hash       text,
    password_changed_at timestamptz,
    last_signed_in_at   timestamptz,
    version             integer NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    deleted_at          timestamptz,
    CONSTRAINT users_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT users_email_form CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND char_length(email) <= 254),
    CONSTRAINT users_display_name_form CHECK (display_name = btrim(display_name) AND char_length(display_name) BETWEEN 1 AND 200),
    CONSTRAINT users_status_known CHECK (status IN ('active', 'suspended')),
    CONSTRAINT users_password_hash_form CHECK (password_hash LIKE '$argon2id$%')
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_employee_id_key ON users (employee_id) WHERE deleted_at IS NULL;
CREATE INDEX users_search_idx ON users USING gin (lower(display_name) public.gin_trgm_ops, lower(email) public.gin_trgm_ops)
    WHERE deleted_at IS NULL;
CREATE INDEX users_status_email_idx ON users (status, lower(email)) WHERE deleted_at IS NULL;

CREATE TABLE roles (
    id          uuid PRIMARY KEY,
    key         text NOT NULL,
    name        text NOT NULL,
    description text,
    built_in    boolean NOT NULL DEFAULT false,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    deleted_at  timestamptz,
    CONSTRAINT roles_key_form CHECK (key ~ '^[a-z][a-z0-9_]{1,62}$'),
    CONSTRAINT roles_name_form CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT roles_description_length CHECK (char_length(description) <= 1000),
    CONSTRAINT roles_built_in_stays CHECK (NOT built_in OR deleted_at IS NULL)
);
CREATE UNIQUE INDEX roles_key_key ON roles (key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX roles_name_key ON roles (lower(name)) WHERE deleted_at IS NULL;

CREATE TABLE role_permissions (
    role_id    uuid NOT NULL,
    permission text NOT NULL,
    scope      text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (role_id, permission, scope),
    CONSTRAINT role_permissions_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE,
    CONSTRAINT role_permissions_permission_form CHECK (permission ~ '^[a-z][a-z_]*([.][a-z][a-z_]*)+$' AND char_length(permission) <= 100),
    CONSTRAINT role_permissions_scope_known CHECK (scope IN ('self', 'reports', 'department', 'all'))
);

CREATE TABLE user_roles (
    user_id    uuid NOT NULL,
    role_id    uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, role_id),
    CONSTRAINT user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE
);
CREATE INDEX user_roles_role_id_idx ON user_roles (role_id);

CREATE TABLE api_tokens (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL,
    name         text NOT NULL,
    token_hash   bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    permissions  text[],
    made_by      uuid,
    CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT api_tokens_name_form CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT api_tokens_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT api_tokens_expires_later CHECK (expires_at > created_at),
    CONSTRAINT api_tokens_made_by_fkey FOREIGN KEY (made_by) REFERENCES api_tokens (id)
);
CREATE UNIQUE INDEX api_tokens_token_hash_key ON api_tokens (token_hash);
CREATE INDEX api_tokens_user_id_idx ON api_tokens (user_id);
CREATE INDEX api_tokens_made_by_idx ON api_tokens (made_by) WHERE made_by IS NOT NULL;

-- Pay ----------------------------------------------------------------------------------------------------------------

CREATE TABLE salary_structures (
    id             uuid PRIMARY KEY,
    name           text NOT NULL,
    description    text,
    currency       text NOT NULL,
    pay_frequency  text NOT NULL,
    proration      text NOT NULL DEFAULT 'calendar_days',
    status         text NOT NULL DEFAULT 'draft',
    effective_from date NOT NULL,
    effective_to   date,
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    deleted_at     timestamptz,
    CONSTRAINT salary_structures_name_form CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT salary_structures_description_length CHECK (char_length(description) <= 10000),
    CONSTRAINT salary_structures_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT salary_structures_pay_frequency_known CHECK (pay_frequency IN ('monthly', 'semi_monthly', 'biweekly', 'weekly', 'daily')),
    CONSTRAINT salary_structures_proration_known CHECK (proration IN ('calendar_days', 'working_days', 'thirty_days')),
    CONSTRAINT salary_structures_status_known CHECK (status IN ('draft', 'active', 'retired')),
    CONSTRAINT salary_structures_effective_range CHECK (effective_from BETWEEN DATE '1900-01-01' AND DATE '2199-12-31' AND effective_to BETWEEN effective_from AND DATE '2199-12-31')
);
CREATE UNIQUE INDEX salary_structures_name_key ON salary_structures (lower(name)) WHERE deleted_at IS NULL;

CREATE TABLE salary_assignments (
    id                  uuid PRIMARY KEY,
    employee_id         uuid NOT NULL,
    effective_from      date NOT NULL,
    base                numeric(19,4) NOT NULL,
    currency            text NOT NULL,
    pay_period          text NOT NULL,
    salary_structure_id uuid,
    reason              text,
    version             integer NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    deleted_at          timestamptz,
    CONSTRAINT salary_assignments_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT salary_assignments_structure_id_fkey FOREIGN KEY (salary_structure_id) REFERENCES salary_structures (id),
    CONSTRAINT salary_assignments_effective_from_range CHECK (effective_from BETWEEN DATE '1900-01-01' AND DATE '2199-12-31'),
    CONSTRAINT salary_assignments_base_range CHECK (base >= 0 AND base < 1e15),
    CONSTRAINT salary_assignments_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT salary_assignments_pay_period_known CHECK (pay_period IN ('year', 'month', 'week', 'day', 'hour')),
    CONSTRAINT salary_assignments_reason_length CHECK (char_length(reason) <= 500)
);
CREATE UNIQUE INDEX salary_assignments_effective_key ON salary_assignments (employee_id, effective_from) WHERE deleted_at IS NULL;
CREATE INDEX salary_assignments_structure_id_idx ON salary_assignments (salary_structure_id);

CREATE TABLE payroll_runs (
    id            uuid PRIMARY KEY,
    name          text NOT NULL,
    kind          text NOT NULL DEFAULT 'regular',
    status        text NOT NULL DEFAULT 'draft',
    currency      text NOT NULL,
    pay_frequency text NOT NULL,
    period_start  date NOT NULL,
    period_end    date NOT NULL,
    pay_on        date NOT NULL,
    selection     jsonb NOT NULL DEFAULT '{}',
    error         text,
    prepared_by   uuid,
    approved_by   uuid,
    approved_at   timestamptz,
    locked_at     timestamptz,
    paid_at       timestamptz,
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    deleted_at    timestamptz,
    CONSTRAINT payroll_runs_prepared_by_fkey FOREIGN KEY (prepared_by) REFERENCES users (id),
    CONSTRAINT payroll_runs_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES users (id),
    CONSTRAINT payroll_runs_name_form CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT payroll_runs_kind_known CHECK (kind IN ('regular', 'off_cycle', 'adjustment')),
    CONSTRAINT payroll_runs_status_known CHECK (status IN ('draft', 'calculating', 'calculated', 'under_review', 'approved', 'locked', 'paid', 'closed', 'cancelled')),
    CONSTRAINT payroll_runs_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT payroll_runs_pay_frequency_known CHECK (pay_frequency IN ('monthly', 'semi_monthly', 'biweekly', 'weekly', 'daily')),
    CONSTRAINT payroll_runs_period_range CHECK (period_start >= DATE '1900-01-01' AND period_end BETWEEN period_start AND DATE '2199-12-31'),
    CONSTRAINT payroll_runs_pay_on_range CHECK (pay_on BETWEEN DATE '1900-01-01' AND DATE '2199-12-31'),
    CONSTRAINT payroll_runs_selection_object CHECK (jsonb_typeof(selection) = 'object'),
    CONSTRAINT payroll_runs_approval_whole CHECK ((approved_at IS NULL) = (approved_by IS NULL)),
    CONSTRAINT payroll_runs_approved_first CHECK (status NOT IN ('approved', 'locked', 'paid', 'closed') OR approved_at IS NOT NULL),
    CONSTRAINT payroll_runs_locked_first CHECK (status NOT IN ('locked', 'paid', 'closed') OR locked_at IS NOT NULL),
    CONSTRAINT payroll_runs_paid_first CHECK (status NOT IN ('paid', 'closed') OR paid_at IS NOT NULL),
    CONSTRAINT payroll_runs_approved_stays CHECK (deleted_at IS NULL OR approved_at IS NULL)
);
CREATE INDEX payroll_runs_period_idx ON payroll_runs (period_start, id) WHERE deleted_at IS NULL;
CREATE INDEX payroll_runs_status_idx ON payroll_runs (status, period_start, id) WHERE deleted_at IS NULL;
CREATE INDEX payroll_runs_prepared_by_idx ON payroll_runs (prepared_by);
CREATE INDEX payroll_runs_approved_by_idx ON payroll_runs (approved_by);

CREATE TABLE payslips (
    id                  uuid PRIMARY KEY,
    payroll_run_id      uuid NOT NULL,
    employee_id         uuid NOT NULL,
    salary_structure_id uuid,
    kind                text NOT NULL DEFAULT 'regular',
    adjusts_id          uuid,
    status              text NOT NULL,
    error               text,
    period_start        date NOT NULL,
    period_end          date NOT NULL,
    currency            text NOT NULL,
    total_days          numeric(7,4) NOT NULL DEFAULT 0,
    payment_days        numeric(7,4) NOT NULL DEFAULT 0,
    gross               numeric(19,4) NOT NULL DEFAULT 0,
    deductions          numeric(19,4) NOT NULL DEFAULT 0,
    net                 numeric(19,4) NOT NULL DEFAULT 0,
    employer_cost       numeric(19,4) NOT NULL DEFAULT 0,
    inputs              jsonb NOT NULL DEFAULT '{}',
    version             integer NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    deleted_at          timestamptz,
    CONSTRAINT payslips_payroll_run_id_fkey FOREIGN KEY (payroll_run_id) REFERENCES payroll_runs (id),
    CONSTRAINT payslips_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT payslips_salary_structure_id_fkey FOREIGN KEY (salary_structure_id) REFERENCES salary_structures (id),
    CONSTRAINT payslips_adjusts_id_fkey FOREIGN KEY (adjusts_id) REFERENCES payslips (id),
    CONSTRAINT payslips_adjusts_not_self CHECK (adjusts_id <> id),
    CONSTRAINT payslips_kind_known CHECK (kind IN ('regular', 'off_cycle', 'adjustment')),
    CONSTRAINT payslips_adjustment_names_slip CHECK ((kind = 'adjustment') = (adjusts_id IS NOT NULL)),
    CONSTRAINT payslips_status_known CHECK (status IN ('failed', 'calculated', 'approved', 'withheld', 'paid', 'cancelled')),
    CONSTRAINT payslips_error_when_failed CHECK ((status = 'failed') = (error IS NOT NULL)),
    CONSTRAINT payslips_period_range CHECK (period_start >= DATE '1900-01-01' AND period_end BETWEEN period_start AND DATE '2199-12-31'),
    CONSTRAINT payslips_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT payslips_days_range CHECK (total_days BETWEEN 0 AND 366 AND payment_days BETWEEN 0 AND total_days),
    CONSTRAINT payslips_amounts_range CHECK (abs(gross) < 1e15 AND abs(deductions) < 1e15 AND abs(employer_cost) < 1e15),
    CONSTRAINT payslips_net_adds_up CHECK (net = gross - deductions),
    CONSTRAINT payslips_net_not_negative CHECK (net >= 0 OR kind = 'adjustment' OR status = 'failed'),
    CONSTRAINT payslips_inputs_object CHECK (jsonb_typeof(inputs) = 'object'),
    CONSTRAINT payslips_approved_stays CHECK (deleted_at IS NULL OR status IN ('failed', 'calculated'))
);
CREATE UNIQUE INDEX payslips_run_employee_key ON payslips (payroll_run_id, employee_id, adjusts_id) NULLS NOT DISTINCT WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX payslips_regular_key ON payslips (employee_id, period_start) WHERE kind = 'regular' AND status NOT IN ('failed', 'cancelled') AND deleted_at IS NULL;
CREATE INDEX payslips_employee_period_idx ON payslips (employee_id, period_end, id);
CREATE INDEX payslips_salary_structure_id_idx ON payslips (salary_structure_id);
CREATE INDEX payslips_adjusts_id_idx ON payslips (adjusts_id);

-- Leave --------------------------------------------------------------------------------------------------------------

CREATE TABLE leave_types (
    id                        uuid PRIMARY KEY,
    name                      text NOT NULL,
    code                      text,
    description               text,
    status                    text NOT NULL DEFAULT 'active',
    unit                      text NOT NULL DEFAULT 'day',
    smallest_request          text NOT NULL DEFAULT 'half_day',
    pay_fraction              numeric(5,4) NOT NULL DEFAULT 1,
    requires_allocation       boolean NOT NULL DEFAULT true,
    overdraft                 numeric(9,4) NOT NULL DEFAULT 0,
    non_working_days          text NOT NULL DEFAULT 'excluded',
    waiting_days              integer NOT NULL DEFAULT 0,
    notice_days               integer NOT NULL DEFAULT 0,
    max_consecutive_days      integer,
    max_balance               numeric(9,4),
    document_after_days       integer,
    carry_forward_max         numeric(9,4) DEFAULT 0,
    carry_forward_expiry_days integer,
    encashment_max            numeric(9,4) NOT NULL DEFAULT 0,
    is_compensatory           boolean NOT NULL DEFAULT false,
    is_optional_holiday       boolean NOT NULL DEFAULT false,
    version                   integer NOT NULL DEFAULT 1,
    created_at                timestamptz NOT NULL,
    updated_at                timestamptz NOT NULL,
    deleted_at                timestamptz,
    CONSTRAINT leave_types_name_form CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT leave_types_code_form CHECK (code = btrim(code) AND char_length(code) BETWEEN 1 AND 20),
    CONSTRAINT leave_types_description_length CHECK (char_length(description) <= 10000),
    CONSTRAINT leave_types_status_known CHECK (status IN ('active', 'retired')),
    CONSTRAINT leave_types_unit_known CHECK (unit IN ('day', 'hour')),
    CONSTRAINT leave_types_smallest_request_known CHECK (smallest_request IN ('day', 'half_day', 'hour')),
    CONSTRAINT leave_types_pay_fraction_range CHECK (pay_fraction BETWEEN 0 AND 1),
    CONSTRAINT leave_types_non_working_days_known CHECK (non_working_days IN ('excluded', 'included', 'sandwiched', 'sandwiched_weekends', 'sandwiched_holidays')),
    CONSTRAINT leave_types_days_range CHECK (waiting_days BETWEEN 0 AND 3660 AND notice_days BETWEEN 0 AND 366),
    CONSTRAINT leave_types_max_consecutive_days_range CHECK (max_consecutive_days BETWEEN 1 AND 3660),
    CONSTRAINT leave_types_document_after_days_range CHECK (document_after_days BETWEEN 0 AND 3660),
    CONSTRAINT leave_types_expiry_days_range CHECK (carry_forward_expiry_days BETWEEN 1 AND 3660),
    CONSTRAINT leave_types_overdraft_range CHECK (overdraft BETWEEN 0 AND 99999),
    CONSTRAINT leave_types_max_balance_range CHECK (max_balance BETWEEN 0 AND 99999),
    CONSTRAINT leave_types_carry_forward_max_range CHECK (carry_forward_max BETWEEN 0 AND 99999),
    CONSTRAINT leave_types_encashment_max_range CHECK (encashment_max BETWEEN 0 AND 99999)
);
CREATE UNIQUE INDEX leave_types_name_key ON leave_types (lower(name)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX leave_types_code_key ON leave_types (lower(code)) WHERE deleted_at IS NULL;

CREATE TABLE leave_requests (
    id             uuid PRIMARY KEY,
    employee_id    uuid NOT NULL,
    leave_type_id  uuid NOT NULL,
    status         text NOT NULL DEFAULT 'draft',
    starts_on      date NOT NULL,
    ends_on        date NOT NULL,
    first_day_part text NOT NULL DEFAULT 'full',
    last_day_part  text NOT NULL DEFAULT 'full',
    starts_at      time,
    ends_at        time,
    amount         numeric(9,4),
    reason         text,
    submitted_at   timestamptz,
    decided_at     timestamptz,
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    deleted_at     timestamptz,
    CONSTRAINT leave_requests_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT leave_requests_leave_type_id_fkey FOREIGN KEY (leave_type_id) REFERENCES leave_types (id),
    CONSTRAINT leave_requests_status_known CHECK (status IN ('draft', 'pending', 'approved', 'rejected', 'withdrawn', 'cancellation_requested', 'cancelled', 'taken')),
    CONSTRAINT leave_requests_dates_range CHECK (starts_on >= DATE '1900-01-01' AND ends_on BETWEEN starts_on AND DATE '2199-12-31'),
    CONSTRAINT leave_requests_first_day_part_known CHECK (first_day_part IN ('full', 'morning', 'afternoon', 'timed')),
    CONSTRAINT leave_requests_last_day_part_known CHECK (last_day_part IN ('full', 'morning', 'afternoon', 'timed')),
    CONSTRAINT leave_requests_one_day_one_part CHECK (starts_on < ends_on OR first_day_part = last_day_part),
    CONSTRAINT leave_requests_timed_is_one_day CHECK (starts_on = ends_on OR (first_day_part <> 'timed' AND last_day_part <> 'timed')),
    CONSTRAINT leave_requests_timed_has_start CHECK ((first_day_part = 'timed') = (starts_at IS NOT NULL)),
    CONSTRAINT leave_requests_timed_has_end CHECK ((starts_at IS NULL) = (ends_at IS NULL)),
    CONSTRAINT leave_requests_times_order CHECK (starts_at < ends_at),
    CONSTRAINT leave_requests_amount_range CHECK (amount > 0 AND amount <= 99999),
    CONSTRAINT leave_requests_submitted_is_counted CHECK (status = 'draft' OR (submitted_at IS NOT NULL AND amount IS NOT NULL)),
    CONSTRAINT leave_requests_reason_length CHECK (char_length(reason) <= 4000),
    CONSTRAINT leave_requests_submitted_stays CHECK (deleted_at IS NULL OR status = 'draft')
);
CREATE INDEX leave_requests_employee_idx ON leave_requests (employee_id, starts_on, id) WHERE deleted_at IS NULL;
CREATE INDEX leave_requests_status_idx ON leave_requests (status, starts_on, id) WHERE deleted_at IS NULL;
CREATE INDEX leave_requests_calendar_idx ON leave_requests (starts_on, ends_on) WHERE status IN ('pending', 'approved', 'cancellation_requested', 'taken') AND deleted_at IS NULL;
CREATE INDEX leave_requests_leave_type_id_idx ON leave_requests (leave_type_id);

CREATE TABLE leave_ledger (
    id               uuid PRIMARY KEY,
    employee_id      uuid NOT NULL,
    leave_type_id    uuid NOT NULL,
    kind             text NOT NULL,
    amount           numeric(9,4) NOT NULL,
    effective_on     date NOT NULL,
    expires_on       date,
    credit_id        uuid,
    reverses_id      uuid,
    leave_request_id uuid,
    source           text,
    note             text,
    created_at       timestamptz NOT NULL,
    CONSTRAINT leave_ledger_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT leave_ledger_leave_type_id_fkey FOREIGN KEY (leave_type_id) REFERENCES leave_types (id),
    CONSTRAINT leave_ledger_credit_id_fkey FOREIGN KEY (credit_id) REFERENCES leave_ledger (id),
    CONSTRAINT leave_ledger_reverses_id_fkey FOREIGN KEY (reverses_id) REFERENCES leave_ledger (id),
    CONSTRAINT leave_ledger_leave_request_id_fkey FOREIGN KEY (leave_request_id) REFERENCES leave_requests (id),
    CONSTRAINT leave_ledger_kind_known CHECK (kind IN ('allocation', 'accrual', 'compensation', 'carry_forward', 'reservation', 'consumption', 'expiry', 'encashment', 'adjustment', 'reversal')),
    CONSTRAINT leave_ledger_amount_range CHECK (amount <> 0 AND abs(amount) <= 99999),
    CONSTRAINT leave_ledger_credits_add CHECK (kind NOT IN ('allocation', 'accrual', 'compensation') OR amount > 0),
    CONSTRAINT leave_ledger_debits_take CHECK (kind NOT IN ('reservation', 'consumption', 'expiry', 'encashment') OR amount < 0),
    CONSTRAINT leave_ledger_effective_on_range CHECK (effective_on BETWEEN DATE '1900-01-01' AND DATE '2199-12-31'),
    CONSTRAINT leave_ledger_expires_on_range CHECK (expires_on BETWEEN effective_on AND DATE '2199-12-31'),
    CONSTRAINT leave_ledger_expires_on_credit CHECK (expires_on IS NULL OR amount > 0),
    CONSTRAINT leave_ledger_draws_are_debits CHECK (credit_id IS NULL OR amount < 0 OR kind = 'reversal'),
    CONSTRAINT leave_ledger_no_self_reference CHECK (credit_id <> id AND reverses_id <> id),
    CONSTRAINT leave_ledger_reversal_names_entry CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL)),
    CONSTRAINT leave_ledger_leave_names_request CHECK (kind NOT IN ('reservation', 'consumption') OR leave_request_id IS NOT NULL),
    CONSTRAINT leave_ledger_source_length CHECK (char_length(source) BETWEEN 1 AND 200),
    CONSTRAINT leave_ledger_note_length CHECK (char_length(note) <= 1000)
);
CREATE INDEX leave_ledger_balance_idx ON leave_ledger (employee_id, leave_type_id, effective_on);
CREATE UNIQUE INDEX leave_ledger_source_key ON leave_ledger (employee_id, leave_type_id, source) WHERE source IS NOT NULL;
CREATE UNIQUE INDEX leave_ledger_reverses_id_key ON leave_ledger (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX leave_ledger_credit_id_idx ON leave_ledger (credit_id) WHERE credit_id IS NOT NULL;
CREATE INDEX leave_ledger_leave_request_id_idx ON leave_ledger (leave_request_id);
CREATE INDEX leave_ledger_leave_type_id_idx ON leave_ledger (leave_type_id);
CREATE INDEX leave_ledger_expires_on_idx ON leave_ledger (expires_on) WHERE expires_on IS NOT NULL;

-- Approvals ----------------------------------------------------------------------------------------------------------

CREATE TABLE approval_workflows (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    subject    text NOT NULL,
    status     text NOT NULL DEFAULT 'draft',
    priority   integer NOT NULL DEFAULT 100,
    conditions jsonb NOT NULL DEFAULT '[]',
    steps      jsonb NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT approval_workflows_name_form CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT approval_workflows_subject_known CHECK (subject IN ('leave_request', 'leave_cancellation', 'leave_encashment', 'payroll_run', 'salary_change', 'employee_change', 'document', 'appraisal')),
    CONSTRAINT approval_workflows_status_known CHECK (status IN ('draft', 'active', 'retired')),
    CONSTRAINT approval_workflows_priority_range CHECK (priority BETWEEN 0 AND 10000),
    CONSTRAINT approval_workflows_conditions_list CHECK (jsonb_typeof(conditions) = 'array'),
    CONSTRAINT approval_workflows_steps_list CHECK (CASE jsonb_typeof(steps) WHEN 'array' THEN jsonb_array_length(steps) BETWEEN 1 AND 20 ELSE false END)
);
CREATE UNIQUE INDEX approval_workflows_name_key ON approval_workflows (lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX approval_workflows_subject_idx ON approval_workflows (subject, priority) WHERE status = 'active' AND deleted_at IS NULL;

CREATE TABLE approval_requests (
    id           uuid PRIMARY KEY,
    workflow_id  uuid,
    subject      text NOT NULL,
    subject_id   uuid NOT NULL,
    requester_id uuid NOT NULL,
    employee_id  uuid,
    status       text NOT NULL DEFAULT 'pending',
    steps        jsonb NOT NULL,
    current_step integer NOT NULL DEFAULT 0,
    submitted_at timestamptz NOT NULL,
    due_at       timestamptz,
    decided_at   timestamptz,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT approval_requests_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES approval_workflows (id),
    CONSTRAINT approval_requests_requester_id_fkey FOREIGN KEY (requester_id) REFERENCES users (id),
    CONSTRAINT approval_requests_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT approval_requests_subject_known CHECK (subject IN ('leave_request', 'leave_cancellation', 'leave_encashment', 'payroll_run', 'salary_change', 'employee_change', 'document', 'appraisal')),
    CONSTRAINT approval_requests_status_known CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn', 'cancelled', 'expired')),
    CONSTRAINT approval_requests_decided_has_time CHECK ((status = 'pending') = (decided_at IS NULL)),
    CONSTRAINT approval_requests_steps_list CHECK (CASE jsonb_typeof(steps) WHEN 'array' THEN jsonb_array_length(steps) BETWEEN 1 AND 20 ELSE false END),
    CONSTRAINT approval_requests_current_step_range CHECK (current_step BETWEEN 0 AND 20)
);
CREATE UNIQUE INDEX approval_requests_open_key ON approval_requests (subject, subject_id) WHERE status = 'pending';
CREATE INDEX approval_requests_subject_id_idx ON approval_requests (subject_id);
CREATE INDEX approval_requests_status_idx ON approval_requests (status, submitted_at, id);
CREATE INDEX approval_requests_due_at_idx ON approval_requests (due_at) WHERE status = 'pending';
CREATE INDEX approval_requests_requester_idx ON approval_requests (requester_id, submitted_at, id);
CREATE INDEX approval_requests_employee_id_idx ON approval_requests (employee_id);
CREATE INDEX approval_requests_workflow_id_idx ON approval_requests (workflow_id);

-- Record -------------------------------------------------------------------------------------------------------------

CREATE TABLE audit_log (
    id             uuid PRIMARY KEY,
    actor_kind     text NOT NULL,
    actor_id       uuid,
    actor          text NOT NULL,
    action         text NOT NULL,
    entity         text NOT NULL,
    entity_id      uuid,
    before         jsonb,
    after          jsonb,
    request_id     text,
    created_at     timestamptz NOT NULL,
    CONSTRAINT audit_log_actor_kind_known CHECK (actor_kind IN ('user', 'operator', 'system')),
    CONSTRAINT audit_log_user_has_id CHECK (actor_kind <> 'user' OR actor_id IS NOT NULL),
    CONSTRAINT audit_log_actor_length CHECK (char_length(actor) BETWEEN 1 AND 300),
    CONSTRAINT audit_log_action_form CHECK (action ~ '^[a-z][a-z_]*([.][a-z][a-z_]*)+$' AND char_length(action) <= 100),
    CONSTRAINT audit_log_entity_form CHECK (entity ~ '^[a-z][a-z_]{0,62}$'),
    CONSTRAINT audit_log_request_id_length CHECK (char_length(request_id) <= 200)
);
CREATE INDEX audit_log_created_at_idx ON audit_log (created_at, id);
CREATE INDEX audit_log_entity_idx ON audit_log (entity, created_at, id);
CREATE INDEX audit_log_entity_id_idx ON audit_log (entity_id, created_at, id);
CREATE INDEX audit_log_actor_idx ON audit_log (actor_id, created_at, id);
CREATE INDEX audit_log_action_idx ON audit_log (action, created_at, id);
CREATE INDEX audit_log_request_idx ON audit_log (request_id, created_at, id);

CREATE TABLE settings (
    key        text NOT NULL,
    version    integer NOT NULL,
    value      jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (key, version),
    CONSTRAINT settings_key_form CHECK (key ~ '^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*$' AND char_length(key) <= 100),
    CONSTRAINT settings_version_range CHECK (version > 0)
);

-- Import -------------------------------------------------------------------------------------------------------------

CREATE UNLOGGED TABLE employee_import_rows (
    line               integer PRIMARY KEY,
    employee_id        uuid NOT NULL,
    audit_id           uuid NOT NULL,
    salary_id          uuid NOT NULL,
    salary_audit_id    uuid NOT NULL,
    employee_number    text NOT NULL,
    first_name         text NOT NULL,
    middle_name        text,
    last_name          text NOT NULL,
    work_email         text,
    personal_email     text,
    work_phone         text,
    birth_date         date,
    gender             text,
    marital_status     text,
    citizenship        text,
    region             text,
    postal_code        text,
    country_code       text,
    status             text NOT NULL,
    employment_type    text,
    hired_on           date NOT NULL,
    terminated_on      date,
    termination_kind   text,
    termination_reason text,
    custom             jsonb NOT NULL,
    department         text,
    designation        text,
    manager_number     text,
    salary_base        numeric(19,4),
    salary_currency    text,
    salary_pay_period  text,
    salary_as_of       date NOT NULL,
    salary_from        date,
    department_id      uuid,
    designation_id     uuid,
    manager_id         uuid,
    before             jsonb,
    after              jsonb
);

-- People over time and what is kept of them ------------------------------------------------------------------------------

CREATE TABLE employment_periods (
    id                 uuid PRIMARY KEY,
    employee_id        uuid NOT NULL,
    hired_on           date NOT NULL,
    terminated_on      date,
    termination_kind   text,
    termination_reason text,
    created_at         timestamptz NOT NULL,
    deleted_at         timestamptz,
    CONSTRAINT employment_periods_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT employment_periods_hired_on_range CHECK (hired_on BETWEEN DATE '1900-01-01' AND DATE '2199-12-31'),
    CONSTRAINT employment_periods_terminated_on_range CHECK (terminated_on BETWEEN hired_on AND DATE '2199-12-31'),
    CONSTRAINT employment_periods_termination_kind_known CHECK (termination_kind IN ('voluntary', 'involuntary', 'other')),
    CONSTRAINT employment_periods_termination_reason_length CHECK (char_length(termination_reason) <= 500),
    CONSTRAINT employment_periods_termination_has_date CHECK (terminated_on IS NOT NULL OR (termination_kind IS NULL AND termination_reason IS NULL))
);
CREATE UNIQUE INDEX employment_periods_hired_on_key ON employment_periods (employee_id, hired_on) WHERE deleted_at IS NULL;
CREATE INDEX employment_periods_employee_id_idx ON employment_periods (employee_id, created_at);
CREATE INDEX employment_periods_day_idx ON employment_periods (hired_on, employee_id) WHERE deleted_at IS NULL;

CREATE TABLE job_assignments (
    id                    uuid PRIMARY KEY,
    employee_id           uuid NOT NULL,
    effective_from        date NOT NULL,
    department_id         uuid,
    designation_id        uuid,
    manager_id            uuid,
    location_id           uuid,
    employment_type       text,
    working_time_fraction numeric(5,4),
    pay_grade             text,
    changed               text[] NOT NULL DEFAULT '{}',
    reason                text,
    applied_at            timestamptz,
    created_at            timestamptz NOT NULL,
    deleted_at            timestamptz,
    CONSTRAINT job_assignments_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT job_assignments_department_id_fkey FOREIGN KEY (department_id) REFERENCES departments (id),
    CONSTRAINT job_assignments_designation_id_fkey FOREIGN KEY (designation_id) REFERENCES designations (id),
    CONSTRAINT job_assignments_manager_id_fkey FOREIGN KEY (manager_id) REFERENCES employees (id),
    CONSTRAINT job_assignments_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations (id),
    CONSTRAINT job_assignments_manager_not_self CHECK (manager_id <> employee_id),
    CONSTRAINT job_assignments_effective_from_range CHECK (effective_from BETWEEN DATE '1900-01-01' AND DATE '2199-12-31'),
    CONSTRAINT job_assignments_employment_type_known CHECK (employment_type IN ('full_time', 'part_time', 'fixed_term', 'temporary', 'contractor', 'intern', 'apprentice')),
    CONSTRAINT job_assignments_working_time_range CHECK (working_time_fraction > 0 AND working_time_fraction <= 1),
    CONSTRAINT job_assignments_pay_grade_form CHECK (pay_grade = btrim(pay_grade) AND char_length(pay_grade) BETWEEN 1 AND 20),
    CONSTRAINT job_assignments_changed_known CHECK (changed <@ ARRAY['department_id', 'designation_id', 'manager_id', 'location_id', 'employment_type', 'working_time_fraction', 'pay_grade']),
    CONSTRAINT job_assignments_reason_length CHECK (char_length(reason) <= 500)
);
CREATE UNIQUE INDEX job_assignments_effective_key ON job_assignments (employee_id, effective_from) WHERE deleted_at IS NULL;
CREATE INDEX job_assignments_employee_id_idx ON job_assignments (employee_id, created_at);
CREATE INDEX job_assignments_department_id_idx ON job_assignments (department_id);
CREATE INDEX job_assignments_designation_id_idx ON job_assignments (designation_id);
CREATE INDEX job_assignments_manager_id_idx ON job_assignments (manager_id);
CREATE INDEX job_assignments_location_id_idx ON job_assignments (location_id);
CREATE INDEX job_assignments_due_idx ON job_assignments (effective_from) WHERE applied_at IS NULL AND deleted_at IS NULL;

CREATE TABLE number_sequences (
    key        text PRIMARY KEY,
    pattern    text NOT NULL,
    next_value bigint NOT NULL DEFAULT 1,
    version    integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    CONSTRAINT number_sequences_key_known CHECK (key IN ('employee_number')),
    CONSTRAINT number_sequences_pattern_length CHECK (char_length(pattern) BETWEEN 3 AND 40),
    CONSTRAINT number_sequences_next_value_range CHECK (next_value BETWEEN 1 AND 999999999999)
);

CREATE TABLE custom_fields (
    id         uuid PRIMARY KEY,
    entity     text NOT NULL,
    key        text NOT NULL,
    label      text NOT NULL,
    kind       text NOT NULL,
    required   boolean NOT NULL DEFAULT false,
    choices    jsonb NOT NULL DEFAULT '[]',
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
    account_number text NOT NULL,
    bank_code      text,
    bank_name      text,
    currency       text,
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

-- Sign-in ------------------------------------------------------------------------------------------------------------

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL,
    token_hash   bytea NOT NULL,
    address      text,
    user_agent   text,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT sessions_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT sessions_address_length CHECK (char_length(address) <= 64),
    CONSTRAINT sessions_user_agent_length CHECK (char_length(user_agent) <= 300),
    CONSTRAINT sessions_expires_later CHECK (expires_at > created_at)
);
CREATE UNIQUE INDEX sessions_token_hash_key ON sessions (token_hash);
CREATE INDEX sessions_user_id_idx ON sessions (user_id, id);

CREATE TABLE password_resets (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT password_resets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT password_resets_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT password_resets_expires_later CHECK (expires_at > created_at)
);
CREATE UNIQUE INDEX password_resets_token_hash_key ON password_resets (token_hash);
CREATE INDEX password_resets_user_id_idx ON password_resets (user_id);

CREATE TABLE sign_in_failures (
    subject       text PRIMARY KEY,
    failures      integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    blocked_until timestamptz,
    CONSTRAINT sign_in_failures_subject_length CHECK (char_length(subject) BETWEEN 1 AND 400),
    CONSTRAINT sign_in_failures_failures_range CHECK (failures > 0)
);
CREATE INDEX sign_in_failures_last_failed_at_idx ON sign_in_failures (last_failed_at);

-- The chain of the audit log, and first answers -----------------------------------------------------------------------

CREATE TABLE audit_chain (
    position     bigint PRIMARY KEY,
    entries      uuid[] NOT NULL,
    entry_hashes bytea[] NOT NULL,
    prev_hash    bytea NOT NULL,
    hash         bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT audit_chain_position_range CHECK (position > 0),
    CONSTRAINT audit_chain_entries_hashed CHECK (cardinality(entries) = cardinality(entry_hashes) AND cardinality(entries) > 0),
    CONSTRAINT audit_chain_hash_length CHECK (octet_length(hash) = 32 AND octet_length(prev_hash) = 32)
);

CREATE TABLE audit_head (
    only_one boolean PRIMARY KEY DEFAULT true,
    position bigint NOT NULL,
    hash     bytea NOT NULL,
    CONSTRAINT audit_head_only_one CHECK (only_one),
    CONSTRAINT audit_head_hash_length CHECK (octet_length(hash) = 32)
);
INSERT INTO audit_head (position, hash) VALUES (0, sha256(''));

CREATE TABLE first_answers (
    user_id     uuid NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    answer      jsonb,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, key),
    CONSTRAINT first_answers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT first_answers_key_length CHECK (char_length(key) BETWEEN 1 AND 255),
    CONSTRAINT first_answers_fingerprint_length CHECK (octet_length(fingerprint) = 32)
);
CREATE INDEX first_answers_created_at_idx ON first_answers (created_at);

-- The stamps of what is cached ---------------------------------------------------------------------------------------

CREATE TABLE cache_stamps (
    area  text PRIMARY KEY,
    stamp uuid NOT NULL,
    CONSTRAINT cache_stamps_area_form CHECK (area ~ '^[a-z_]{1,50}$')
);
INSERT INTO cache_stamps (area, stamp) VALUES ('organisation', gen_random_uuid()), ('people', gen_random_uuid());

-- Documents -----------------------------------------------------------------------------------------------------------

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

-- What people are to be told by mail, written by the transaction that is the cause of it. When it is sent, public.mail_queue says.
CREATE TABLE outbox (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    -- What it is about, and on which occasion: nobody is told the same twice.
    subject_id  uuid NOT NULL,
    occasion    text NOT NULL,
    -- To whom. The address is looked up when it is sent.
    user_id     uuid,
    employee_id uuid,
    -- What the text needs. No secret is in here.
    facts       jsonb NOT NULL,
    state       text NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    error       text,
    created_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    ended_at    timestamptz,
    CONSTRAINT outbox_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT outbox_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employees (id),
    CONSTRAINT outbox_occasion_length CHECK (char_length(occasion) BETWEEN 1 AND 100),
    CONSTRAINT outbox_state_known CHECK (state IN ('waiting', 'sent', 'dropped', 'failed')),
    CONSTRAINT outbox_ended_unless_waiting CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX outbox_cause_key ON outbox (kind, subject_id, occasion);
CREATE INDEX outbox_user_id_idx ON outbox (user_id);
CREATE INDEX outbox_employee_id_idx ON outbox (employee_id);
CREATE INDEX outbox_state_idx ON outbox (state, id);
-- They are kept for a time.
CREATE INDEX outbox_ended_at_idx ON outbox (ended_at);
