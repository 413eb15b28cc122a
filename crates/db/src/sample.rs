//! Writes a sample company into a tenant: a statement for each table, however many people there are.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::raw_sql;
use tenure_core::access::BuiltInRole;
use tenure_core::employment::{Field, PayPeriod};
use tenure_core::ids::{DepartmentId, DesignationId, EmployeeId, UserId};
use tenure_core::sample::{Company, Person, Termination};
use uuid::Uuid;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// The ids of a company's parts, in the order of the parts.
#[derive(Debug, Clone)]
pub struct CompanyIds {
    /// One for each department.
    pub departments: Vec<DepartmentId>,
    /// One for each designation.
    pub designations: Vec<DesignationId>,
    /// One for each person.
    pub people: Vec<EmployeeId>,
    /// One for each person's salary.
    pub salaries: Vec<Uuid>,
}

/// A user to be made, with one of the roles that every tenant has.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The user's id.
    pub id: UserId,
    /// The role.
    pub role: BuiltInRole,
    /// The mail address.
    pub email: String,
    /// The name to be shown.
    pub display_name: String,
    /// The employee that the user is.
    pub employee: Option<EmployeeId>,
}

/// The user who stands for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleUser {
    /// The role.
    pub role: BuiltInRole,
    /// The mail address.
    pub email: String,
    /// The employee that the user is.
    pub employee: Option<EmployeeId>,
}

/// Whether the tenant has no employees, removed ones included. Who asks first of several holds up the others until its
/// transaction ends, so that a company is written once.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_empty(tx: &mut TenantTx) -> Result<bool> {
    raw_sql("LOCK TABLE job_assignments, employees IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    let empty = sqlx::query_scalar!(r#"SELECT NOT EXISTS (SELECT FROM employees) AS "empty!""#);
    Ok(empty.fetch_one(&mut **tx).await?)
}

/// Writes a company: its departments, designations, people, heads of departments and salaries.
///
/// # Errors
/// When the database refuses a row, for example because the tenant has a department of that name.
pub async fn insert_company(tx: &mut TenantTx, company: &Company, ids: &CompanyIds, now: Timestamp) -> Result<()> {
    insert_departments(tx, company, ids, now).await?;
    insert_designations(tx, company, ids, now).await?;
    insert_people(tx, company, ids, now).await?;
    insert_employments(tx, ids, now).await?;
    set_heads(tx, company, ids).await?;
    insert_salaries(tx, company, ids, now).await
}

