//! Who may do what: the roles that every tenant has from the start.

use std::fmt;

use serde::Serialize;

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
