use std::collections::HashSet;

use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

fn plan(seed: u64, size: u32) -> Plan {
    Plan { seed, size, today: date(2026, 3, 2), slug: "acme".parse().unwrap(), currency: "EUR".parse().unwrap() }
}

fn years_between(from: Date, to: Date) -> i16 {
    let full = to.year() - from.year();
    if (to.month(), to.day()) < (from.month(), from.day()) { full - 1 } else { full }
}

fn all_distinct<T: std::hash::Hash + Eq>(items: impl Iterator<Item = T>) -> bool {
    let mut seen = HashSet::new();
    items.into_iter().all(|item| seen.insert(item))
}

/// The last person depends on every draw before, so a change anywhere shows here.
#[test]
fn a_company_stays_as_it_is_from_release_to_release() {
    let company = company(&plan(1, 60));
    let line = |person: &Person| {
        let title = company.designations[person.designation].title;
        format!("{} {} {title} {}", person.number, person.work_email, person.hired_on)
    };
    assert_eq!(
        company.people.first().map(line).unwrap(),
        "E00001 satoshi.yamamoto@acme.example Chief Executive Officer 2016-03-04"
    );
    assert_eq!(
        company.people.last().map(line).unwrap(),
        "E00025 antoine.girard@acme.example Database Administrator 2022-06-13"
    );
}

#[test]
fn seeds_differ() {
    assert_ne!(company(&plan(1, 60)).people, company(&plan(2, 60)).people);
}

#[test]
fn a_company_of_some_size_has_leavers_joiners_and_people_on_leave() {
    let company = company(&plan(1, 500));
    let with = |status| company.people.iter().filter(|person| person.status == status).count();
    let leavers = with(EmployeeStatus::Terminated);
    assert!((40..110).contains(&leavers), "{leavers} of 500 have left");
    assert!(with(EmployeeStatus::Pending) > 0, "nobody is still to come");
    assert!(with(EmployeeStatus::OnLeave) > 0, "nobody is on leave");
    assert!(company.departments.iter().any(|department| department.parent.is_some()), "the departments are flat");
}

#[test]
fn a_hundred_thousand_people_are_no_trouble() {
    let company = company(&plan(1, 100_000));
    assert!(all_distinct(company.people.iter().map(|person| person.work_email.as_str())));
    let most_reports =
        company.people.iter().filter_map(|person| person.manager).fold(vec![0; 100_000], |mut counts, boss| {
            counts[boss] += 1;
            counts
        });
    assert!(most_reports.into_iter().max() <= Some(20));
}

proptest! {
    #[test]
    fn the_same_plan_gives_the_same_company(seed: u64, size in 0_u32..300) {
        prop_assert_eq!(company(&plan(seed, size)), company(&plan(seed, size)));
    }

    #[test]
    fn the_size_is_exact_and_numbers_and_addresses_are_unique(seed: u64, size in 0_u32..600) {
        let people = company(&plan(seed, size)).people;
        prop_assert_eq!(u32::try_from(people.len()).unwrap(), size);
        prop_assert!(all_distinct(people.iter().map(|person| person.number.as_str())));
        prop_assert!(all_distinct(people.iter().map(|person| person.work_email.as_str())));
    }

    #[test]
    fn managers_form_one_tree_of_sane_spans(seed: u64, size in 1_u32..600) {
        let people = company(&plan(seed, size)).people;
        let mut reports = vec![0; people.len()];
        for (index, person) in people.iter().enumerate() {
            if let Some(manager) = person.manager {
                // Managers come first, so no loop is possible and all lines end at the first person.
                prop_assert!(manager < index, "{} reports to a later person", person.number);
                prop_assert_ne!(people[manager].status, EmployeeStatus::Terminated);
                reports[manager] += 1;
            } else {
                prop_assert_eq!(index, 0, "{} has no manager", &person.number);
            }
        }
        prop_assert!(reports.iter().max() <= Some(&20), "somebody has {:?} reports", reports.iter().max());
    }

    #[test]
    fn the_manager_who_is_shown_leads_the_one_who_is(seed: u64, size in 30_u32..600) {
        let company = company(&plan(seed, size));
        let (manager, report) = company.manager_and_report().unwrap();
        prop_assert_eq!(company.people[report].manager, Some(manager));
        prop_assert_eq!(company.people[report].status, EmployeeStatus::Active);
        prop_assert_ne!(manager, 0, "the chief executive is no ordinary manager");
    }

    #[test]
    fn departments_form_a_tree_and_are_headed_by_one_of_their_own(seed: u64, size in 1_u32..600) {
        let company = company(&plan(seed, size));
        for (index, department) in company.departments.iter().enumerate() {
            prop_assert!(department.parent.is_none_or(|parent| parent < index), "{} comes before its parent", department.name);
            prop_assert_eq!(company.people[department.head].department, index);
        }
        prop_assert!(all_distinct(company.departments.iter().map(|department| department.name)));
        prop_assert!(all_distinct(company.designations.iter().map(|designation| designation.title)));
    }

    #[test]
    fn dates_and_pay_are_plausible(seed: u64, size in 1_u32..400) {
        let plan = plan(seed, size);
        let company = company(&plan);
        for person in &company.people {
            let age = years_between(person.birth_date, person.hired_on);
            prop_assert!((18..=50).contains(&age), "{} was hired at {age}", person.number);
            let left = person.termination.as_ref().map(|termination| termination.on);
            prop_assert!(left.is_none_or(|day| day > person.hired_on), "{} left before they came", person.number);
            prop_assert_eq!(person.status == EmployeeStatus::Terminated, left.is_some_and(|day| day < plan.today));
            prop_assert_eq!(person.status == EmployeeStatus::Pending, person.hired_on > plan.today);
            let highest = company.designations[person.designation].grade.band().1 * 1000;
            prop_assert!(person.salary.amount > Decimal::ZERO && person.salary.amount <= Decimal::from(highest));
        }
    }
}
