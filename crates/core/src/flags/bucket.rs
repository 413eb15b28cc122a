//! The place of somebody in the rollout of a flag: the same on every machine, in every version and in every language.

/// How many places there are: a percentage has up to three decimals.
pub const BUCKETS: u32 = 100_000;

/// The place of whom `subject` names in the rollouts of a flag, from 0 to 99,999: `hash × 100,000 / 2^32`, rounded down, where `hash` is
/// `MurmurHash3_x86_32` with the seed 0 over the UTF-8 of the flag's key, a NUL byte and the subject.
///
/// The place does not depend on the percentage: with 10 % those below 10,000 have it, and with 20 % the same and others.
#[must_use]
pub fn bucket(flag: &str, subject: &str) -> u32 {
    let mut hash = Murmur::default();
    for byte in flag.bytes().chain([0]).chain(subject.bytes()) {
        hash.push(byte);
    }
    let scaled = u64::from(hash.finish()).saturating_mul(u64::from(BUCKETS)) >> 32;
    u32::try_from(scaled).unwrap_or_default()
}

/// `MurmurHash3_x86_32` with the seed 0, byte by byte, so that nothing has to be put together first.
#[derive(Default)]
struct Murmur {
    state: u32,
    block: u32,
    length: u32,
}

impl Murmur {
    fn push(&mut self, byte: u8) {
        let place = self.length % 4;
        self.block |= u32::from(byte) << (8 * place);
        self.length = self.length.wrapping_add(1);
        if place == 3 {
            let mixed = self.state ^ mix(self.block);
            self.state = mixed.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
            self.block = 0;
        }
    }

    fn finish(self) -> u32 {
        // A block of nothing mixes to nothing.
        let mut hash = (self.state ^ mix(self.block)) ^ self.length;
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        hash ^ (hash >> 16)
    }
}

fn mix(block: u32) -> u32 {
    block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn murmur(bytes: &[u8]) -> u32 {
        let mut hash = Murmur::default();
        for byte in bytes {
            hash.push(*byte);
        }
        hash.finish()
    }

    /// The values that other implementations give.
    #[test]
    fn the_hash_is_the_one_that_others_know() {
        for (text, hash) in [
            ("", 0),
            ("test", 0xba6b_d213),
            ("Hello, world!", 0xc036_3e43),
            ("The quick brown fox jumps over the lazy dog", 0x2e4f_f723),
        ] {
            assert_eq!(murmur(text.as_bytes()), hash, "{text}");
        }
        assert_eq!(murmur(&[0xff; 4]), 0x7629_3b50);
        assert_eq!(murmur(&[0x21, 0x43]), 0xa0f7_b07a);
    }

    /// These stand in docs/flags.md: a program that gives the same may decide by itself.
    #[test]
    fn places_never_change() {
        let places = [("new_dashboard", "ada"), ("new_dashboard", "grace"), ("other", "ada"), ("ü", "")];
        let found = places.map(|(flag, subject)| bucket(flag, subject));
        assert_eq!(found, [3_644, 58_159, 2_063, 49_207]);
    }

    #[test]
    fn places_are_spread_evenly_and_flags_do_not_share_them() {
        let people: Vec<String> = (0..20_000).map(|number| format!("user-{number}")).collect();
        let below = |flag: &str, place: u32| people.iter().filter(|user| bucket(flag, user) < place).count();
        for tenth in 1..10 {
            let (found, expected) = (below("even", tenth * 10_000), usize::try_from(tenth * 2_000).unwrap());
            // Four standard deviations of the binomial distribution are at most 283.
            assert!(found.abs_diff(expected) < 283, "{found} of {expected}");
        }
        let both = people.iter().filter(|user| bucket("a", user) < 50_000 && bucket("b", user) < 50_000).count();
        assert!(both.abs_diff(5_000) < 245, "{both} of 5000");
    }
}
