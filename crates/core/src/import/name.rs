//! Names of people: taken apart, and compared although one file writes them in several ways.

use thiserror::Error;

use super::limits;

const HONORIFICS: &[&str] = &["mr", "mrs", "ms", "miss", "mx", "dr", "prof"];
const SUFFIXES: &[&str] = &["jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"];
/// Words that begin a family name when they stand before its last word.
const PARTICLES: &[&str] = &[
    "af", "al", "av", "ben", "bin", "da", "dal", "de", "dei", "del", "della", "den", "der", "di", "do", "dos", "du",
    "el", "ibn", "la", "le", "st", "ten", "ter", "van", "vom", "von", "zu", "zum", "zur",
];

/// A person's name in parts, without spaces around or doubled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Given name, or names. Empty for people who have one name only.
    pub first: String,
    /// Middle names or initials.
    pub middle: Option<String>,
    /// Family name with its particles and suffix, or the only name.
    pub last: String,
}

/// A text that is not the name of a person.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing, or nothing on one side of the comma.
    #[error("a part of the name is missing; write \"Last, First\" or \"First Last\"")]
    Incomplete,
    /// Three or more parts between commas that are no suffix.
    #[error("too many commas for a name; write \"Last, First\"")]
    Commas,
    /// Longer than [`limits::NAME_CHARS`].
    #[error("longer than {max} characters", max = limits::NAME_CHARS)]
    Long,
}

impl PersonName {
    /// Reads a whole name: `Last, First M`, `First M. Last`, either with a suffix such as `Jr.` or a title such as `Dr.`
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let (parts, suffix) = without_suffix(text);
        let (given, last) = match parts.as_slice() {
            [last, given] if last.is_empty() || given.is_empty() => return Err(NameError::Incomplete),
            [last, given] => (words(given), words(last)),
            [natural] => split_natural(words(natural)),
            _ => return Err(NameError::Commas),
        };
        let last = last.into_iter().chain(suffix).collect::<Vec<_>>().join(" ");
        Self::from_given(&given, &last)
    }

    /// A name whose parts stand in columns of their own. An initial after the first name is a middle name when no other is given.
    pub fn from_parts(first: &str, middle: Option<&str>, last: &str) -> Result<Self, NameError> {
        let middle = middle.map(|middle| words(middle).join(" ")).filter(|middle| !middle.is_empty());
        let last = words(last).join(" ");
        match middle {
            None => Self::from_given(&words(first), &last),
            middle => Self { first: words(first).join(" "), middle, last }.checked(),
        }
    }

    fn from_given(given: &[&str], last: &str) -> Result<Self, NameError> {
        let initials =
            given.iter().rev().take_while(|word| is_initial(word)).count().min(given.len().saturating_sub(1));
        let (first, middle) = given.split_at_checked(given.len() - initials).unwrap_or((given, &[]));
        let middle = (!middle.is_empty()).then(|| middle.join(" "));
        Self { first: first.join(" "), middle, last: last.to_owned() }.checked()
    }

    fn checked(self) -> Result<Self, NameError> {
        let is_long = |part: &str| part.chars().count() > limits::NAME_CHARS;
        if self.last.is_empty() {
            Err(NameError::Incomplete)
        } else if is_long(&self.first) || is_long(&self.last) || self.middle.as_deref().is_some_and(is_long) {
            Err(NameError::Long)
        } else {
            Ok(self)
        }
    }

    /// What the name is compared by.
    pub(super) fn key(&self) -> NameKey {
        let middle = self.middle.as_deref().unwrap_or_default();
        NameKey::of(&format!("{} {middle} {}", self.first, self.last))
    }
}

/// A name as its words in natural order, in lower case and without punctuation, so that `Last, First M` and `First M. Last`
/// are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NameKey {
    /// First and last word: what people are looked up by.
    pub(super) ends: (String, String),
    between: Vec<String>,
    suffix: Option<String>,
}

impl NameKey {
    fn of(natural: &str) -> Self {
        let mut names: Vec<String> = words(natural).into_iter().map(bare).filter(|word| !word.is_empty()).collect();
        let suffix = names.pop_if(|word| SUFFIXES.contains(&word.as_str()));
        let last = names.pop().unwrap_or_default();
        let mut names = names.into_iter();
        // A single name is the last one.
        Self { ends: (names.next().unwrap_or_default(), last), between: names.collect(), suffix }
    }

    /// Whether both may name one person: nothing contradicts. What one leaves out (`First Last` for `First M. Last`) does not.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let suffixes_agree = self.suffix.is_none() || other.suffix.is_none() || self.suffix == other.suffix;
        let one_is_silent = self.between.is_empty() || other.between.is_empty();
        let words_agree = self.between.len() == other.between.len()
            && self.between.iter().zip(&other.between).all(|(a, b)| begins(a, b));
        self.ends == other.ends && suffixes_agree && (one_is_silent || words_agree)
    }
}

/// Whether one word is the other, or its initial.
fn begins(a: &str, b: &str) -> bool {
    let is_initial_of = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    a == b || is_initial_of(a, b) || is_initial_of(b, a)
}

