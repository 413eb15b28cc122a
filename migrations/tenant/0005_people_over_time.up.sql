-- Where people stand in the company, from a day on; when they were employed; and what makes a list of them quick.

-- Places of work.
CREATE TABLE locations (
    id           uuid PRIMARY KEY,
    name         text NOT NULL,
    code         text,
    address      text,
    city         text,
    region       text,
    postal_code  text,
    country_code text,
    -- IANA name, for example Europe/Berlin.
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

-- The list of departments is paged by name and id.
CREATE INDEX departments_name_idx ON departments (lower(name), id) WHERE deleted_at IS NULL;

-- The row of an employee shows today. What of it holds from a day on has its history in job_assignments and
-- employment_periods, and takes over what is due there by itself.
ALTER TABLE employees
    ADD COLUMN location_id uuid,
    -- Of full time: 0.5 is half a position.
    ADD COLUMN working_time_fraction numeric(5,4),
    ADD COLUMN pay_grade text,
    -- What a search by part of a name, number or mail address looks at.
    ADD COLUMN search_text text GENERATED ALWAYS AS (lower(
        first_name || CASE WHEN first_name = '' THEN '' ELSE ' ' END || coalesce(middle_name || ' ', '') || last_name
        || ' | ' || last_name || ', ' || first_name
        || coalesce(' | ' || preferred_name, '') || ' | ' || employee_number || coalesce(' | ' || work_email, ''))) STORED,
    ADD CONSTRAINT employees_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations (id),
    ADD CONSTRAINT employees_working_time_range CHECK (working_time_fraction > 0 AND working_time_fraction <= 1),
    ADD CONSTRAINT employees_pay_grade_form CHECK (pay_grade = btrim(pay_grade) AND char_length(pay_grade) BETWEEN 1 AND 20);
CREATE INDEX employees_location_id_idx ON employees (location_id);
CREATE INDEX employees_search_idx ON employees USING gin (search_text public.gin_trgm_ops) WHERE deleted_at IS NULL;
CREATE INDEX employees_hired_on_idx ON employees (hired_on, id) WHERE deleted_at IS NULL;
-- Who starts or leaves on a day that has come, and is not shown so yet.
CREATE INDEX employees_starting_idx ON employees (hired_on) WHERE status = 'pending' AND deleted_at IS NULL;
CREATE INDEX employees_leaving_idx ON employees (terminated_on) WHERE status <> 'terminated' AND deleted_at IS NULL;

-- One row for each time that a person was employed. A correction deletes the wrong row softly and adds the right one, so that
-- what was known at a time can be asked: the rows made by then and not deleted by then.
CREATE TABLE employment_periods (
    id                 uuid PRIMARY KEY,
    employee_id        uuid NOT NULL,
    hired_on           date NOT NULL,
    -- The last day of employment; none while it has no end.
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

-- Where a person stands in the company from a day on until the next row's day. Corrections as in employment_periods.
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
    -- What the row changed. All else is as in the row before, and follows it when that one is corrected.
    changed               text[] NOT NULL DEFAULT '{}',
    reason                text,
    -- When the row of the employee took it over; none while its day lies ahead.
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
-- What takes effect next. Nearly always empty where it is asked, which is once in every request.
CREATE INDEX job_assignments_due_idx ON job_assignments (effective_from) WHERE applied_at IS NULL AND deleted_at IS NULL;

-- The people who are there already, also those who were deleted: they may be restored. An employee's own id is not in use as a
-- key of these tables.
INSERT INTO employment_periods (id, employee_id, hired_on, terminated_on, termination_kind, termination_reason, created_at)
SELECT id, id, hired_on, terminated_on, termination_kind, termination_reason, created_at FROM employees;
INSERT INTO job_assignments (id, employee_id, effective_from, department_id, designation_id, manager_id, employment_type, changed, applied_at, created_at)
SELECT id, id, hired_on, department_id, designation_id, manager_id, employment_type,
       ARRAY['department_id', 'designation_id', 'manager_id', 'location_id', 'employment_type', 'working_time_fraction', 'pay_grade'],
       created_at, created_at FROM employees;

-- Numbers that are given out in order, by a pattern of the company's own.
CREATE TABLE number_sequences (
    key        text PRIMARY KEY,
    -- Text around one place for the number: {n}, or {n:5} with leading zeros to five digits; {yyyy} is the year.
    pattern    text NOT NULL,
    next_value bigint NOT NULL DEFAULT 1,
    version    integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    CONSTRAINT number_sequences_key_known CHECK (key IN ('employee_number')),
    CONSTRAINT number_sequences_pattern_length CHECK (char_length(pattern) BETWEEN 3 AND 40),
    CONSTRAINT number_sequences_next_value_range CHECK (next_value BETWEEN 1 AND 999999999999)
);
