//! The roles that every tenant has from the start, and what they may do.

use std::fmt;

use serde::Serialize;

use super::{Grant, Permission, Scope};

/// A role that every tenant has. Custom roles stand beside these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInRole {
    /// Answers for the company's whole installation; may do everything.
    Owner,
    /// Runs HR: people, organisation, leave and settings, and sees pay.
    HrAdmin,
    /// Works in HR with people's data, without pay.
    HrManager,
    /// Runs payroll and sees everyone's pay.
    PayrollAdmin,
    /// Leads people: sees those who report to them, directly or below, but never their pay.
    Manager,
    /// Everyone: their own data.
    Employee,
    /// Reads everything and changes nothing.
    Auditor,
}

impl BuiltInRole {
    /// All of them, from most to least power in daily use.
    pub const ALL: [Self; 7] =
        [Self::Owner, Self::HrAdmin, Self::HrManager, Self::PayrollAdmin, Self::Manager, Self::Employee, Self::Auditor];

    /// The word that stands for it in the database, the API and commands.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::HrAdmin => "hr_admin",
            Self::HrManager => "hr_manager",
            Self::PayrollAdmin => "payroll_admin",
            Self::Manager => "manager",
            Self::Employee => "employee",
            Self::Auditor => "auditor",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::HrAdmin => "HR administrator",
            Self::HrManager => "HR manager",
            Self::PayrollAdmin => "Payroll administrator",
            Self::Manager => "Manager",
            Self::Employee => "Employee",
            Self::Auditor => "Auditor",
        }
    }

    /// What it may do. The matrix in this module's tests spells it out.
    #[must_use]
    pub fn grants(self) -> Vec<Grant> {
        let may = |permission, scope| Grant { permission, scope };
        let of_others: &[Permission] = match self {
            Self::Owner | Self::HrAdmin | Self::Auditor => &Permission::OF_PEOPLE,
            Self::HrManager => {
                &[Permission::EmployeesRead, Permission::EmployeesReadPersonal, Permission::EmployeesReadSensitive]
            }
            Self::PayrollAdmin => &[Permission::EmployeesRead, Permission::PayRead],
            Self::Manager | Self::Employee => &[],
        };
        let mut grants: Vec<Grant> = Permission::OF_PEOPLE.map(|permission| may(permission, Scope::Own)).to_vec();
        grants.extend(of_others.iter().map(|permission| may(*permission, Scope::All)));
        grants.push(may(Permission::OrganisationRead, Scope::All));
        if matches!(self, Self::Manager) {
            grants.push(may(Permission::EmployeesRead, Scope::Reports));
        }
        if matches!(self, Self::Owner | Self::HrAdmin) {
            grants.push(may(Permission::OrganisationWrite, Scope::All));
        }
        grants
    }

    /// The role of a key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }
}

impl fmt::Display for BuiltInRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Grants, ScopeSet};

    /// What each role reads: of the actor itself, of those who report to it, and of everybody else; and what it may do to the
    /// organisation.
    const MATRIX: &str = "\
role           employees.read        employees.read_personal  employees.read_sensitive  pay.read              organisation.read  organisation.write
owner          own reports everyone  own reports everyone     own reports everyone      own reports everyone  yes                yes
hr_admin       own reports everyone  own reports everyone     own reports everyone      own reports everyone  yes                yes
hr_manager     own reports everyone  own reports everyone     own reports everyone      own - -               yes                -
payroll_admin  own reports everyone  own - -                  own - -                   own reports everyone  yes                -
manager        own reports -         own - -                  own - -                   own - -               yes                -
employee       own - -               own - -                  own - -                   own - -               yes                -
auditor        own reports everyone  own reports everyone     own reports everyone      own reports everyone  yes                -
";

    fn cell(grants: &Grants, permission: Permission) -> String {
        if !Permission::OF_PEOPLE.contains(&permission) {
            return if grants.allow_everywhere(permission) { "yes" } else { "-" }.to_owned();
        }
        let everyone = ScopeSet::EMPTY.with(Scope::All);
        let people =
            [("own", everyone.with(Scope::Own)), ("reports", everyone.with(Scope::Reports)), ("everyone", everyone)];
        people.map(|(word, lies_in)| if grants.allow(permission, lies_in) { word } else { "-" }).join(" ")
    }

    #[test]
    fn the_built_in_roles_may_do_what_the_matrix_says() {
        let line = |role: &str, [read, personal, sensitive, pay, seen, changed]: [String; 6]| {
            format!("{role:13}  {read:20}  {personal:23}  {sensitive:24}  {pay:20}  {seen:17}  {changed}\n")
        };
        let mut found = line("role", Permission::ALL.map(|permission| permission.key().to_owned()));
        for role in BuiltInRole::ALL {
            let grants = Grants::of([role.key()], []);
            found += &line(role.key(), Permission::ALL.map(|permission| cell(&grants, permission)));
        }
        assert_eq!(found, MATRIX, "\n{found}");
    }
}