fn bare(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The parts between commas, less a suffix, which may stand behind a comma or not.
fn without_suffix(text: &str) -> (Vec<&str>, Option<&str>) {
    let is_suffix = |word: &str| SUFFIXES.contains(&bare(word).as_str());
    let mut parts: Vec<&str> = text.split(',').map(str::trim).collect();
    if parts.len() > 1
        && let Some(suffix) = parts.pop_if(|part| is_suffix(part))
    {
        return (parts, Some(suffix));
    }
    (parts, None)
}

fn words(text: &str) -> Vec<&str> {
    let is_honorific = |word: &&str| HONORIFICS.contains(&bare(word).as_str());
    let all: Vec<&str> = text.split_whitespace().collect();
    let named: Vec<&str> = all.iter().copied().skip_while(is_honorific).collect();
    if named.is_empty() { all } else { named }
}

/// Splits `First M. van der Last Jr.` before the particles of the last name.
fn split_natural(mut words: Vec<&str>) -> (Vec<&str>, Vec<&str>) {
    let is_suffix = |word: &str| SUFFIXES.contains(&bare(word).as_str());
    let is_particle = |word: &str| PARTICLES.contains(&bare(word).as_str());
    let suffixes = words.iter().rev().take_while(|word| is_suffix(word)).count();
    let particles = words.iter().rev().skip(suffixes + 1).take_while(|word| is_particle(word)).count();
    // One word is left for the first name, unless there is one only.
    let last_name = (suffixes + 1 + particles).min(words.len().saturating_sub(1).max(1));
    let last = words.split_off(words.len().saturating_sub(last_name));
    (words, last)
}

fn is_initial(word: &str) -> bool {
    let letters = word.trim_end_matches('.');
    letters.chars().count() == 1 && letters.chars().all(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> (String, Option<String>, String) {
        let name = PersonName::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        (name.first, name.middle, name.last)
    }

    #[test]
    fn names_are_taken_apart_in_either_order() {
        for (text, first, middle, last) in [
            ("Adinolfi, Wilson  K", "Wilson", Some("K"), "Adinolfi"),
            ("Ait Sidi, Karthikeyan   ", "Karthikeyan", None, "Ait Sidi"),
            ("Alagbe,Trina", "Trina", None, "Alagbe"),
            ("Smith, Leigh Ann", "Leigh Ann", None, "Smith"),
            ("Brandon R. LeBlanc", "Brandon", Some("R."), "LeBlanc"),
            ("Anna von Massenbach", "Anna", None, "von Massenbach"),
            ("Jan M. van der Berg", "Jan", Some("M."), "van der Berg"),
            ("King, Martin L., Jr.", "Martin", Some("L."), "King Jr."),
            ("Martin King Jr.", "Martin", None, "King Jr."),
            ("Martin King, III", "Martin", None, "King III"),
            ("Dr. Ada Byron", "Ada", None, "Byron"),
            ("Byron, Dr. Ada", "Ada", None, "Byron"),
            ("Byron, A", "A", None, "Byron"),
            ("Du, Le", "Le", None, "Du"),
            ("Suharto", "", None, "Suharto"),
        ] {
            assert_eq!(parts(text), (first.to_owned(), middle.map(ToOwned::to_owned), last.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn half_a_name_is_refused() {
        for text in ["", " ", ",", "Smith,", ", Ann"] {
            assert_eq!(PersonName::parse(text), Err(NameError::Incomplete), "{text:?}");
        }
        assert_eq!(PersonName::parse("a, b, c, d"), Err(NameError::Commas));
        assert_eq!(PersonName::parse(&format!("{}, b", "x".repeat(101))), Err(NameError::Long));
    }

    #[test]
    fn columns_of_their_own_are_taken_as_they_are() {
        let name = PersonName::from_parts(" Wilson  K ", Some(" "), "Adinolfi").unwrap();
        assert_eq!(
            (name.first.as_str(), name.middle.as_deref(), name.last.as_str()),
            ("Wilson", Some("K"), "Adinolfi")
        );
        let name = PersonName::from_parts("Leigh Ann", Some("Q"), "van Smith").unwrap();
        assert_eq!(
            (name.first.as_str(), name.middle.as_deref(), name.last.as_str()),
            ("Leigh Ann", Some("Q"), "van Smith")
        );
    }

    #[test]
    fn the_ways_to_write_one_name_agree_and_others_do_not() {
        let key = |text: &str| PersonName::parse(text).unwrap().key();
        for (a, b) in [
            ("LeBlanc, Brandon  R", "Brandon R. LeBlanc"),
            ("Butler, Webster  L", "webster butler"),
            ("Smith, Leigh Ann", "Leigh Ann Smith"),
            ("Ait Sidi, Karthikeyan", "Karthikeyan Ait Sidi"),
            ("O'Neill, Jo-Ann", "Joann ONeill"),
            ("Smith, John Michael", "John M. Smith"),
            ("King, Martin, Jr.", "Martin King Jr"),
        ] {
            assert!(key(a).agrees_with(&key(b)), "{a:?} and {b:?}");
        }
        for (a, b) in [
            ("Smith, John", "Smith, Joe"),
            ("Smith, John A", "John B. Smith"),
            ("King, Martin, Jr.", "Martin King, Sr."),
            ("James, Smith", "Smith, James"),
        ] {
            assert!(!key(a).agrees_with(&key(b)), "{a:?} and {b:?}");
        }
    }

    proptest! {
        #[test]
        fn any_name_agrees_with_itself_in_the_other_order(first in "[A-Z][a-z]{4,8}", middle in "[A-Z]", last in "[A-Z][a-z]{4,8}") {
            let one = PersonName::parse(&format!("{last}, {first}  {middle}")).unwrap();
            let other = PersonName::parse(&format!("{first} {middle}. {last}")).unwrap();
            prop_assert!(one.key().agrees_with(&other.key()), "{one:?} and {other:?}");
        }

        #[test]
        fn parsing_any_text_as_a_name_never_panics(text in ".*") {
            let _ = PersonName::parse(&text);
        }
    }
}
