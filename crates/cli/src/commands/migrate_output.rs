//! What `tenure migrate …` prints.

use std::fmt;

use serde::Serialize;
use tenure_db::migrate::{HistoryEntry, MigrationSet, Overview, Report, TenantDrift, VersionCount, split_statements};

use crate::error::Outcome;
use crate::output::Table;

/// What a run did.
#[derive(Serialize)]
pub(super) struct Up {
    /// Platform migrations that were applied.
    pub(super) platform: Vec<String>,
    #[serde(flatten)]
    pub(super) report: Report,
}

impl Up {
    pub(super) fn outcome(&self) -> Outcome {
        if self.report.failed.is_empty() { Outcome::Done } else { Outcome::Partial }
    }
}

impl fmt::Display for Up {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for migration in &self.platform {
            writeln!(f, "platform: {migration}")?;
        }
        let Report { migrated, failed, not_started } = &self.report;
        if migrated.is_empty() && failed.is_empty() && not_started.is_empty() {
            return f.write_str("every tenant is at that version already");
        }
        writeln!(
            f,
            "tenants: {} migrated, {} failed, {} not started",
            migrated.len(),
            failed.len(),
            not_started.len()
        )?;
        for outcome in failed {
            writeln!(
                f,
                "failed: {} (at version {}): {}",
                outcome.slug,
                outcome.from,
                outcome.error.as_deref().unwrap_or("?")
            )?;
        }
        for slug in not_started {
            writeln!(f, "not started: {slug}")?;
        }
        Ok(())
    }
}

/// What was applied to the platform's tables alone.
#[derive(Serialize)]
pub(super) struct PlatformUp {
    pub(super) platform: Vec<String>,
}

impl fmt::Display for PlatformUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.platform.is_empty() {
            return f.write_str("the platform's tables are at that version already");
        }
        self.platform.iter().try_for_each(|migration| writeln!(f, "platform: {migration}"))
    }
}

/// What was taken back of the platform's tables.
#[derive(Serialize)]
pub(super) struct PlatformDown {
    pub(super) undone: Vec<i32>,
}

impl fmt::Display for PlatformDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.undone.is_empty() {
            return f.write_str("the platform's tables are at that version already");
        }
        self.undone.iter().try_for_each(|version| writeln!(f, "taken back: platform {version:04}"))
    }
}

/// Where all stand.
#[derive(Serialize)]
pub(super) struct Status {
    pub(super) platform: i32,
    pub(super) platform_latest: i32,
    pub(super) latest: i32,
    #[serde(flatten)]
    pub(super) overview: Overview,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "platform  version {} of {}", self.platform, self.platform_latest)?;
        for VersionCount { version, tenants } in &self.overview.versions {
            writeln!(f, "tenants   {tenants} at version {version} of {}", self.latest)?;
        }
        let pending: Vec<&str> = self.overview.pending.iter().map(|tenant| tenant.slug.as_str()).collect();
        if pending.is_empty() {
            f.write_str("nothing is pending")
        } else {
            writeln!(f, "pending   {}", pending.join(" "))
        }
    }
}

/// The ledger.
#[derive(Serialize)]
pub(super) struct History {
    pub(super) entries: Vec<HistoryEntry>,
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["WHEN", "TENANT", "MIGRATION", "STATE", "ERROR"]);
        for entry in &self.entries {
            let migration = format!("{:04}_{}", entry.version, entry.name);
            let (when, error) = (format!("{:.0}", entry.recorded_at), entry.error.clone().unwrap_or_default());
            table.row([when, entry.slug.clone(), migration, entry.state.clone(), error]);
        }
        table.fmt(f)
    }
}

/// The SQL that `up` would run.
#[derive(Serialize)]
pub(super) struct Plan {
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    /// `platform` or `tenant`.
    of: &'static str,
    migration: String,
    /// Tenants that it would be applied to; absent for the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenants: Option<i64>,
    statements: Vec<String>,
}

impl Plan {
    pub(super) fn new(platform: i32, versions: &[VersionCount]) -> Self {
        let mut steps = Vec::new();
        let statements = |sql: &str| split_statements(sql).into_iter().map(ToOwned::to_owned).collect();
        let (of_platform, of_tenants) = (MigrationSet::platform(), MigrationSet::tenant());
        for migration in of_platform.between(platform, of_platform.latest()) {
            let name = format!("{:04}_{}", migration.version, migration.name);
            steps.push(Step { of: "platform", migration: name, tenants: None, statements: statements(&migration.up) });
        }
        for migration in of_tenants.all() {
            let tenants: i64 =
                versions.iter().filter(|count| count.version < migration.version).map(|count| count.tenants).sum();
            if tenants > 0 {
                let name = format!("{:04}_{}", migration.version, migration.name);
                let statements = statements(&migration.up);
                steps.push(Step { of: "tenant", migration: name, tenants: Some(tenants), statements });
            }
        }
        Self { steps }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("-- nothing to do");
        }
        for step in &self.steps {
            match step.tenants {
                Some(tenants) => writeln!(f, "-- tenant migration {}, for {tenants} tenants", step.migration)?,
                None => writeln!(f, "-- platform migration {}", step.migration)?,
            }
            for statement in &step.statements {
                writeln!(f, "{statement};")?;
            }
        }
        Ok(())
    }
}

/// How tenants' schemas differ from what they should be.
#[derive(Serialize)]
pub(super) struct Verified {
    pub(super) tenants: Vec<TenantDrift>,
}

impl Verified {
    pub(super) fn is_clean(&self) -> bool {
        self.tenants.iter().all(|tenant| tenant.drift.is_empty())
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drifted = self.tenants.iter().filter(|tenant| !tenant.drift.is_empty());
        for tenant in drifted.clone() {
            for drift in &tenant.drift {
                match (&drift.expected, &drift.found) {
                    (Some(expected), None) => writeln!(f, "{}: missing {}: {expected}", tenant.slug, drift.object)?,
                    (None, Some(found)) => writeln!(f, "{}: unexpected {}: {found}", tenant.slug, drift.object)?,
                    (expected, found) => {
                        let (expected, found) = (expected.as_deref().unwrap_or(""), found.as_deref().unwrap_or(""));
                        writeln!(f, "{}: different {}: {found}, expected {expected}", tenant.slug, drift.object)?;
                    }
                }
            }
        }
        write!(f, "{} tenants compared, {} differ", self.tenants.len(), drifted.count())
    }
}
