//! How an object is cut into pieces that are encrypted each by itself, so that any part of it can be read.
//!
//! A piece of 64 KiB becomes one that is 16 bytes longer. Its place and whether it is the last are in its nonce, so that pieces can be
//! neither moved, nor left out, nor cut off at the end (the STREAM construction, as `age` has it).

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

/// How many bytes of content a piece has.
pub(super) const PIECE: u64 = 64 << 10;
/// How much longer it is when encrypted.
const TAG: u64 = 16;
/// The same as a length of memory.
pub(super) const PIECE_LEN: usize = 64 << 10;
pub(super) const SEALED_LEN: usize = PIECE_LEN + 16;

/// The pieces in which a part of an object lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pieces {
    /// The first.
    pub(super) first: u64,
    /// The last of the whole object.
    pub(super) last_of_object: u64,
    /// Where they lie in the encrypted object.
    pub(super) sealed: Range<u64>,
    /// How many bytes of the first one are before the part.
    pub(super) skip: u64,
    /// How many bytes the part has.
    pub(super) len: u64,
}

impl Pieces {
    /// Those of a part of an object of some bytes.
    pub(super) fn of(size: u64, part: Range<u64>) -> Self {
        let last_of_object = size.saturating_sub(1) / PIECE;
        let first = part.start / PIECE;
        let last = part.end.saturating_sub(1).max(part.start) / PIECE;
        let end = (last + 1).saturating_mul(PIECE + TAG).min(sealed_size(size));
        let sealed = first.saturating_mul(PIECE + TAG)..end;
        Self { first, last_of_object, sealed, skip: part.start % PIECE, len: part.end.saturating_sub(part.start) }
    }
}

/// How many bytes an object has when it is encrypted. An empty one is one empty piece.
pub(super) fn sealed_size(size: u64) -> u64 {
    size + size.div_ceil(PIECE).max(1) * TAG
}

/// Encrypts a piece; `None` when it cannot be.
pub(super) fn seal(key: &LessSafeKey, number: u64, is_last: bool, piece: &[u8]) -> Option<Bytes> {
    let mut sealed = Vec::with_capacity(SEALED_LEN);
    sealed.extend_from_slice(piece);
    key.seal_in_place_append_tag(nonce(number, is_last), Aad::empty(), &mut sealed).ok()?;
    Some(sealed.into())
}

/// Decrypts a piece; `None` when it was changed, moved or cut off.
pub(super) fn open(key: &LessSafeKey, number: u64, is_last: bool, mut sealed: BytesMut) -> Option<Bytes> {
    let len = key.open_in_place(nonce(number, is_last), Aad::empty(), &mut sealed).ok()?.len();
    sealed.truncate(len);
    Some(sealed.freeze())
}

fn nonce(number: u64, is_last: bool) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    let place = number.to_be_bytes().into_iter().chain([u8::from(is_last)]);
    for (byte, value) in bytes.iter_mut().skip(3).zip(place) {
        *byte = value;
    }
    Nonce::assume_unique_for_key(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_lies_in_few_pieces() {
        let size = 3 * PIECE + 5;
        let of = |part: Range<u64>| {
            let pieces = Pieces::of(size, part);
            (pieces.first, pieces.sealed, pieces.skip)
        };
        assert_eq!(of(0..1), (0, 0..PIECE + 16, 0));
        assert_eq!(of(PIECE - 1..PIECE + 1), (0, 0..2 * (PIECE + 16), PIECE - 1));
        assert_eq!(of(PIECE..2 * PIECE), (1, PIECE + 16..2 * (PIECE + 16), 0));
        assert_eq!(of(size - 1..size), (3, 3 * (PIECE + 16)..sealed_size(size), 4));
        assert_eq!(
            (sealed_size(0), sealed_size(1), sealed_size(PIECE), sealed_size(PIECE + 1)),
            (16, 17, PIECE + 16, PIECE + 33)
        );
    }
}
