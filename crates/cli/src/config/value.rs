//! How the text of an option becomes a value. Every function gives the reason of a refusal in words that follow `key: `.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use tenure_api::{Network, NetworkError, NoOrigin, Origin};
use tenure_backup::Recipients;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::secret::DatabaseUrl;

/// The longest duration: PostgreSQL keeps its time-outs as 32-bit milliseconds, which is some 24 days.
const LONGEST: Duration = Duration::from_hours(24 * 24);
/// The largest size. Request bodies are held in memory.
const LARGEST: usize = 1 << 30;
const SIZE_UNITS: [(&str, usize); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// A whole number within a range.
pub(super) fn whole<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String>
where
    T: FromStr + PartialOrd + std::fmt::Display,
{
    move |text| {
        text.parse()
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| format!("{text:?} is not a whole number from {} to {}", range.start(), range.end()))
    }
}

/// A duration such as `250ms`, `5s` or `1h 30m`, longer than nothing.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|signed| Duration::try_from(signed).ok());
    match parsed {
        Some(duration) if (Duration::from_millis(1)..=LONGEST).contains(&duration) => Ok(duration),
        Some(_) => Err(format!("{text:?} is out of range; durations go from 1ms to {}h", LONGEST.as_secs() / 3600)),
        None => Err(format!("{text:?} is not a duration; write it like 250ms, 5s, 10m or 1h")),
    }
}

/// A duration of at most a minute.
pub(super) fn short_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        short if short <= Duration::from_mins(1) => Ok(short),
        _ => Err(format!("{text:?} is longer than 1m")),
    }
}

/// A size in bytes such as `512KiB` or `1MiB`.
pub(super) fn size(text: &str) -> Result<usize, String> {
    match bytes(text)? {
        size if (1..=LARGEST).contains(&size) => Ok(size),
        _ => Err(format!("{text:?} is out of range; sizes go from 1B to 1GiB")),
    }
}

/// The size of something that is never in memory as a whole.
pub(super) fn file_size(text: &str) -> Result<u64, String> {
    let size = u64::try_from(bytes(text)?).unwrap_or(u64::MAX);
    match size {
        size if (1 << 20..=1 << 40).contains(&size) => Ok(size),
        _ => Err(format!("{text:?} is out of range; files go from 1MiB to 1024GiB")),
    }
}

/// The size of a part of an object in S3, which takes none that is smaller unless it is the last.
pub(super) fn part_size(text: &str) -> Result<usize, String> {
    match bytes(text)? {
        size if (5 << 20..=LARGEST).contains(&size) => Ok(size),
        _ => Err(format!("{text:?} is out of range; parts go from 5MiB to 1GiB")),
    }
}

fn bytes(text: &str) -> Result<usize, String> {
    let unit = SIZE_UNITS.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, bytes)));
    let size = unit.and_then(|(digits, bytes)| digits.trim_end().parse::<usize>().ok()?.checked_mul(*bytes));
    size.ok_or_else(|| format!("{text:?} is not a size; write it like 512KiB or 1MiB"))
}

/// An IP address without a port.
pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is not an IP address; write it like 127.0.0.1, 0.0.0.0 or ::1"))
}

/// Origins with blanks between.
pub(super) fn origins(text: &str) -> Result<Vec<Origin>, String> {
    let read = |word: &str| word.parse().map_err(|error: NoOrigin| format!("{word:?} is not an origin: {error}"));
    text.split_whitespace().map(read).collect()
}

/// Addresses and networks with commas between; none for an empty text.
pub(super) fn networks(text: &str) -> Result<Vec<Network>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().map_err(|error: NetworkError| error.to_string())).collect()
}

/// A database URL, or nothing for an empty text.
pub(super) fn optional_url(text: &str) -> Result<Option<DatabaseUrl>, String> {
    if text.is_empty() { Ok(None) } else { DatabaseUrl::parse(text).map(Some) }
}

/// The address of a page, or nothing for an empty text.
pub(super) fn optional_link(text: &str) -> Result<Option<String>, String> {
    let is_plain = |text: &str| text.len() <= 200 && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    match text {
        "" => Ok(None),
        _ if is_plain(text) && (text.starts_with("https://") || text.starts_with("http://")) => {
            Ok(Some(text.to_owned()))
        }
        _ => Err(format!("{text:?} is not the address of a page; write https://hr.example.com")),
    }
}

/// A whole path, or nothing for an empty text.
pub(super) fn optional_file(text: &str) -> Result<Option<PathBuf>, String> {
    match Path::new(text) {
        _ if text.is_empty() => Ok(None),
        _ if tenure_backup::holds_secret_key(text) => {
            Err("it is a secret key itself; write it to a file that others cannot read, and the file's whole path here"
                .to_owned())
        }
        path if path.is_absolute() => Ok(Some(path.to_owned())),
        _ => Err(format!("{text:?} is not a whole path; write it from the root, like /etc/tenure/backup.key")),
    }
}

