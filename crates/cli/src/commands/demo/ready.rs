//! What `tenure demo` shows when it serves.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::Serialize;
use tenure_app::demo::COMPANIES;
use tenure_core::access::BuiltInRole;
use tenure_core::ids::EmployeeId;

use crate::output::Table;

/// The address, a token for each role, and requests to try.
#[derive(Serialize)]
pub(super) struct Ready {
    address: String,
    sign_ins: Vec<SignIn>,
    try_it: Vec<Example>,
}

/// How to sign in.
#[derive(Serialize)]
pub(super) struct SignIn {
    pub(super) tenant: &'static str,
    pub(super) role: BuiltInRole,
    pub(super) user: String,
    #[serde(skip)]
    pub(super) employee: Option<EmployeeId>,
    pub(super) token: String,
    pub(super) password: String,
}

/// A request to be pasted into a shell.
#[derive(Serialize)]
struct Example {
    what: &'static str,
    command: String,
}

impl Ready {
    pub(super) fn new(listening: SocketAddr, sign_ins: Vec<SignIn>) -> Self {
        let address = format!("http://{}", reachable(listening));
        let try_it = examples(&address, &sign_ins);
        Self { address, sign_ins, try_it }
    }
}

/// An address that a client on this machine can connect to.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let mut address = listening;
    if listening.ip().is_unspecified() {
        address.set_ip(if listening.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}

/// Requests to the first company, each only when the user for it is there: a list, a search, a person, and that person asked for
/// by somebody of the second company.
fn examples(address: &str, sign_ins: &[SignIn]) -> Vec<Example> {
    let [company, other] = COMPANIES.map(|company| company.slug);
    let user = |tenant, role| sign_ins.iter().find(|user| user.tenant == tenant && user.role == role);
    let request = |what, user: &SignIn, path: &str| {
        let command =
            format!("curl -sSw '\\n' -H 'Authorization: Bearer {}' '{address}/api/v1/employees{path}'", user.token);
        Example { what, command }
    };
    let owner = user(company, BuiltInRole::Owner);
    let person = user(company, BuiltInRole::Employee).and_then(|user| user.employee).map(|id| format!("/{id}"));
    let of_person = |what, user: Option<&SignIn>| Some(request(what, user?, person.as_ref()?));
    let sign_in = |user: &SignIn| {
        let body = format!(r#"{{"tenant":"{}","email":"{}","password":"{}"}}"#, user.tenant, user.user, user.password);
        let command =
            format!("curl -sSw '\\n' -H 'Content-Type: application/json' '{address}/api/v1/sessions' -d '{body}'");
        Example { what: "a session of the owner, by mail address and password", command }
    };
    let examples = [
        owner.map(|owner| request("the first of all people", owner, "?limit=3")),
        owner.map(|owner| request("a search by department and name", owner, "?department=Sales&name=an")),
        of_person("one person, as their manager sees them", user(company, BuiltInRole::Manager)),
        of_person("the same person, asked for by another company's owner", user(other, BuiltInRole::Owner)),
        owner.map(sign_in),
    ];
    examples.into_iter().flatten().collect()
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nTenure serves at {}\n\nSign in with the token of a role, or with its user's password:\n",
            self.address
        )?;
        let mut table = Table::new(["TENANT", "ROLE", "USER", "PASSWORD", "TOKEN"]);
        for SignIn { tenant, role, user, token, password, .. } in &self.sign_ins {
            table.row([(*tenant).to_owned(), role.to_string(), user.clone(), password.clone(), token.clone()]);
        }
        writeln!(f, "{table}")?;
        if !self.try_it.is_empty() {
            writeln!(f, "Try:\n")?;
        }
        for Example { what, command } in &self.try_it {
            writeln!(f, "# {what}\n{command}\n")?;
        }
        f.write_str("Ctrl-C stops the server and its database. The next `tenure demo` here finds all as it was.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_in(tenant: &'static str, role: BuiltInRole) -> SignIn {
        let employee = (role == BuiltInRole::Employee).then(|| "0198f3c2-0000-7000-8000-000000000007".parse().unwrap());
        SignIn {
            tenant,
            role,
            user: format!("{role}@{tenant}.example"),
            employee,
            token: format!("tnr_{tenant}_{role}"),
            password: "abcde-fghij-klmno-pqrst".to_owned(),
        }
    }

    #[test]
    fn it_says_where_to_go_how_to_sign_in_and_what_to_try() {
        use BuiltInRole::{Employee, Manager, Owner};
        let mut sign_ins: Vec<SignIn> = [Owner, Manager, Employee].map(|role| sign_in("acme", role)).into();
        sign_ins.push(sign_in("globex", Owner));
        insta::assert_snapshot!(Ready::new("0.0.0.0:7700".parse().unwrap(), sign_ins));
    }

    #[test]
    fn what_nobody_can_sign_in_for_is_left_out() {
        let ready = Ready::new("127.0.0.1:7700".parse().unwrap(), vec![sign_in("globex", BuiltInRole::Owner)]);
        assert!(ready.try_it.is_empty(), "{ready}");
    }
}
