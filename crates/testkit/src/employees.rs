//! What holds of every employee's row, whatever was done.

/// Finds the employees whose row does not show what their employment says: the columns of the assignment that took effect last, and of
/// the period that it belongs to. An assignment that has taken effect is one that was applied, for the tests' days do not pass in the
/// database.
pub const ROWS_NOT_OF_TODAY: &str = "
    SELECT concat_ws(' ', e.last_name, e.status, to_jsonb(a)::text, to_jsonb(p)::text)
    FROM employees e
    LEFT JOIN LATERAL (SELECT * FROM job_assignments WHERE employee_id = e.id AND deleted_at IS NULL AND applied_at IS NOT NULL
                       ORDER BY effective_from DESC LIMIT 1) a ON true
    LEFT JOIN LATERAL (SELECT * FROM employment_periods WHERE employee_id = e.id AND deleted_at IS NULL AND hired_on <= a.effective_from
                       ORDER BY hired_on DESC LIMIT 1) p ON true
    WHERE (e.department_id, e.designation_id, e.manager_id, e.location_id, e.employment_type, e.working_time_fraction, e.pay_grade)
              IS DISTINCT FROM (a.department_id, a.designation_id, a.manager_id, a.location_id, a.employment_type,
                                a.working_time_fraction, a.pay_grade)
       OR (e.hired_on, e.terminated_on, e.termination_kind, e.termination_reason)
              IS DISTINCT FROM (p.hired_on, p.terminated_on, p.termination_kind, p.termination_reason)
       OR a.employee_id IS NULL";
