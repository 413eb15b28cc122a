//! Lists by name, page by page.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The place in a list after which a page starts: the last row of the page before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageStart {
    /// The name.
    pub name: String,
    /// The key, which settles equal names.
    pub id: Uuid,
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What was deleted, in place of what is there.
    pub deleted: bool,
    /// Where the page starts; `None` for the first one.
    pub after: Option<PageStart>,
    /// How many rows a page holds at most.
    pub limit: u16,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, by name.
    pub rows: Vec<T>,
    /// Where the next page starts; `None` when this is the last one.
    pub next: Option<PageStart>,
}

impl Part {
    pub(crate) fn after_id(&self) -> Option<Uuid> {
        self.after.as_ref().map(|start| start.id)
    }

    pub(crate) fn after_name(&self) -> Option<&str> {
        self.after.as_ref().map(|start| start.name.as_str())
    }

    /// How many rows to read: one more than the page holds says whether there is a next page.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The page that was read.
    pub(crate) fn cut<T>(&self, mut found: Vec<T>, place: impl FnOnce(&T) -> PageStart) -> Page<T> {
        let limit = usize::from(self.limit);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(place);
        Page { rows: found, next }
    }
}

/// A text for LIKE that stands for itself.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, letter| {
        if matches!(letter, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_like_would_read_as_a_pattern_stands_for_itself() {
        assert_eq!(escaped(r"50%_a\b"), r"50\%\_a\\b");
    }
}
