//! What pgbench reaches with the statements of that request.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use sqlx::query_scalar;
use tempfile::TempDir;
use tenure_app::Context;
use tenure_app::caller::Caller;
use tenure_app::employees::{self, When};
use tenure_db::Database;

use super::companies::Company;
use super::{CONNECTIONS, MEASURED, WARM_UP};
use crate::Result;
use crate::bed::{Bed, send};
use crate::report::median;

/// pgbench's own login and its password: unlike the server's login it has the rights of all companies at once, since pgbench prepares
/// all statements of a script before it runs the first.
const LOGIN: &str = "pgbench";

/// A script for each company. So pgbench keeps prepared statements and their plans for each of them: more cannot be had.
pub(super) struct Pgbench {
    scripts: Vec<PathBuf>,
    environment: Vec<(&'static str, String)>,
    _folder: TempDir,
}

/// Writes the scripts and makes the login.
pub(super) async fn prepare(bed: &Bed, companies: &[Company]) -> Result<Pgbench> {
    let first = companies.first().ok_or("no companies")?;
    let statements = statements(bed, first).await?;
    let folder = tempfile::tempdir()?;
    let mut scripts = Vec::new();
    for company in companies {
        let path = folder.path().join(format!("{}.sql", company.tenant.slug));
        fs::write(&path, script(&statements, &parameters(bed, company).await?, company)?)?;
        scripts.push(path);
    }
    make_login(bed, companies).await?;
    let server = &bed.settings.application;
    let host = server.get_socket().map_or_else(|| server.get_host().to_owned(), |path| path.display().to_string());
    let environment = vec![
        ("PGHOST", host),
        ("PGPORT", server.get_port().to_string()),
        ("PGDATABASE", server.get_database().unwrap_or_default().to_owned()),
        ("PGUSER", LOGIN.to_owned()),
        ("PGPASSWORD", LOGIN.to_owned()),
        ("PGOPTIONS", format!("-c search_path={}", first.tenant.schema)),
    ];
    Ok(Pgbench { scripts, environment, _folder: folder })
}

/// The statements that one request prepares, in the order in which they come, read from the connection that served it.
async fn statements(bed: &Bed, company: &Company) -> Result<Vec<String>> {
    let mut settings = bed.settings.clone();
    settings.max_connections = 1;
    let context = Context::new(Database::new(&settings));
    let person = company.people.first().ok_or("no people")?;
    let caller = Caller { token: &company.token, request_id: "bench", once: None };
    // The first use of a token is noted, which is not of every request.
    employees::get(&bed.context, caller, *person, When::default()).await?;
    employees::get(&context, caller, *person, When::default()).await?;
    let prepared = "SELECT statement FROM pg_prepared_statements ORDER BY prepare_time";
    let statements = query_scalar(prepared).persistent(false).fetch_all(context.db.application_pool()).await?;
    context.db.close().await;
    Ok(statements)
}

/// The parameters of those statements, as pgbench's expressions.
async fn parameters(bed: &Bed, company: &Company) -> Result<[Vec<String>; 3]> {
    let mut tx = bed.context.db.begin(company.tenant.id).await?;
    let hash: String = query_scalar("SELECT encode(token_hash, 'hex') FROM api_tokens").fetch_one(&mut *tx).await?;
    tx.commit().await?;
    let people: Vec<String> = company.people.iter().map(ToString::to_string).collect();
    let now = format!("'{}'", bed.context.now());
    let person = format!("('{{{}}}'::uuid[])[:person]", people.join(","));
    Ok([
        vec![format!("'{}'", company.tenant.id)],
        vec![
            format!("'\\x{hash}'"),
            "false".to_owned(),
            now.clone(),
            now.clone(),
            now,
            format!("'{}'", bed.context.today()),
        ],
        vec![person, ":pay".to_owned(), "'2025-01-01'".to_owned()],
    ])
}

/// The transaction of a request: one round trip for the tenant, one for entering it, one for each statement, and one for the end.
fn script(statements: &[String], parameters: &[Vec<String>; 3], company: &Company) -> Result<String> {
    let [tenant, caller, employee] = statements else {
        return Err(format!("the request sends other statements than this benchmark knows: {statements:#?}").into());
    };
    let [of_tenant, of_caller, of_employee] = parameters;
    let (tenant, caller) = (fill_in(tenant, of_tenant), fill_in(caller, of_caller));
    let employee = fill_in(employee, of_employee);
    let schema = &company.tenant.schema;
    Ok(format!(
        "\\set person random(1, {})\n\\set pay false\n{tenant};\n\\startpipeline\nBEGIN;\nSET LOCAL ROLE {schema};\n\
         SET LOCAL search_path = {schema};\n\\endpipeline\n{caller};\n{employee};\n\\startpipeline\nSELECT;\nCOMMIT;\n\\endpipeline\n",
        company.people.len()
    ))
}

fn fill_in(statement: &str, values: &[String]) -> String {
    let numbered = (1..).zip(values);
    numbered.fold(statement.to_owned(), |text, (number, value)| text.replace(&format!("${number}"), value))
}

async fn make_login(bed: &Bed, companies: &[Company]) -> Result<()> {
    let roles: Vec<String> = companies.iter().map(|company| company.tenant.schema.to_string()).collect();
    let statements = [
        format!("CREATE ROLE {LOGIN} LOGIN PASSWORD '{LOGIN}'"),
        format!("GRANT CONNECT ON DATABASE tenure TO {LOGIN}"),
        format!("GRANT USAGE ON SCHEMA public TO {LOGIN}"),
        // What the first statement reads is the platform's, and more than one table.
        format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {LOGIN}"),
        format!("GRANT {} TO {LOGIN}", roles.join(", ")),
    ];
    send(&mut bed.raw_owner().await?, &statements).await
}

impl Pgbench {
    /// The time of one transaction over all connections, in the median second.
    pub(super) fn time_per_transaction(&self) -> Result<Duration> {
        let mut command = Command::new("pgbench");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--progress=1"]);
        command.arg(format!("--client={CONNECTIONS}"));
        command.arg(format!("--time={}", (WARM_UP + MEASURED).as_secs()));
        command.args(self.scripts.iter().flat_map(|path| ["--file".as_ref(), path.as_os_str()]));
        let output = command.output().map_err(|error| format!("pgbench: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("pgbench failed: {said}").into());
        }
        let times: Vec<Duration> = said.lines().filter_map(time_in_second).collect();
        if times.is_empty() { Err(said.into()) } else { Ok(Duration::from_secs_f64(median(times))) }
    }
}

/// From `progress: 9.0 s, 5123.4 tps, lat …`, which speaks of one second, the time of a transaction; nothing while warming up.
fn time_in_second(line: &str) -> Option<Duration> {
    let (at, rest) = line.strip_prefix("progress: ")?.split_once(" s, ")?;
    let at: f64 = at.parse().ok()?;
    let (rate, _) = rest.split_once(" tps")?;
    let rate: f64 = rate.parse().ok()?;
    (at > WARM_UP.as_secs_f64() + 0.5).then(|| Duration::try_from_secs_f64(1.0 / rate).ok())?
}
