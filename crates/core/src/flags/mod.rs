//! Feature flags: which value somebody gets, decided in memory from a snapshot of all flags.
//!
//! A [`Flag`] is what people write; [`Snapshot`] holds flags in the form in which they are evaluated. Nothing here reads a clock: the moment
//! is a value like everything else, so that whoever knows flag, subject and moment knows the answer.

mod bucket;
mod check;
mod condition;
mod definition;
mod snapshot;
mod stale;
mod switch;
mod written;

pub use bucket::{BUCKETS, bucket};
pub use check::{Fault, check, check_prerequisites};
pub use condition::{Condition, Operator, Subject};
pub use definition::{By, Flag, Key, Kind, NoKey, NoPercent, Percent, Prerequisite, Rule, Share, Window};
pub use snapshot::{Evaluation, Reason, Snapshot};
pub use stale::serves_everybody;
pub use switch::{NotSwitched, Switch};
pub use written::Written;
