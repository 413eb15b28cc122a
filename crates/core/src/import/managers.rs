//! Finds the managers that a file names by number or by name, among the people of the file and those already stored.

use std::collections::HashMap;

use super::employee::EmployeeRow;
use super::field::Field;
use super::findings::Warnings;
use super::mapping::Mapping;
use super::name::{NameKey, PersonName};

/// Someone who is stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// Their employee number.
    pub number: String,
    /// Their name.
    pub name: PersonName,
    /// Employee number of their manager.
    pub manager: Option<String>,
}

/// Where a person is in [`People`]. The rows of the file come first, in their order.
type Place = usize;

/// Everybody who can be a manager.
struct People {
    numbers: Vec<String>,
    names: Vec<NameKey>,
    by_number: HashMap<String, Place>,
    by_ends: HashMap<(String, String), Vec<Place>>,
}

/// What came of looking for a manager.
enum Found {
    /// This person.
    One(Place),
    /// This person by name, while the number beside it is another's or nobody's.
    ByNameAgainstNumber(Place, &'static str),
    /// Nobody, for this reason.
    Nobody(Field, &'static str),
}

/// Sets the manager of every row that names one who is found. The texts of others are kept as custom values, with a warning.
/// No row gets a manager that would make them their own manager, directly or through others.
pub(super) fn resolve(rows: &mut [EmployeeRow], existing: &[Colleague], mapping: &Mapping, warnings: &mut Warnings) {
    let people = People::new(rows, existing);
    let mut places: Vec<Option<Place>> = Vec::with_capacity(rows.len());
    for (own, row) in rows.iter_mut().enumerate() {
        let place = match people.find(own, row) {
            None => None,
            Some(Found::One(place)) => Some(place),
            Some(Found::ByNameAgainstNumber(place, message)) => {
                keep(row, Field::ManagerNumber, "", message, mapping, warnings);
                Some(place)
            }
            Some(Found::Nobody(field, message)) => {
                let text = stated(row, field).to_owned();
                keep(row, field, &text, message, mapping, warnings);
                if field == Field::Manager {
                    keep_quietly(row, Field::ManagerNumber, mapping);
                }
                None
            }
        };
        places.push(place);
    }
    let stored = people.stored_managers(existing);
    for own in take_loops_apart(&mut places, &stored) {
        if let Some(row) = rows.get_mut(own) {
            keep_stated(row, "would lead back to the same person; no manager set", mapping, warnings);
        }
    }
    for (row, place) in rows.iter_mut().zip(places) {
        row.manager = place.and_then(|place| people.numbers.get(place).cloned());
    }
}

impl People {
    fn new(rows: &[EmployeeRow], existing: &[Colleague]) -> Self {
        let mut people =
            Self { numbers: Vec::new(), names: Vec::new(), by_number: HashMap::new(), by_ends: HashMap::new() };
        let in_file = rows.iter().map(|row| (&row.number, &row.name));
        for (number, name) in in_file.chain(existing.iter().map(|colleague| (&colleague.number, &colleague.name))) {
            let place = people.numbers.len();
            if people.by_number.contains_key(&number.to_lowercase()) {
                continue;
            }
            let key = name.key();
            people.by_number.insert(number.to_lowercase(), place);
            people.by_ends.entry(key.ends.clone()).or_default().push(place);
            people.numbers.push(number.clone());
            people.names.push(key);
        }
        people
    }

    fn find(&self, own: Place, row: &EmployeeRow) -> Option<Found> {
        let by_number = |number: &String| self.by_number.get(&number.to_lowercase()).copied();
        let numbered = row.manager_number.as_ref().and_then(by_number);
        let Some(name) = &row.manager_name else {
            row.manager_number.as_ref()?;
            return Some(numbered.map_or(
                Found::Nobody(Field::ManagerNumber, "no employee has this number; kept as a custom value"),
                Found::One,
            ));
        };
        let named = self.named(own, name);
        let found = match (named.as_slice(), numbered) {
            ([one], Some(place)) if *one != place => Found::ByNameAgainstNumber(
                *one,
                "the number is another employee's than the name beside it; the name was followed",
            ),
            ([one], None) if row.manager_number.is_some() => {
                Found::ByNameAgainstNumber(*one, "no employee has these numbers; the names beside them were followed")
            }
            ([one], _) => Found::One(*one),
            ([], _) => by_number(name)
                .map_or(Found::Nobody(Field::Manager, "no employee has this name; kept as a custom value"), Found::One),
            (several, Some(place)) if several.contains(&place) => Found::One(place),
            _ => Found::Nobody(Field::Manager, "several employees have this name; kept as a custom value"),
        };
        Some(found)
    }

    /// Those whose name agrees. Someone who shares the name of their manager is not meant by it.
    fn named(&self, own: Place, name: &str) -> Vec<Place> {
        let Ok(key) = PersonName::parse(name).map(|name| name.key()) else { return Vec::new() };
        let namesakes = self.by_ends.get(&key.ends).map_or(&[][..], Vec::as_slice);
        let agrees = |place: &Place| self.names.get(*place).is_some_and(|other| other.agrees_with(&key));
        let exact = |place: &Place| self.names.get(*place).is_some_and(|other| *other == key);
        let agreeing: Vec<Place> = namesakes.iter().copied().filter(agrees).collect();
        let narrowed = |by: &dyn Fn(&Place) -> bool| agreeing.iter().copied().filter(by).collect::<Vec<_>>();
        let exactly: Vec<Place> = narrowed(&exact);
        let candidates = if exactly.is_empty() { agreeing.clone() } else { exactly };
        if candidates.len() > 1 { candidates.into_iter().filter(|place| *place != own).collect() } else { candidates }
    }

    /// The managers that are stored at present, for everybody.
    fn stored_managers(&self, existing: &[Colleague]) -> Vec<Option<Place>> {
        let mut managers = vec![None; self.numbers.len()];
        let place_of = |number: &String| self.by_number.get(&number.to_lowercase()).copied();
        for colleague in existing {
            if let Some(slot) = place_of(&colleague.number).and_then(|place| managers.get_mut(place)) {
                *slot = colleague.manager.as_ref().and_then(place_of);
            }
        }
        managers
    }
}

/// Takes away the new managers that close a loop, together with those that are stored for people who get no new one. Gives the
/// places that lost theirs. What is left is looked at again, because a stored manager comes to hold again.
fn take_loops_apart(new: &mut [Option<Place>], stored: &[Option<Place>]) -> Vec<Place> {
    let mut lost = Vec::new();
    loop {
        let news = new.iter().copied().chain(std::iter::repeat(None));
        let managers: Vec<Option<Place>> = news.zip(stored).map(|(new, stored)| new.or(*stored)).collect();
        let before = lost.len();
        for place in on_loops(&managers) {
            if new.get_mut(place).and_then(Option::take).is_some() {
                lost.push(place);
            }
        }
        if lost.len() == before {
            return lost;
        }
    }
}

/// The places from which following managers leads back.
fn on_loops(managers: &[Option<Place>]) -> Vec<Place> {
    let next = |place: Place| managers.get(place).copied().flatten();
    // The walk, by its start, on which a place was first reached.
    let mut walks: Vec<Option<Place>> = vec![None; managers.len()];
    let mut on_loops = Vec::new();
    for start in 0..managers.len() {
        let mut place = Some(start);
        while let Some(here) = place {
            match walks.get_mut(here) {
                Some(walk @ None) => *walk = Some(start),
                Some(Some(walk)) if *walk == start => {
                    on_loops.push(here);
                    on_loops.extend(
                        std::iter::successors(next(here), |place| next(*place)).take_while(|place| *place != here),
                    );
                    break;
                }
                _ => break,
            }
            place = next(here);
        }
    }
    on_loops
}

/// Keeps the text of a manager who is not set, with a warning.
pub(super) fn keep_stated(row: &mut EmployeeRow, message: &str, mapping: &Mapping, warnings: &mut Warnings) {
    let field = if row.manager_name.is_some() { Field::Manager } else { Field::ManagerNumber };
    let text = stated(row, field).to_owned();
    keep(row, field, &text, message, mapping, warnings);
}

fn stated(row: &EmployeeRow, field: Field) -> &str {
    let text = if field == Field::Manager { &row.manager_name } else { &row.manager_number };
    text.as_deref().unwrap_or_default()
}

fn keep(row: &mut EmployeeRow, field: Field, value: &str, message: &str, mapping: &Mapping, warnings: &mut Warnings) {
    if let Some((_, heading)) = mapping.column_of(field) {
        warnings.add(row.line, heading, value, message);
    }
    keep_quietly(row, field, mapping);
}

fn keep_quietly(row: &mut EmployeeRow, field: Field, mapping: &Mapping) {
    let text = stated(row, field).to_owned();
    if let Some((_, heading)) = mapping.column_of(field).filter(|_| !text.is_empty()) {
        row.custom.insert(heading.to_owned(), text);
    }
}
