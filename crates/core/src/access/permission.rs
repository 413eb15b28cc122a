//! What may be done.

use std::fmt;
use std::str::FromStr;

use super::UnknownRight;

/// Something that may be done. Those of [`Permission::OF_PEOPLE`] are about single people, most of them one class of an employee's fields each; the others are not
/// about single people and hold when they are granted in [`Scope::All`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See that somebody is employed, and what colleagues know: name, work contact, place in the company, dates of employment.
    EmployeesRead,
    /// See private contact, address, birth date, gender, marital status and citizenship.
    EmployeesReadPersonal,
    /// See bank accounts, identity documents, why an employment ended, and those fields of a company's own that it has not put into
    /// another class.
    EmployeesReadSensitive,
    /// See what somebody earns.
    PayRead,
    /// Employ, change what colleagues know, file where somebody stands in the company, end an employment, delete and restore.
    EmployeesWrite,
    /// Change what is seen with [`Permission::EmployeesReadPersonal`].
    EmployeesWritePersonal,
    /// Change what is seen with [`Permission::EmployeesReadSensitive`].
    EmployeesWriteSensitive,
    /// Set what somebody else earns. Nobody sets their own pay, in whatever scope this is granted.
    PayWrite,
    /// Open documents, each by whoever may see fields of its class. In the scope `all` also those of the company that are not for everybody.
    DocumentsRead,
    /// File, change, request, delete and restore documents, each by whoever may change fields of its class. In the scope `all` also those of
    /// the company.
    DocumentsWrite,
    /// See departments, designations, locations and the definitions of the company's own fields.
    OrganisationRead,
    /// Make, change, move, merge and delete departments, designations and locations.
    OrganisationWrite,
    /// See users, the roles that they hold, their sessions and tokens.
    UsersRead,
    /// Invite, change and suspend users, give them roles, end their sessions and tokens, and make custom roles. Nobody gives more than
    /// they have, and nobody changes their own roles.
    UsersWrite,
    /// Read the audit log.
    AuditRead,
    /// Change the company's settings, see who changed them, define its own fields and the pattern of its numbers.
    SettingsWrite,
    /// See feature flags and their rules. What a flag gives, every user may ask.
    FlagsRead,
    /// Make, change and delete feature flags.
    FlagsWrite,
    /// See somebody's appraisals. The manager's part of one's own, and the result, are seen once they are shared.
    AppraisalsRead,
    /// Write one's own part of an appraisal, or the manager's part of somebody else's. Nobody writes the manager's part of their own.
    AppraisalsWrite,
    /// Make templates and cycles of appraisals, choose who takes part, and calibrate.
    AppraisalsManage,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::EmployeesRead,
        Self::EmployeesReadPersonal,
        Self::EmployeesReadSensitive,
        Self::PayRead,
        Self::EmployeesWrite,
        Self::EmployeesWritePersonal,
        Self::EmployeesWriteSensitive,
        Self::PayWrite,
        Self::DocumentsRead,
        Self::DocumentsWrite,
        Self::OrganisationRead,
        Self::OrganisationWrite,
        Self::UsersRead,
        Self::UsersWrite,
        Self::AuditRead,
        Self::SettingsWrite,
        Self::FlagsRead,
        Self::FlagsWrite,
        Self::AppraisalsRead,
        Self::AppraisalsWrite,
        Self::AppraisalsManage,
    ];

    /// Those that are held for some people and not for others.
    pub const OF_PEOPLE: [Self; 12] = [
        Self::EmployeesRead,
        Self::EmployeesReadPersonal,
        Self::EmployeesReadSensitive,
        Self::PayRead,
        Self::EmployeesWrite,
        Self::EmployeesWritePersonal,
        Self::EmployeesWriteSensitive,
        Self::PayWrite,
        Self::DocumentsRead,
        Self::DocumentsWrite,
        Self::AppraisalsRead,
        Self::AppraisalsWrite,
    ];

    /// The word that stands for it in the database and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::EmployeesRead => "employees.read",
            Self::EmployeesReadPersonal => "employees.read_personal",
            Self::EmployeesReadSensitive => "employees.read_sensitive",
            Self::PayRead => "pay.read",
            Self::EmployeesWrite => "employees.write",
            Self::EmployeesWritePersonal => "employees.write_personal",
            Self::EmployeesWriteSensitive => "employees.write_sensitive",
            Self::PayWrite => "pay.write",
            Self::DocumentsRead => "documents.read",
            Self::DocumentsWrite => "documents.write",
            Self::OrganisationRead => "organisation.read",
            Self::OrganisationWrite => "organisation.write",
            Self::UsersRead => "users.read",
            Self::UsersWrite => "users.write",
            Self::AuditRead => "audit.read",
            Self::SettingsWrite => "settings.write",
            Self::FlagsRead => "flags.read",
            Self::FlagsWrite => "flags.write",
            Self::AppraisalsRead => "appraisals.read",
            Self::AppraisalsWrite => "appraisals.write",
            Self::AppraisalsManage => "appraisals.manage",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for Permission {
    type Err = UnknownRight;

    fn from_str(text: &str) -> Result<Self, UnknownRight> {
        Self::ALL.into_iter().find(|permission| permission.key() == text).ok_or_else(|| UnknownRight(text.to_owned()))
    }
}
