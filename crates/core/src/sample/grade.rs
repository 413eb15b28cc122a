//! Pay grades and what they pay.

/// Pay grades, from the first job to the chief executive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Grade {
    /// Starts in the profession.
    #[default]
    P1,
    /// Works on their own.
    P2,
    /// Senior.
    P3,
    /// Principal.
    P4,
    /// Leads a team.
    M1,
    /// Leads leaders of teams.
    M2,
    /// Heads a department.
    D1,
    /// Heads the company.
    E1,
}

impl Grade {
    /// The grade as the designation shows it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
            Self::M1 => "M1",
            Self::M2 => "M2",
            Self::D1 => "D1",
            Self::E1 => "E1",
        }
    }

    /// The lowest and the highest yearly salary of the grade, in thousands of the company's currency.
    pub(super) const fn band(self) -> (u32, u32) {
        match self {
            Self::P1 => (34, 46),
            Self::P2 => (44, 62),
            Self::P3 => (58, 82),
            Self::P4 => (78, 108),
            Self::M1 => (66, 92),
            Self::M2 => (88, 122),
            Self::D1 => (110, 165),
            Self::E1 => (190, 260),
        }
    }
}
