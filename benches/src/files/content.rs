//! The content of a large file, made as it is sent and made again to compare what comes back: it is nowhere as a whole.

use sha2::{Digest, Sha256};

/// Bytes of a piece.
pub(super) const PIECE: usize = 256 << 10;
/// How a ZIP archive begins.
const SIGN: &[u8] = b"PK\x03\x04";

/// The pieces of a file from one of them on. Each is the same block of bytes that nobody can compress, with its number in it.
pub(super) struct Pieces {
    block: Vec<u8>,
    next: u64,
}

impl Pieces {
    pub(super) fn from(number: u64) -> Self {
        let mut block: Vec<u8> = (0_u64..).flat_map(|seed| Sha256::digest(seed.to_le_bytes())).take(PIECE).collect();
        write(&mut block, 0, SIGN);
        Self { block, next: number }
    }

    pub(super) fn next(&mut self) -> &[u8] {
        write(&mut self.block, SIGN.len(), &self.next.to_le_bytes());
        self.next += 1;
        &self.block
    }
}

fn write(block: &mut [u8], at: usize, bytes: &[u8]) {
    for (byte, value) in block.iter_mut().skip(at).zip(bytes) {
        *byte = *value;
    }
}
