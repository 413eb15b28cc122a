//! `psql` as a child. What it needs goes through its environment: arguments can be read by everyone on the machine.

use std::ffi::OsString;
use std::process::Command;

use percent_encoding::percent_decode_str;
use tenure_core::tenant::SchemaName;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::config::DatabaseUrl;
use crate::error::Error;

/// Runs `psql` on this terminal until its user leaves it; within a tenant's schema and by its role if one is given.
/// Blocks; to be called within the runtime, which takes the signals.
pub(crate) fn run(database: &DatabaseUrl, tenant: Option<&SchemaName>, arguments: &[OsString]) -> Result<(), Error> {
    // Ctrl-C reaches both processes. In psql it cancels a query; here it must not end the program before psql ends.
    let _interrupt = signal(SignalKind::interrupt()).map_err(Error::Psql)?;
    let mut child =
        Command::new("psql").args(arguments).envs(variables(database.parts(), tenant)).spawn().map_err(Error::Psql)?;
    let status = child.wait().map_err(Error::Psql)?;
    if status.success() { Ok(()) } else { Err(Error::PsqlFailed(status)) }
}

/// The variables of libpq that say what the URL says.
fn variables(url: &Url, tenant: Option<&SchemaName>) -> Vec<(&'static str, String)> {
    let mut options = Vec::new();
    let mut found: Vec<(&'static str, String)> =
        authority(url).into_iter().filter(|(_, text)| !text.is_empty()).collect();
    for (name, text) in url.query_pairs() {
        if name == "options" {
            options.push(text.into_owned());
        } else if let Some(setting) = name.strip_prefix("options[").and_then(|name| name.strip_suffix(']')) {
            options.push(format!("-c {setting}={text}"));
        } else if let Some(variable) = libpq_variable(&name) {
            found.push((variable, text.into_owned()));
        }
    }
    options.extend(tenant.map(|schema| format!("-c role={schema} -c search_path={schema}")));
    if !options.is_empty() {
        found.push(("PGOPTIONS", options.join(" ")));
    }
    found
}

fn authority(url: &Url) -> [(&'static str, String); 5] {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    [
        ("PGHOST", decode(url.host_str().unwrap_or_default().trim_matches(['[', ']']))),
        ("PGPORT", url.port().map(|port| port.to_string()).unwrap_or_default()),
        ("PGUSER", decode(url.username())),
        ("PGPASSWORD", decode(url.password().unwrap_or_default())),
        ("PGDATABASE", decode(url.path().trim_start_matches('/'))),
    ]
}

/// The parameters that Tenure's own connections honour too.
fn libpq_variable(parameter: &str) -> Option<&'static str> {
    Some(match parameter {
        "host" => "PGHOST",
        "hostaddr" => "PGHOSTADDR",
        "port" => "PGPORT",
        "user" => "PGUSER",
        "password" => "PGPASSWORD",
        "dbname" => "PGDATABASE",
        "application_name" => "PGAPPNAME",
        "sslmode" => "PGSSLMODE",
        "sslrootcert" => "PGSSLROOTCERT",
        "sslcert" => "PGSSLCERT",
        "sslkey" => "PGSSLKEY",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::variables;
    use crate::config::DatabaseUrl;

    fn of(url: &str, tenant: Option<&str>) -> BTreeMap<&'static str, String> {
        let schema = tenant.map(|name| name.parse().unwrap());
        variables(DatabaseUrl::parse(url).unwrap().parts(), schema.as_ref()).into_iter().collect()
    }

    #[test]
    fn every_part_of_a_url_becomes_a_variable_decoded_once() {
        let found = of("postgres://app:p%40ss%2525+@db.example.com:5433/ten%20ure?sslmode=require", None);
        let wanted = [
            ("PGDATABASE", "ten ure"),
            ("PGHOST", "db.example.com"),
            ("PGPASSWORD", "p@ss%25+"),
            ("PGPORT", "5433"),
            ("PGSSLMODE", "require"),
            ("PGUSER", "app"),
        ];
        assert_eq!(found, wanted.map(|(name, text)| (name, text.to_owned())).into());
    }

    #[test]
    fn a_socket_folder_wins_over_the_host_of_the_url() {
        let found = of("postgres://app@localhost/tenure?host=%2Frun%2Ftenure", None);
        assert_eq!(found["PGHOST"], "/run/tenure");
    }

    #[test]
    fn a_tenant_adds_its_role_and_path_to_the_options_of_the_url() {
        let found =
            of("postgres://app@[::1]/tenure?options=-cjit%3Doff&options[work_mem]=8MB", Some("tenant_acme_0198f3c2"));
        assert_eq!(found["PGHOST"], "::1");
        let wanted = "-cjit=off -c work_mem=8MB -c role=tenant_acme_0198f3c2 -c search_path=tenant_acme_0198f3c2";
        assert_eq!(found["PGOPTIONS"], wanted);
    }
}
