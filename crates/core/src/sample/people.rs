//! Draws people: who they are, when they came and went, and what they earn.

use std::collections::HashMap;

use jiff::Span;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::grade::Grade;
use super::names::{REGIONS, Region, mailbox_word};
use super::rng::Rng;
use super::{Person, Plan, Termination};
use crate::employment::{EmployeeStatus, EmploymentType, Gender, MaritalStatus, TerminationKind};
use crate::money::Money;

const DAYS_A_YEAR: u32 = 365;

/// A city and its country.
type Office = (&'static str, &'static str);

const OFFICES: &[Office] = &[
    ("Berlin", "DE"),
    ("Dublin", "IE"),
    ("Madrid", "ES"),
    ("Lyon", "FR"),
    ("Kraków", "PL"),
    ("Istanbul", "TR"),
    ("Pune", "IN"),
    ("Lagos", "NG"),
    ("Osaka", "JP"),
    ("Recife", "BR"),
    ("Malmö", "SE"),
    ("Toronto", "CA"),
];

const RESIGNED: &[&str] = &[
    "Another position",
    "Better pay elsewhere",
    "Relocation",
    "Return to education",
    "Change of career",
    "Family reasons",
];
const DISMISSED: &[&str] = &["Performance", "Position abolished", "Conduct"];
const EXPIRED: &[&str] = &["Contract ended"];

/// The place that a person is drawn for.
pub(super) struct Post {
    pub(super) grade: Grade,
    pub(super) has_reports: bool,
    pub(super) department: usize,
    pub(super) designation: usize,
    pub(super) manager: Option<usize>,
}

/// Draws one person after the other, and remembers which mail addresses are taken.
pub(super) struct Hiring<'a> {
    plan: &'a Plan,
    pub(super) rng: Rng,
    company_age_days: u32,
    offices: [Office; 4],
    mailboxes: HashMap<String, u32>,
}

