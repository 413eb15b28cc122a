-- Where an import puts its rows before they are merged into employees. They are deleted by the transaction that wrote
-- them, so nothing is lost when a crash empties an unlogged table.
CREATE UNLOGGED TABLE employee_import_rows (
    import_id          uuid NOT NULL,
    line               integer NOT NULL,
    -- Of the employee whom the row makes, unless one with the number exists.
    new_id             uuid NOT NULL,
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
    status             text,
    employment_type    text,
    hired_on           date NOT NULL,
    terminated_on      date,
    termination_kind   text,
    termination_reason text,
    department         text,
    designation        text,
    -- The manager's employee number, already resolved.
    manager_number     text,
    salary_base        numeric(19,4),
    salary_currency    text,
    salary_pay_period  text,
    salary_id          uuid,
    custom             jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (import_id, line)
);
