//! The departments that a sample company can have, and the jobs in them.

use super::grade::Grade;

/// A title and its grade.
pub(super) type Job = (&'static str, Grade);

/// A department as it is drawn up: what it is called, when a company is large enough to have it, and who works there.
pub(super) struct Unit {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    /// The code of the department above.
    pub(super) parent: Option<&'static str>,
    /// The smallest company that has it. No more units exist at a size than the company has people.
    pub(super) from_size: u32,
    /// Its share of the staff, against the other units' weights.
    pub(super) weight: u32,
    pub(super) head: Job,
    pub(super) manager: Job,
    pub(super) lead: Job,
    pub(super) staff: &'static [Job],
}

const fn unit(
    (code, name): (&'static str, &'static str),
    parent: Option<&'static str>,
    (from_size, weight): (u32, u32),
    [head, manager, lead]: [&'static str; 3],
    staff: &'static [Job],
) -> Unit {
    let (head, manager, lead) = ((head, Grade::D1), (manager, Grade::M2), (lead, Grade::M1));
    Unit { name, code, parent, from_size, weight, head, manager, lead, staff }
}

const ENGINEERS: &[Job] = &[
    ("Junior Software Engineer", Grade::P1),
    ("Software Engineer", Grade::P2),
    ("Software Engineer", Grade::P2),
    ("Senior Software Engineer", Grade::P3),
    ("Principal Engineer", Grade::P4),
];
const SALES: &[Job] = &[
    ("Sales Associate", Grade::P1),
    ("Account Executive", Grade::P2),
    ("Account Executive", Grade::P2),
    ("Senior Account Executive", Grade::P3),
];
const MAKERS: &[Job] = &[
    ("Production Technician", Grade::P1),
    ("Production Technician", Grade::P1),
    ("Senior Production Technician", Grade::P2),
    ("Process Engineer", Grade::P3),
];

/// A unit comes after the one above it. The first is the chief executive's.
pub(super) const UNITS: &[Unit] = &[
    Unit {
        name: "Executive Office",
        code: "EXE",
        parent: None,
        from_size: 1,
        weight: 0,
        head: ("Chief Executive Officer", Grade::E1),
        manager: ("Chief of Staff", Grade::M2),
        lead: ("Office Lead", Grade::M1),
        staff: &[("Executive Assistant", Grade::P2)],
    },
    unit(
        ("ENG", "Engineering"),
        None,
        (4, 18),
        ["Head of Engineering", "Engineering Manager", "Engineering Team Lead"],
        ENGINEERS,
    ),
    unit(("SAL", "Sales"), None, (6, 12), ["Head of Sales", "Sales Manager", "Sales Team Lead"], SALES),
    unit(
        ("PEO", "People"),
        None,
        (12, 5),
        ["Head of People", "HR Manager", "HR Team Lead"],
        &[
            ("HR Assistant", Grade::P1),
            ("Recruiter", Grade::P2),
            ("HR Business Partner", Grade::P3),
            ("Compensation Analyst", Grade::P3),
        ],
    ),
    unit(
        ("FIN", "Finance"),
        None,
        (12, 6),
        ["Head of Finance", "Finance Manager", "Accounting Lead"],
        &[
            ("Payroll Specialist", Grade::P2),
            ("Accountant", Grade::P2),
            ("Senior Accountant", Grade::P3),
            ("Financial Analyst", Grade::P3),
        ],
    ),
    unit(
        ("OPS", "Operations"),
        None,
        (20, 10),
        ["Head of Operations", "Operations Manager", "Operations Lead"],
        &[("Operations Assistant", Grade::P1), ("Buyer", Grade::P2), ("Supply Planner", Grade::P3)],
    ),
    unit(
        ("MKT", "Marketing"),
        None,
        (30, 6),
        ["Head of Marketing", "Marketing Manager", "Campaign Lead"],
        &[("Content Writer", Grade::P1), ("Marketing Specialist", Grade::P2), ("Product Marketer", Grade::P3)],
    ),
    unit(
        ("CUS", "Customer Success"),
        None,
        (30, 10),
        ["Head of Customer Success", "Customer Success Manager", "Support Lead"],
        &[("Support Agent", Grade::P1), ("Support Engineer", Grade::P2), ("Customer Consultant", Grade::P3)],
    ),
    unit(
        ("ICT", "IT"),
        None,
        (60, 5),
        ["Head of IT", "IT Manager", "IT Team Lead"],
        &[
            ("IT Support Technician", Grade::P1),
            ("System Administrator", Grade::P2),
            ("Database Administrator", Grade::P3),
        ],
    ),
    unit(
        ("ENG-PLT", "Platform Engineering"),
        Some("ENG"),
        (100, 10),
        ["Director of Platform Engineering", "Engineering Manager", "Engineering Team Lead"],
        ENGINEERS,
    ),
    unit(
        ("ENG-PRD", "Product Engineering"),
        Some("ENG"),
        (100, 16),
        ["Director of Product Engineering", "Engineering Manager", "Engineering Team Lead"],
        ENGINEERS,
    ),
    unit(
        ("ENG-QUA", "Quality"),
        Some("ENG"),
        (150, 5),
        ["Director of Quality", "Quality Manager", "Quality Lead"],
        &[("Test Engineer", Grade::P2), ("Senior Test Engineer", Grade::P3)],
    ),
    unit(
        ("SAL-EUR", "Sales Europe"),
        Some("SAL"),
        (150, 8),
        ["Director of Sales Europe", "Sales Manager", "Sales Team Lead"],
        SALES,
    ),
    unit(
        ("SAL-INT", "Sales International"),
        Some("SAL"),
        (150, 8),
        ["Director of International Sales", "Sales Manager", "Sales Team Lead"],
        SALES,
    ),
    unit(
        ("LEG", "Legal"),
        None,
        (200, 2),
        ["General Counsel", "Legal Manager", "Contracts Lead"],
        &[("Paralegal", Grade::P2), ("Legal Counsel", Grade::P4)],
    ),
    unit(
        ("OPS-PRO", "Production"),
        Some("OPS"),
        (200, 24),
        ["Director of Production", "Production Manager", "Shift Lead"],
        MAKERS,
    ),
    unit(
        ("OPS-LOG", "Logistics"),
        Some("OPS"),
        (250, 10),
        ["Director of Logistics", "Logistics Manager", "Warehouse Lead"],
        &[("Warehouse Associate", Grade::P1), ("Dispatcher", Grade::P2)],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_come_after_the_one_above_and_have_codes_of_their_own() {
        for (index, unit) in UNITS.iter().enumerate() {
            let earlier = &UNITS[..index];
            assert!(
                earlier.iter().all(|other| other.code != unit.code && other.name != unit.name),
                "{} twice",
                unit.name
            );
            if let Some(parent) = unit.parent {
                assert!(
                    earlier.iter().any(|other| other.code == parent),
                    "{parent} does not come before {}",
                    unit.name
                );
            }
        }
    }

    #[test]
    fn a_title_has_one_grade() {
        let jobs = || {
            UNITS
                .iter()
                .flat_map(|unit| [unit.head, unit.manager, unit.lead].into_iter().chain(unit.staff.iter().copied()))
        };
        for (title, grade) in jobs() {
            assert!(jobs().all(|(other, its_grade)| other != title || its_grade == grade), "{title} has two grades");
        }
    }
}
