-- What an employee earns, from a day on. A change is a further row, so that pay can be asked as of any day. A correction
-- deletes the wrong row softly and adds the right one.
CREATE TABLE salary_assignments (
    id                  uuid PRIMARY KEY,
    employee_id         uuid NOT NULL,
    effective_from      date NOT NULL,
    base                numeric(19,4) NOT NULL,
    currency            text NOT NULL,
    -- What base is paid for, for example year.
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
