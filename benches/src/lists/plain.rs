//! The same page as a program would ask PostgreSQL for it that does nothing else.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection, query, query_scalar, raw_sql};
use tenure_db::tenants::Tenant;
use uuid::Uuid;

use crate::Result;
use crate::bed::Bed;

/// A connection in the tenant's schema.
pub(super) struct Plain {
    connection: PgConnection,
    begin: String,
    department: Uuid,
}

impl Plain {
    pub(super) async fn prepare(bed: &Bed, tenant: &Tenant) -> Result<Self> {
        let mut connection = PgConnection::connect_with(&bed.settings.application).await?;
        let begin = format!("BEGIN READ ONLY; SET LOCAL ROLE {0}; SET LOCAL search_path = {0}", tenant.schema);
        raw_sql(AssertSqlSafe(begin.as_str())).execute(&mut connection).await?;
        let department = "SELECT id FROM departments WHERE name = 'Department 77'";
        let department = query_scalar(department).fetch_one(&mut connection).await?;
        raw_sql("COMMIT").execute(&mut connection).await?;
        Ok(Self { connection, begin, department })
    }

    pub(super) fn department(&self) -> Uuid {
        self.department
    }

    /// Reads the page in one transaction, all that the list shows of each person.
    pub(super) async fn page(&mut self) -> Result<Vec<PgRow>> {
        raw_sql(AssertSqlSafe(self.begin.as_str())).execute(&mut self.connection).await?;
        let page = query(
            "SELECT e.id, e.employee_number, e.first_name, e.middle_name, e.last_name, e.preferred_name, e.work_email, e.work_phone,
                    e.status, e.employment_type, e.hired_on, e.terminated_on, e.version, e.created_at, e.updated_at,
                    e.department_id, d.name, e.designation_id, g.title, e.manager_id, m.first_name, m.last_name,
                    e.location_id, l.name, e.working_time_fraction, e.pay_grade
             FROM employees e
             LEFT JOIN departments d ON d.id = e.department_id
             LEFT JOIN designations g ON g.id = e.designation_id
             LEFT JOIN locations l ON l.id = e.location_id
             LEFT JOIN employees m ON m.id = e.manager_id
             WHERE e.department_id = $1 AND e.status = $2 AND e.deleted_at IS NULL
             ORDER BY e.last_name, e.first_name, e.id LIMIT 51",
        );
        let page = page.bind(self.department).bind("active").persistent(false);
        let rows = page.fetch_all(&mut self.connection).await?;
        raw_sql("COMMIT").execute(&mut self.connection).await?;
        Ok(rows)
    }
}