/// The URL of a folder or of a bucket, or nothing for an empty text.
pub(super) fn optional_place(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        _ if text.starts_with("file:///") || text.starts_with("s3://") => Ok(Some(text.to_owned())),
        _ => Err(format!(
            "{text:?} is not a place to keep objects in; write file:///var/backups/tenure or s3://bucket/prefix"
        )),
    }
}

/// The address of an S3 service, or nothing for an empty text.
pub(super) fn optional_endpoint(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        _ if text.starts_with("https://") || text.starts_with("http://") => Ok(Some(text.to_owned())),
        _ => Err(format!("{text:?} is not an address; write https://s3.example.com")),
    }
}

/// What an S3 service encrypts with, or nothing for an empty text.
pub(super) fn optional_encryption(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        "AES256" | "aws:kms" => Ok(Some(text.to_owned())),
        _ if text.strip_prefix("aws:kms:").is_some_and(|key| !key.is_empty()) => Ok(Some(text.to_owned())),
        _ => Err(format!("{text:?} is not known; write AES256, aws:kms, or aws:kms: and the id of a key")),
    }
}

/// The region of a bucket, or nothing for an empty text.
pub(super) fn optional_region(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        _ if text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')) => Ok(Some(text.to_owned())),
        _ => Err(format!("{text:?} is not a region; write it like eu-central-1")),
    }
}

/// `on` or `off`.
pub(super) fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{text:?} is neither on nor off")),
    }
}

/// Public keys to encrypt for, or nothing for an empty text.
pub(super) fn optional_recipients(text: &str) -> Result<Option<Recipients>, String> {
    if text.is_empty() { Ok(None) } else { Recipients::parse(text).map(Some).map_err(|error| error.to_string()) }
}

/// Log levels: one for all, and others by target. A lone word that is no level is refused: it would be taken as a target
/// and silence everything else.
pub(super) fn levels(text: &str) -> Result<Targets, String> {
    let known = |part: &str| {
        let level = part.rsplit('=').next().unwrap_or_default().trim();
        !level.is_empty() && level.parse::<LevelFilter>().is_ok()
    };
    text.split(',').all(known).then(|| text.parse().ok()).flatten().ok_or_else(|| {
        format!("{text:?} is not a log level; write error, warn, info, debug or trace, or info,sqlx=warn")
    })
}

/// The known key that an unknown one was most likely meant to be: similar as a whole, or the same word in another section.
pub(super) fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |key: &str| {
        let whole = strsim::normalized_damerau_levenshtein(unknown, key);
        let word = strsim::normalized_damerau_levenshtein(last_word(unknown), last_word(key));
        whole.max(0.9 * word)
    };
    known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

fn last_word(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{duration, file_size, levels, nearest, size, whole};

    #[test]
    fn durations_take_a_unit_and_have_bounds() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_mins(90)));
        for wrong in ["", "5", "5 parsecs", "-5s", "0s", "1us", "577h", "99999999999999999999h"] {
            duration(wrong).unwrap_err();
        }
    }

    #[test]
    fn sizes_take_a_unit_and_have_bounds() {
        assert_eq!(size("1MiB"), Ok(1_048_576));
        assert_eq!(size("512 KiB"), Ok(524_288));
        for wrong in ["", "1", "MiB", "-1B", "0B", "1MB", "2GiB", "99999999999999999999GiB"] {
            size(wrong).unwrap_err();
        }
    }

    #[test]
    fn files_may_be_larger_than_memory() {
        assert_eq!(file_size("2GiB"), Ok(2 << 30));
        for wrong in ["", "512KiB", "1025GiB", "1GB"] {
            file_size(wrong).unwrap_err();
        }
    }

    #[test]
    fn numbers_outside_their_range_are_refused() {
        assert_eq!(whole(1_u32..=64)("64"), Ok(64));
        for wrong in ["0", "65", "4294967296", "-1", "1.5", " 1", ""] {
            whole(1_u32..=64)(wrong).unwrap_err();
        }
    }

    #[test]
    fn a_misspelt_log_level_does_not_silence_the_log() {
        assert!(levels("info,sqlx=warn").is_ok());
        for wrong in ["inof", "", "info,", "info,sqlx", "sqlx=loud"] {
            levels(wrong).unwrap_err();
        }
    }

    #[test]
    fn the_nearest_key_is_a_typing_error_or_a_section_away() {
        let known = ["database.url", "server.address", "server.port"];
        let near = |unknown| nearest(unknown, known.into_iter());
        assert_eq!(near("server.prot"), Some("server.port"));
        assert_eq!(near("database.port"), Some("server.port"));
        assert_eq!(near("server_port"), Some("server.port"));
        assert_eq!(near("url"), Some("database.url"));
    }
}
