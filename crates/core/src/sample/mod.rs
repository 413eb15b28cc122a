//! A made-up company for demos, tests and benchmarks: departments, designations, and people with managers, dates and pay.
//!
//! Everything follows from the [`Plan`]: the same plan gives the same company, today and in later releases.

mod grade;
mod names;
mod organisation;
mod people;
mod reviews;
mod rng;
mod units;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use crate::employment::{EmployeeStatus, EmploymentType, Gender, MaritalStatus, TerminationKind};
use crate::money::{Currency, Money};
use crate::tenant::Slug;

pub use grade::Grade;
use organisation::{Rank, places, staffing};
use people::{Hiring, Post};
pub use reviews::{Aim, Colleague, Review, Reviews, reviews};

/// What a sample company follows from.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Companies of different seeds differ in people and history, not in their way of being organised.
    pub seed: u64,
    /// How many people, leavers included.
    pub size: u32,
    /// The day on which the company is looked at: whoever left did so before it, whoever is pending comes after it.
    pub today: Date,
    /// Gives the mail domain: `acme` has `@acme.example`.
    pub slug: Slug,
    /// What everybody is paid in.
    pub currency: Currency,
}

/// A company as it stands on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// The tree of departments: one that is above another comes before it.
    pub departments: Vec<Department>,
    /// All job titles, each once.
    pub designations: Vec<Designation>,
    /// All people: a manager comes before those who report to them.
    pub people: Vec<Person>,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its name, unique in the company.
    pub name: &'static str,
    /// Its code, unique in the company.
    pub code: &'static str,
    /// The department above, as an index into [`Company::departments`].
    pub parent: Option<usize>,
    /// Who heads it, as an index into [`Company::people`].
    pub head: usize,
}

/// A job title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Designation {
    /// The title, unique in the company.
    pub title: &'static str,
    /// Its pay grade.
    pub grade: Grade,
}

/// A person who works, worked or will work for the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The employee number, unique, in the order of hiring.
    pub number: String,
    /// Given name.
    pub first_name: &'static str,
    /// Second given name, which some have.
    pub middle_name: Option<&'static str>,
    /// Family name.
    pub last_name: &'static str,
    /// Unique in the company.
    pub work_email: String,
    /// Day of birth: 18 years or more before the day of hiring.
    pub birth_date: Date,
    /// As the person states it.
    pub gender: Gender,
    /// As the payroll knows it.
    pub marital_status: MaritalStatus,
    /// Country whose citizen the person is, in English.
    pub citizenship: &'static str,
    /// Where the person works, as a city.
    pub city: &'static str,
    /// The country of that city by its ISO 3166-1 code of two letters.
    pub country_code: &'static str,
    /// Where the person stands on the plan's day.
    pub status: EmployeeStatus,
    /// The kind of contract.
    pub employment_type: EmploymentType,
    /// First day of employment.
    pub hired_on: Date,
    /// How the employment ended, or will end when the person is still there on notice.
    pub termination: Option<Termination>,
    /// Index into [`Company::departments`].
    pub department: usize,
    /// Index into [`Company::designations`].
    pub designation: usize,
    /// Index into [`Company::people`]; none for the chief executive alone.
    pub manager: Option<usize>,
    /// Pay for a year.
    pub salary: Money,
}

/// The end of an employment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Termination {
    /// Last day of employment.
    pub on: Date,
    /// On whose initiative.
    pub kind: TerminationKind,
    /// In words.
    pub reason: &'static str,
}

impl Company {
    /// A manager and one who reports to them and is at work, as indices into [`Company::people`]: of those below the chief
    /// executive, the one with the most direct reports. None in a company that is too small for it.
    #[must_use]
    pub fn manager_and_report(&self) -> Option<(usize, usize)> {
        let mut reports: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, person) in self.people.iter().enumerate() {
            if let Some(manager) = person.manager.filter(|_| person.status == EmployeeStatus::Active) {
                reports.entry(manager).or_default().push(index);
            }
        }
        let below_the_top = |manager: &usize| self.people.get(*manager).is_some_and(|person| person.manager.is_some());
        let (manager, team) =
            reports.into_iter().filter(|(manager, _)| below_the_top(manager)).max_by_key(|(_, team)| team.len())?;
        Some((manager, team.first().copied()?))
    }
}

/// Makes the company of a plan. A size of 0 gives one without departments.
#[must_use]
pub fn company(plan: &Plan) -> Company {
    let mut hiring = Hiring::new(plan);
    let mut designations = Designations::default();
    let mut departments: Vec<Department> = Vec::new();
    let mut people = Vec::new();
    for (unit, count) in staffing(plan.size) {
        let parent = unit.parent.and_then(|code| departments.iter().position(|above| above.code == code));
        let boss = departments.get(parent.unwrap_or(0)).map(|above| above.head);
        let department = Department { name: unit.name, code: unit.code, parent, head: people.len() };
        for place in places(count) {
            let (title, grade) = place.job(unit, &mut hiring.rng);
            people.push(hiring.person(&Post {
                grade,
                has_reports: place.rank != Rank::Staff,
                department: departments.len(),
                designation: designations.index_of(title, grade),
                manager: place.reports_to.map_or(boss, |peer| Some(department.head + peer)),
            }));
        }
        departments.push(department);
    }
    number_by_hiring(&mut people);
    Company { departments, designations: designations.list, people }
}

/// Job titles as they come up, each once.
#[derive(Default)]
struct Designations {
    list: Vec<Designation>,
    by_title: HashMap<&'static str, usize>,
}

impl Designations {
    fn index_of(&mut self, title: &'static str, grade: Grade) -> usize {
        *self.by_title.entry(title).or_insert_with(|| {
            self.list.push(Designation { title, grade });
            self.list.len() - 1
        })
    }
}

fn number_by_hiring(people: &mut [Person]) {
    let mut in_order: Vec<&mut Person> = people.iter_mut().collect();
    in_order.sort_by_key(|person| person.hired_on);
    for (number, person) in (1..).zip(in_order) {
        person.number = format!("E{number:05}");
    }
}

#[cfg(test)]
mod tests;
