//! The migrations that are compiled into the program.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::statements::{created_table, dropped_table, renamed_table, split};

struct SourceFile {
    version: i32,
    name: &'static str,
    up: &'static str,
    down: &'static str,
}

mod compiled {
    use super::SourceFile;
    include!(concat!(env!("OUT_DIR"), "/migrations.rs"));
}

/// One step of a schema, with the SQL for both directions.
#[derive(Debug, Clone)]
pub struct Migration {
    /// Its number; a set has 1, 2, 3 … without gaps.
    pub version: i32,
    /// What it does, for people.
    pub name: Cow<'static, str>,
    /// The SQL that applies it.
    pub up: Cow<'static, str>,
    /// The SQL that takes it back.
    pub down: Cow<'static, str>,
    /// SHA-256 of both texts in hex. An applied migration must never change.
    pub checksum: String,
}

impl Migration {
    /// A migration from its parts.
    pub fn new(
        version: i32,
        name: impl Into<Cow<'static, str>>,
        up: impl Into<Cow<'static, str>>,
        down: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (up, down) = (up.into(), down.into());
        let digest =
            Sha256::new().chain_update(up.as_bytes()).chain_update([0]).chain_update(down.as_bytes()).finalize();
        let checksum = hex::encode(digest);
        Self { version, name: name.into(), up, down, checksum }
    }
}

/// A sequence of migrations, oldest first, and for tenants the baseline that equals all of them together.
#[derive(Debug, Clone)]
pub struct MigrationSet {
    migrations: Vec<Migration>,
    /// The tables that a schema has after each of them. Whoever makes an archive asks for them, and reading the SQL takes longer than reading rows.
    tables: Vec<BTreeSet<String>>,
    baseline: Cow<'static, str>,
}

impl MigrationSet {
    /// The platform's own tables in `public`.
    #[must_use]
    pub fn platform() -> &'static Self {
        static SET: LazyLock<MigrationSet> = LazyLock::new(|| MigrationSet::from_files(compiled::PLATFORM, ""));
        &SET
    }

    /// The tables of every tenant's schema.
    #[must_use]
    pub fn tenant() -> &'static Self {
        static SET: LazyLock<MigrationSet> =
            LazyLock::new(|| MigrationSet::from_files(compiled::TENANT, compiled::BASELINE));
        &SET
    }

    fn from_files(files: &[SourceFile], baseline: &'static str) -> Self {
        let mut set = Self { migrations: Vec::new(), tables: Vec::new(), baseline: Cow::Borrowed(baseline) };
        for file in files {
            set.push(Migration::new(file.version, file.name, file.up, file.down));
        }
        set
    }

    fn push(&mut self, next: Migration) {
        let mut tables = self.tables.last().cloned().unwrap_or_default();
        for statement in split(&next.up) {
            tables.extend(created_table(statement).map(str::to_owned));
            if let Some(dropped) = dropped_table(statement) {
                tables.remove(dropped);
            }
            if let Some((old, new)) = renamed_table(statement) {
                tables.remove(old);
                tables.insert(new.to_owned());
            }
        }
        self.tables.push(tables);
        self.migrations.push(next);
    }

    /// The same set with one migration more, numbered after the last: what a newer program would carry.
    #[must_use]
    pub fn with_next(
        mut self,
        name: impl Into<Cow<'static, str>>,
        up: impl Into<Cow<'static, str>>,
        down: impl Into<Cow<'static, str>>,
    ) -> Self {
        let next = Migration::new(self.latest() + 1, name, up, down);
        self.baseline = format!("{}\n{}", self.baseline, next.up).into();
        self.push(next);
        self
    }

    /// All migrations, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Migration] {
        &self.migrations
    }

    /// The number of the last migration; 0 for an empty set.
    #[must_use]
    pub fn latest(&self) -> i32 {
        self.migrations.last().map_or(0, |migration| migration.version)
    }

    /// The migration of a number.
    #[must_use]
    pub fn get(&self, version: i32) -> Option<&Migration> {
        self.migrations.iter().find(|migration| migration.version == version)
    }

    /// The migrations to apply, in order, to get from one version to a later one.
    pub fn between(&self, from: i32, to: i32) -> impl Iterator<Item = &Migration> {
        self.migrations.iter().filter(move |migration| migration.version > from && migration.version <= to)
    }

    /// The statements that build a new tenant's schema at once.
    #[must_use]
    pub fn baseline(&self) -> Vec<&str> {
        split(&self.baseline)
    }

    /// The tables that a new tenant's schema has.
    #[must_use]
    pub fn tables(&self) -> Vec<&str> {
        self.baseline().into_iter().filter_map(created_table).collect()
    }

    /// The tables of a schema at a version, by name: what its migrations made and did not drop again, under the names that they gave.
    #[must_use]
    pub fn tables_at(&self, version: i32) -> Vec<&str> {
        let mut states = self.migrations.iter().zip(&self.tables).rev();
        let state = states.find(|(migration, _)| migration.version <= version);
        state.map_or_else(Vec::new, |(_, tables)| tables.iter().map(String::as_str).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_from_one_without_gaps() {
        for set in [MigrationSet::platform(), MigrationSet::tenant()] {
            let versions: Vec<i32> = set.all().iter().map(|migration| migration.version).collect();
            let expected: Vec<i32> = (1..=set.latest()).collect();
            assert_eq!(versions, expected);
        }
    }

    #[test]
    fn the_tables_of_the_last_version_are_those_of_the_baseline() {
        let set = MigrationSet::tenant();
        let mut baseline = set.tables();
        baseline.sort_unstable();
        assert_eq!(set.tables_at(set.latest()), baseline);
        assert!(!set.tables_at(1).contains(&"sessions"));
    }

    #[test]
    fn a_table_goes_by_the_name_that_it_has_at_a_version() {
        let latest = MigrationSet::tenant().latest();
        let rename =
            "alter table designations RENAME TO job_titles; ALTER TABLE job_titles RENAME COLUMN title TO name";
        let set = MigrationSet::tenant().clone().with_next("rename", rename, "x").with_next(
            "again",
            "ALTER TABLE IF EXISTS job_titles RENAME TO jobs; ALTER TABLE ONLY departments RENAME TO units",
            "x",
        );
        let has = |version, table| set.tables_at(version).contains(&table);
        assert!(has(latest, "designations") && !has(latest, "job_titles"));
        assert!(has(latest + 1, "job_titles") && !has(latest + 1, "designations") && !has(latest + 1, "name"));
        assert!(has(latest + 2, "jobs") && has(latest + 2, "units") && !has(latest + 2, "job_titles"));
    }

    #[test]
    fn every_migration_can_be_taken_back() {
        for migration in MigrationSet::platform().all().iter().chain(MigrationSet::tenant().all()) {
            assert!(!split(&migration.down).is_empty(), "{:04}_{} has no down", migration.version, migration.name);
        }
    }

    #[test]
    fn the_checksum_covers_both_directions() {
        let one = Migration::new(1, "a", "CREATE TABLE a ()", "DROP TABLE a");
        let other = Migration::new(1, "a", "CREATE TABLE a ()", "DROP TABLE a CASCADE");
        assert_ne!(one.checksum, other.checksum);
        assert_eq!(one.checksum.len(), 64);
    }
}