impl<'a> Hiring<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut rng = Rng::new(plan.seed);
        let company_age_days = (5 + rng.below(10)) * DAYS_A_YEAR;
        let main = rng.pick(OFFICES);
        let offices = [main, main, rng.pick(OFFICES), rng.pick(OFFICES)];
        Self { plan, rng, company_age_days, offices, mailboxes: HashMap::new() }
    }

    pub(super) fn person(&mut self, post: &Post) -> Person {
        let gender = self.gender();
        let (region, first_name, middle_name) = self.given_names(gender);
        let last_name = self.rng.pick(region.last);
        let employment_type = self.employment_type(post);
        let hired_on = self.hired_on(post);
        let birth_date = self.birth_date(post.grade, hired_on);
        let (status, termination) = self.standing(post, hired_on);
        let (city, country_code) = self.rng.pick(&self.offices);
        Person {
            number: String::new(),
            first_name,
            middle_name,
            last_name,
            work_email: self.work_email(first_name, last_name),
            birth_date,
            gender,
            marital_status: self.marital_status(birth_date),
            citizenship: region.citizenship,
            city,
            country_code,
            status,
            employment_type,
            hired_on,
            termination,
            department: post.department,
            designation: post.designation,
            manager: post.manager,
            salary: self.salary(post.grade, employment_type),
        }
    }

    fn gender(&mut self) -> Gender {
        match self.rng.below(100) {
            0..48 => Gender::Female,
            48..96 => Gender::Male,
            96..98 => Gender::NonBinary,
            _ => Gender::Undisclosed,
        }
    }

    fn given_names(&mut self, gender: Gender) -> (Region, &'static str, Option<&'static str>) {
        let region = self.rng.pick(REGIONS);
        let names = match gender {
            Gender::Female => region.female,
            Gender::Male => region.male,
            _ if self.rng.chance(50) => region.female,
            _ => region.male,
        };
        let first = self.rng.pick(names);
        let middle = self.rng.pick(names);
        (region, first, (middle != first && self.rng.chance(20)).then_some(middle))
    }

    /// `first.last`, and a number behind it from the second of that name on.
    fn work_email(&mut self, first_name: &str, last_name: &str) -> String {
        let mailbox = format!("{}.{}", mailbox_word(first_name), mailbox_word(last_name));
        let domain = self.plan.slug.as_str();
        let bearers = self.mailboxes.entry(mailbox.clone()).or_default();
        *bearers += 1;
        match *bearers {
            1 => format!("{mailbox}@{domain}.example"),
            nth => format!("{mailbox}{nth}@{domain}.example"),
        }
    }

    fn employment_type(&mut self, post: &Post) -> EmploymentType {
        match self.rng.below(100) {
            _ if post.has_reports => EmploymentType::FullTime,
            0..9 => EmploymentType::PartTime,
            9..13 => EmploymentType::FixedTerm,
            13..18 if post.grade == Grade::P1 => EmploymentType::Intern,
            18..21 if post.grade == Grade::P1 => EmploymentType::Apprentice,
            _ => EmploymentType::FullTime,
        }
    }

    /// The chief executive founded the company, managers came early rather than late, and of the others some are still
    /// to come.
    fn hired_on(&mut self, post: &Post) -> Date {
        let age = self.company_age_days;
        let (one, other) = (self.rng.below(age), self.rng.below(age));
        let days_ago = match post.grade {
            Grade::E1 => age,
            _ if post.has_reports => one.max(other).max(1),
            _ if self.rng.chance(2) => return days_after(self.plan.today, 1 + self.rng.below(45)),
            _ => one.min(other),
        };
        days_before(self.plan.today, days_ago)
    }

    fn birth_date(&mut self, grade: Grade, hired_on: Date) -> Date {
        let least_age = match grade {
            Grade::P1 => 18,
            Grade::P2 => 22,
            Grade::P3 => 26,
            Grade::P4 | Grade::M1 => 29,
            Grade::M2 | Grade::E1 => 32,
            Grade::D1 => 35,
        };
        days_before(hired_on.saturating_sub(Span::new().years(least_age)), self.rng.below(15 * DAYS_A_YEAR))
    }

    /// Nobody leaves while others report to them.
    fn standing(&mut self, post: &Post, hired_on: Date) -> (EmployeeStatus, Option<Termination>) {
        let today = self.plan.today;
        if hired_on > today {
            return (EmployeeStatus::Pending, None);
        }
        let days_here = u32::try_from(hired_on.duration_until(today).as_hours() / 24).unwrap_or_default();
        match self.rng.below(100) {
            _ if post.has_reports || days_here < 90 => (EmployeeStatus::Active, None),
            0..17 => {
                let left_on = days_before(today, 1 + self.rng.below(days_here - 60));
                (EmployeeStatus::Terminated, Some(self.termination(left_on)))
            }
            17..19 => {
                let leaves_on = days_after(today, 1 + self.rng.below(60));
                (EmployeeStatus::Active, Some(self.termination(leaves_on)))
            }
            19..22 => (EmployeeStatus::OnLeave, None),
            _ => (EmployeeStatus::Active, None),
        }
    }

    fn termination(&mut self, on: Date) -> Termination {
        let (kind, reasons) = match self.rng.below(10) {
            0..7 => (TerminationKind::Voluntary, RESIGNED),
            7..9 => (TerminationKind::Involuntary, DISMISSED),
            _ => (TerminationKind::Other, EXPIRED),
        };
        Termination { on, kind, reason: self.rng.pick(reasons) }
    }

    fn marital_status(&mut self, birth_date: Date) -> MaritalStatus {
        let young = birth_date > self.plan.today.saturating_sub(Span::new().years(26));
        match self.rng.below(100) {
            _ if young => MaritalStatus::Single,
            0..35 => MaritalStatus::Single,
            35..80 => MaritalStatus::Married,
            80..86 => MaritalStatus::Partnership,
            86..89 => MaritalStatus::Separated,
            89..98 => MaritalStatus::Divorced,
            _ => MaritalStatus::Widowed,
        }
    }

    /// A full hundred somewhere in the grade's band; a part of it for those who work or learn a part of the time.
    fn salary(&mut self, grade: Grade, employment_type: EmploymentType) -> Money {
        let (lowest, highest) = grade.band();
        let hundreds = lowest * 10 + self.rng.below((highest - lowest) * 10 + 1);
        let percent = match employment_type {
            EmploymentType::PartTime => 60,
            EmploymentType::Intern | EmploymentType::Apprentice => 50,
            _ => 100,
        };
        Money { amount: Decimal::from(hundreds * percent), currency: self.plan.currency }
    }
}

fn days_before(day: Date, days: u32) -> Date {
    day.saturating_sub(Span::new().days(i64::from(days)))
}

fn days_after(day: Date, days: u32) -> Date {
    day.saturating_add(Span::new().days(i64::from(days)))
}
