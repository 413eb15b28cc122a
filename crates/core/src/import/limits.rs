//! Bounds on what is read from a file, so that no input can take all memory or time.

/// Bytes of a file: 256 MiB. Callers check a file's size against it before they read it.
pub const FILE_BYTES: usize = 256 * 1024 * 1024;
/// Columns of a file.
pub const COLUMNS: usize = 500;
/// Bytes of one cell: 64 KiB.
pub const CELL_BYTES: usize = 64 * 1024;
/// Rows of a file, without the headings.
pub const ROWS: usize = 1_000_000;
/// Characters of a heading, which becomes a key of the custom values.
pub const HEADING_CHARS: usize = 200;
/// Characters of a department's name, a title and other short texts.
pub const TEXT_CHARS: usize = 200;
/// Characters of each part of a person's name.
pub const NAME_CHARS: usize = 100;
