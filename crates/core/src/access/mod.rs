//! Who may do what: a permission holds for the people who lie in its scope.
//!
//! Roles grant permissions, each in one or more scopes. Whoever asks about a person finds out in which scopes the person lies,
//! and [`Grants::allow`] decides. What is not granted is denied.

mod giving;
mod permission;
mod role;
mod user;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

pub use giving::{GivingError, check_rights, check_user};
pub use permission::Permission;
pub use role::BuiltInRole;
pub use user::{UnknownUserStatus, UserStatus};

/// Whom a permission is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The actor's own record.
    Own,
    /// Those who report to the actor, directly or further below.
    Reports,
    /// Those in the actor's department or in one below it.
    Department,
    /// Everybody in the tenant.
    All,
}

/// A set of scopes: those in which a permission is granted, or those in which a person lies, as seen by an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeSet(u8);

/// A permission in one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// What may be done.
    pub permission: Permission,
    /// To whom.
    pub scope: Scope,
}

/// All that an actor may do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants(Vec<Grant>);

/// A word that is no permission or no scope.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a known permission or scope")]
pub struct UnknownRight(String);

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl Scope {
    /// All of them, from the narrowest to the widest.
    pub const ALL: [Self; 4] = [Self::Own, Self::Reports, Self::Department, Self::All];

    /// The word that stands for it in the database and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Reports => "reports",
            Self::Department => "department",
            Self::All => "all",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Own => 1,
            Self::Reports => 2,
            Self::Department => 4,
            Self::All => 8,
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownRight;

    fn from_str(text: &str) -> Result<Self, UnknownRight> {
        Self::ALL.into_iter().find(|scope| scope.key() == text).ok_or_else(|| UnknownRight(text.to_owned()))
    }
}

impl ScopeSet {
    /// No scope.
    pub const EMPTY: Self = Self(0);

    /// The set and one more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | scope.bit())
    }

    /// Whether the scope is in the set.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes of the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }

    const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Grants {
    /// What the built-in roles of these keys grant, and what custom roles add as pairs of permission and scope. Words that this
    /// program does not know grant nothing.
    pub fn of<'a>(
        roles: impl IntoIterator<Item = &'a str>,
        custom: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let built_in = roles.into_iter().filter_map(BuiltInRole::from_key).flat_map(BuiltInRole::grants);
        let custom = custom.into_iter().filter_map(|(permission, scope)| {
            Some(Grant { permission: permission.parse().ok()?, scope: scope.parse().ok()? })
        });
        Self(built_in.chain(custom).collect())
    }

    /// The scopes in which a permission is granted.
    #[must_use]
    pub fn scopes(&self, permission: Permission) -> ScopeSet {
        let granted = self.0.iter().filter(|grant| grant.permission == permission);
        granted.fold(ScopeSet::EMPTY, |scopes, grant| scopes.with(grant.scope))
    }

    /// Whether a permission holds for a person who lies in these scopes. Nobody sets their own pay, whatever is granted.
    #[must_use]
    pub fn allow(&self, permission: Permission, lies_in: ScopeSet) -> bool {
        let own_pay = permission == Permission::PayWrite && lies_in.has(Scope::Own);
        !own_pay && self.scopes(permission).meets(lies_in)
    }

    /// Whether a permission holds that is not about a single person. A narrower scope than everything does not give it.
    #[must_use]
    pub fn allow_everywhere(&self, permission: Permission) -> bool {
        self.scopes(permission).has(Scope::All)
    }

    /// The same for a credential that is confined to some permissions.
    #[must_use]
    pub fn confined_to(mut self, permissions: &[Permission]) -> Self {
        self.0.retain(|grant| permissions.contains(&grant.permission));
        self
    }

    /// Whether whoever has these has all of `others` too. Everybody includes the few: [`Scope::All`] covers each scope.
    #[must_use]
    pub fn cover(&self, others: &Self) -> bool {
        let has = |grant: &Grant| {
            let scopes = self.scopes(grant.permission);
            scopes.has(grant.scope) || scopes.has(Scope::All)
        };
        others.0.iter().all(has)
    }

    /// Each permission that is granted, with its scopes; where everybody is included, no narrower one is named.
    pub fn by_permission(&self) -> impl Iterator<Item = (Permission, Vec<Scope>)> {
        Permission::ALL.into_iter().filter_map(|permission| {
            let scopes = self.scopes(permission);
            let named = |scope: &Scope| scopes.has(*scope) && (*scope == Scope::All || !scopes.has(Scope::All));
            let named: Vec<Scope> = Scope::ALL.into_iter().filter(named).collect();
            (!named.is_empty()).then_some((permission, named))
        })
    }

    /// Whether it can matter if a person lies in this scope: some permission is granted in it and not for everybody.
    #[must_use]
    pub fn depend_on(&self, scope: Scope) -> bool {
        Permission::OF_PEOPLE
            .into_iter()
            .map(|permission| self.scopes(permission))
            .any(|set| set.has(scope) && !set.has(Scope::All))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYBODY: ScopeSet = ScopeSet::EMPTY.with(Scope::All);

    #[test]
    fn without_a_role_nothing_is_allowed() {
        let nobody = Grants::of([], []);
        let all = EVERYBODY.with(Scope::Own).with(Scope::Reports).with(Scope::Department);
        assert!(Permission::ALL.into_iter().all(|permission| !nobody.allow(permission, all)));
    }

    #[test]
    fn a_scope_covers_those_who_lie_in_it_and_nobody_else() {
        let clerk = Grants::of([], [("employees.read", "department")]);
        assert!(clerk.allow(Permission::EmployeesRead, EVERYBODY.with(Scope::Department)));
        assert!(!clerk.allow(Permission::EmployeesRead, EVERYBODY.with(Scope::Own).with(Scope::Reports)));
        assert!(!clerk.allow(Permission::PayRead, EVERYBODY.with(Scope::Department)));
    }

    #[test]
    fn a_permission_on_the_organisation_holds_for_all_of_it_or_not_at_all() {
        let narrow = Grants::of([], [("organisation.write", "department"), ("organisation.read", "all")]);
        assert!(narrow.allow_everywhere(Permission::OrganisationRead));
        assert!(!narrow.allow_everywhere(Permission::OrganisationWrite));
    }

    #[test]
    fn nobody_sets_their_own_pay() {
        let payroll = Grants::of(["owner", "payroll_admin"], [("pay.write", "self")]);
        assert!(payroll.allow(Permission::PayWrite, EVERYBODY));
        assert!(!payroll.allow(Permission::PayWrite, EVERYBODY.with(Scope::Own)));
    }

    #[test]
    fn unknown_roles_permissions_and_scopes_grant_nothing() {
        let odd = Grants::of(["root", "Owner"], [("employees.read", "everything"), ("everything", "all")]);
        assert_eq!(odd, Grants::default());
    }

    #[test]
    fn roles_add_up() {
        let both = Grants::of(["manager", "hr_manager"], []);
        assert!(both.allow(Permission::EmployeesRead, EVERYBODY));
        assert!(!both.depend_on(Scope::Reports), "everybody is read already");
        assert!(Grants::of(["manager"], []).depend_on(Scope::Reports));
    }
}
