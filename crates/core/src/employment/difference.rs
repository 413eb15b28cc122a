//! What one state of an employment has that another has not.

use super::{Employment, Period, Row};
use crate::ids::{EmploymentPeriodId, JobAssignmentId};

/// What has to be stored for one state to become another. Nothing that was stored is changed: it is superseded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operations {
    /// The periods that hold no longer.
    pub periods_superseded: Vec<EmploymentPeriodId>,
    /// Those that hold from now on.
    pub periods_added: Vec<Period>,
    /// The rows that hold no longer.
    pub rows_superseded: Vec<JobAssignmentId>,
    /// Those that hold from now on.
    pub rows_added: Vec<Row>,
}

impl Operations {
    /// Whether nothing has to be stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Employment {
    /// What has to be stored for an earlier state to become this one.
    #[must_use]
    pub fn since(&self, before: &Self) -> Operations {
        let kept: Vec<_> = self.periods.iter().filter_map(|period| period.id).collect();
        let rows_kept: Vec<_> = self.timeline.rows().iter().filter_map(|row| row.id).collect();
        let periods = before.periods.iter().filter_map(|period| period.id);
        let rows = before.timeline.rows().iter().filter_map(|row| row.id);
        Operations {
            periods_superseded: periods.filter(|id| !kept.contains(id)).collect(),
            periods_added: self.periods.iter().filter(|period| period.id.is_none()).cloned().collect(),
            rows_superseded: rows.filter(|id| !rows_kept.contains(id)).collect(),
            rows_added: self.timeline.rows().iter().filter(|row| row.id.is_none()).cloned().collect(),
        }
    }
}
