-- Where an import puts its rows before they are merged into employees. They are deleted by the transaction that wrote
-- them, so nothing is lost when a crash empties an unlogged table. Imports into one tenant follow each other, so all rows
-- that a transaction sees are of one file.
CREATE UNLOGGED TABLE employee_import_rows (
    line               integer PRIMARY KEY,
    -- New ids for what the row may make; employee_id gives way to that of the person whom the number finds.
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
    -- The manager's employee number.
    manager_number     text,
    salary_base        numeric(19,4),
    salary_currency    text,
    salary_pay_period  text,
    -- The day as of which the salary holds, and the day from which a new assignment does, where one is needed.
    salary_as_of       date NOT NULL,
    salary_from        date,
    -- What the names above stand for.
    department_id      uuid,
    designation_id     uuid,
    manager_id         uuid,
    -- What the row changes of an employee, by column; both null where nothing, before null for a new employee.
    before             jsonb,
    after              jsonb
);
