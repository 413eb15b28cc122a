//! Installations with a real PostgreSQL, and with other programs that use them, are killed, or are cut off.

#[cfg(test)]
mod first_start;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod support;
