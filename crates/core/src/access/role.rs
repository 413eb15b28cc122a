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
    /// Runs HR: people, organisation, pay, users and settings.
    HrAdmin,
    /// Works in HR with people's data, without pay.
    HrManager,
    /// Runs payroll: sees and sets everyone's pay but their own, and the bank accounts that it goes to.
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

    /// What it may do. `matrix.txt` beside this file spells it out.
    #[must_use]
    pub fn grants(self) -> Vec<Grant> {
        use Permission as P;
        let own = [
            P::EmployeesRead,
            P::EmployeesReadPersonal,
            P::EmployeesReadSensitive,
            P::PayRead,
            P::EmployeesWritePersonal,
            P::DocumentsRead,
            P::AppraisalsRead,
            P::AppraisalsWrite,
        ];
        let everywhere: &[Permission] = match self {
            Self::Owner => &P::ALL,
            Self::HrAdmin => &[
                P::EmployeesRead,
                P::EmployeesReadPersonal,
                P::EmployeesReadSensitive,
                P::PayRead,
                P::EmployeesWrite,
                P::EmployeesWritePersonal,
                P::EmployeesWriteSensitive,
                P::PayWrite,
                P::DocumentsRead,
                P::DocumentsWrite,
                P::OrganisationRead,
                P::OrganisationWrite,
                P::UsersRead,
                P::UsersWrite,
                P::SettingsWrite,
                P::FlagsRead,
                P::FlagsWrite,
                P::AppraisalsRead,
                P::AppraisalsWrite,
                P::AppraisalsManage,
            ],
            Self::HrManager => &[
                P::EmployeesRead,
                P::EmployeesReadPersonal,
                P::EmployeesReadSensitive,
                P::EmployeesWrite,
                P::EmployeesWritePersonal,
                P::EmployeesWriteSensitive,
                P::DocumentsRead,
                P::DocumentsWrite,
                P::OrganisationRead,
                P::AppraisalsRead,
                P::AppraisalsWrite,
                P::AppraisalsManage,
            ],
            Self::PayrollAdmin => &[
                P::EmployeesRead,
                P::EmployeesReadSensitive,
                P::PayRead,
                P::PayWrite,
                P::DocumentsRead,
                P::DocumentsWrite,
                P::OrganisationRead,
            ],
            Self::Manager | Self::Employee => &[P::OrganisationRead],
            Self::Auditor => &[
                P::EmployeesRead,
                P::EmployeesReadPersonal,
                P::EmployeesReadSensitive,
                P::PayRead,
                P::DocumentsRead,
                P::OrganisationRead,
                P::UsersRead,
                P::AuditRead,
                P::FlagsRead,
                P::AppraisalsRead,
            ],
        };
        let of_reports: &[Permission] = match self {
            Self::Manager => &[P::EmployeesRead, P::DocumentsRead, P::AppraisalsRead, P::AppraisalsWrite],
            _ => &[],
        };
        let granted = |scope| move |permission: &Permission| Grant { permission: *permission, scope };
        let own = own.iter().map(granted(Scope::Own));
        own.chain(of_reports.iter().map(granted(Scope::Reports)))
            .chain(everywhere.iter().map(granted(Scope::All)))
            .collect()
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
    use crate::access::Grants;

    /// In which scopes a role has a permission.
    fn cell(grants: &Grants, permission: Permission) -> String {
        let scopes = grants.scopes(permission);
        let words = if scopes.has(Scope::All) {
            vec!["all"]
        } else {
            Scope::ALL.into_iter().filter(|scope| scopes.has(*scope)).map(Scope::key).collect()
        };
        if words.is_empty() { "-".to_owned() } else { words.join("+") }
    }

    #[test]
    fn the_built_in_roles_may_do_what_the_matrix_says() {
        let mut found = format!("{:<26}", "permission");
        found.extend(BuiltInRole::ALL.map(|role| format!("{:<14}", role.key())));
        for permission in Permission::ALL {
            found = format!("{}\n{:<26}", found.trim_end(), permission.key());
            found.extend(
                BuiltInRole::ALL.map(|role| format!("{:<14}", cell(&Grants::of([role.key()], []), permission))),
            );
        }
        assert_eq!(found.trim_end(), include_str!("matrix.txt").trim_end(), "\n{found}");
    }
}