async fn insert_departments(tx: &mut TenantTx, company: &Company, ids: &CompanyIds, now: Timestamp) -> Result<()> {
    let given = &company.departments;
    sqlx::query!(
        "INSERT INTO departments (id, parent_id, name, code, created_at, updated_at)
         SELECT id, parent_id, name, code, $5, $5
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS given (id, parent_id, name, code)",
        &column(&ids.departments, |id| id.uuid()),
        &column(given, |department| id_at(&ids.departments, department.parent)) as _,
        &column(given, |department| department.name) as _,
        &column(given, |department| department.code) as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_designations(tx: &mut TenantTx, company: &Company, ids: &CompanyIds, now: Timestamp) -> Result<()> {
    let given = &company.designations;
    sqlx::query!(
        "INSERT INTO designations (id, title, grade, created_at, updated_at)
         SELECT id, title, grade, $4, $4 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS given (id, title, grade)",
        &column(&ids.designations, |id| id.uuid()),
        &column(given, |designation| designation.title) as _,
        &column(given, |designation| designation.grade.as_str()) as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// In one statement, at whose end the keys are checked: so people may stand before or after their managers.
async fn insert_people(tx: &mut TenantTx, company: &Company, ids: &CompanyIds, now: Timestamp) -> Result<()> {
    let given = &company.people;
    sqlx::query!(
        "INSERT INTO employees (id, employee_number, first_name, middle_name, last_name, work_email, birth_date, gender,
             marital_status, citizenship, city, country_code, status, employment_type, hired_on, terminated_on, termination_kind,
             termination_reason, department_id, designation_id, manager_id, created_at, updated_at)
         SELECT given.*, $22, $22
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[], $9::text[],
             $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::date[], $16::date[], $17::text[], $18::text[],
             $19::uuid[], $20::uuid[], $21::uuid[]) AS given",
        &column(&ids.people, |id| id.uuid()),
        &column(given, |person| person.number.as_str()) as _,
        &column(given, |person| person.first_name) as _,
        &column(given, |person| person.middle_name) as _,
        &column(given, |person| person.last_name) as _,
        &column(given, |person| person.work_email.as_str()) as _,
        &column(given, |person| person.birth_date.to_sqlx()) as _,
        &column(given, |person| person.gender.as_str()) as _,
        &column(given, |person| person.marital_status.as_str()) as _,
        &column(given, |person| person.citizenship) as _,
        &column(given, |person| person.city) as _,
        &column(given, |person| person.country_code) as _,
        &column(given, |person| person.status.as_str()) as _,
        &column(given, |person| person.employment_type.as_str()) as _,
        &column(given, |person| person.hired_on.to_sqlx()) as _,
        &column(given, |person| of_termination(person, |end| end.on.to_sqlx())) as _,
        &column(given, |person| of_termination(person, |end| end.kind.as_str())) as _,
        &column(given, |person| of_termination(person, |end| end.reason)) as _,
        &column(given, |person| id_at(&ids.departments, Some(person.department))) as _,
        &column(given, |person| id_at(&ids.designations, Some(person.designation))) as _,
        &column(given, |person| id_at(&ids.people, person.manager)) as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Each was employed once and has stood in one place since. A person's own id is not in use as a key of these tables.
async fn insert_employments(tx: &mut TenantTx, ids: &CompanyIds, now: Timestamp) -> Result<()> {
    let people = column(&ids.people, |id| id.uuid());
    sqlx::query!(
        "INSERT INTO employment_periods (id, employee_id, hired_on, terminated_on, termination_kind, termination_reason, created_at)
         SELECT id, id, hired_on, terminated_on, termination_kind, termination_reason, $2 FROM employees WHERE id = ANY ($1)",
        &people,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO job_assignments (id, employee_id, effective_from, department_id, designation_id, manager_id, location_id,
             employment_type, working_time_fraction, pay_grade, changed, applied_at, created_at)
         SELECT id, id, hired_on, department_id, designation_id, manager_id, location_id, employment_type, working_time_fraction,
                pay_grade, $3, $2, $2 FROM employees WHERE id = ANY ($1)",
        &people,
        now.to_sqlx() as _,
        &column(Field::ALL, ToString::to_string),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn set_heads(tx: &mut TenantTx, company: &Company, ids: &CompanyIds) -> Result<()> {
    sqlx::query!(
        "UPDATE departments SET head_id = given.head_id FROM unnest($1::uuid[], $2::uuid[]) AS given (id, head_id)
         WHERE departments.id = given.id",
        &column(&ids.departments, |id| id.uuid()),
        &column(&company.departments, |department| id_at(&ids.people, Some(department.head))) as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_salaries(tx: &mut TenantTx, company: &Company, ids: &CompanyIds, now: Timestamp) -> Result<()> {
    let given = &company.people;
    sqlx::query!(
        "INSERT INTO salary_assignments (id, employee_id, effective_from, base, currency, pay_period, created_at, updated_at)
         SELECT id, employee_id, effective_from, base, currency, $6, $7, $7
         FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::numeric[], $5::text[])
             AS given (id, employee_id, effective_from, base, currency)",
        &ids.salaries,
        &column(&ids.people, |id| id.uuid()),
        &column(given, |person| person.hired_on.to_sqlx()) as _,
        &column(given, |person| person.salary.amount),
        &column(given, |person| person.salary.currency.to_string()),
        PayPeriod::Year.as_str(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Makes users, each with a role.
///
/// # Errors
/// When the database refuses a row, for example because there is a user of that mail address.
pub async fn insert_users(tx: &mut TenantTx, users: &[NewUser], now: Timestamp) -> Result<()> {
    let ids = column(users, |user| user.id.uuid());
    sqlx::query!(
        "INSERT INTO users (id, email, display_name, employee_id, created_at, updated_at)
         SELECT id, email, display_name, employee_id, $5, $5
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS given (id, email, display_name, employee_id)",
        &ids,
        &column(users, |user| user.email.as_str()) as _,
        &column(users, |user| user.display_name.as_str()) as _,
        &column(users, |user| user.employee.map(EmployeeId::uuid)) as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO user_roles (user_id, role_id, created_at)
         SELECT given.user_id, roles.id, $3 FROM unnest($1::uuid[], $2::text[]) AS given (user_id, key)
         JOIN roles ON roles.key = given.key AND roles.built_in",
        &ids,
        &column(users, |user| user.role.key()) as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// For each built-in role the user who stands for it: of the active users who have it, the one who was made first.
///
/// # Errors
/// When the database cannot be read.
pub async fn users_of_roles(tx: &mut TenantTx) -> Result<Vec<RoleUser>> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (roles.key) roles.key, users.email, users.employee_id
         FROM roles JOIN user_roles ON user_roles.role_id = roles.id JOIN users ON users.id = user_roles.user_id
         WHERE roles.built_in AND users.status = 'active' AND users.deleted_at IS NULL ORDER BY roles.key, users.id"
    )
    .fetch_all(&mut **tx)
    .await?;
    let users = rows.into_iter().filter_map(|row| {
        let role = BuiltInRole::from_key(&row.key)?;
        Some(RoleUser { role, email: row.email, employee: row.employee_id.map(EmployeeId::from) })
    });
    Ok(users.collect())
}

/// One column of rows, as the array that is sent for it.
fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn id_at<T: Copy>(ids: &[T], index: Option<usize>) -> Option<Uuid>
where
    Uuid: From<T>,
{
    ids.get(index?).copied().map(Uuid::from)
}

fn of_termination<'a, T>(person: &'a Person, value: impl Fn(&'a Termination) -> T) -> Option<T> {
    person.termination.as_ref().map(value)
}
