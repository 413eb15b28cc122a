//! The chain of the audit log: each link covers the entries of one transaction and the link before it, so that whoever changes an
//! entry afterwards has to change every link from there on, and the anchor that somebody has kept elsewhere.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

/// A SHA-256, written in hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Hash {
    /// That of nothing, which stands before the first link.
    pub const OF_NOTHING: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae,
        0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a chain had come to: its last link and that link's hash. Kept in another place, it shows a chain that was rewritten since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// How many links there were.
    pub position: i64,
    /// The hash of the last one.
    pub hash: Hash,
}

/// A text that is no [`Anchor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("write it as it was printed: the number of a link, a colon and 64 hexadecimal digits")]
pub struct NoAnchor;

impl Anchor {
    /// The place before the first link.
    pub const START: Self = Self { position: 0, hash: Hash::OF_NOTHING };
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, self.hash)
    }
}

impl FromStr for Anchor {
    type Err = NoAnchor;

    fn from_str(text: &str) -> Result<Self, NoAnchor> {
        let (position, digits) = text.trim().split_once(':').ok_or(NoAnchor)?;
        let position = position.parse().ok().filter(|position| *position >= 0).ok_or(NoAnchor)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|_| NoAnchor)?;
        Ok(Self { position, hash: Hash(hash) })
    }
}

impl Serialize for Anchor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A link as it is stored, without its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its place, from 1 on.
    pub position: i64,
    /// The hash of the link before it.
    pub prev_hash: Hash,
    /// Its own.
    pub hash: Hash,
    /// Its own as its contents give it.
    pub computed: Hash,
}

/// What is wrong with an audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// An entry is not as it was written.
    #[error("entry {entry} of link {position} was changed")]
    EntryChanged {
        /// The entry.
        entry: Uuid,
        /// The link that covers it.
        position: i64,
    },
    /// An entry is gone.
    #[error("entry {entry} of link {position} was removed")]
    EntryRemoved {
        /// The entry.
        entry: Uuid,
        /// The link that covers it.
        position: i64,
    },
    /// An entry is in no link.
    #[error("entry {entry} is in no link: it was inserted, or its link was removed")]
    EntryUnlinked {
        /// The entry.
        entry: Uuid,
    },
    /// Links are gone.
    #[error("the links {from} to {to} are missing")]
    LinksMissing {
        /// The first of them.
        from: i64,
        /// The last of them.
        to: i64,
    },
    /// A link's hash is not that of its contents.
    #[error("link {position} was changed: its hash is not that of its contents")]
    LinkChanged {
        /// The link.
        position: i64,
    },
    /// A link was made after another than the one that stands before it.
    #[error("link {position} was made after another link than the one before it: one of the two was replaced")]
    LinkDetached {
        /// The link.
        position: i64,
    },
    /// The chain does not end where the last writer left it.
    #[error("the chain ends at link {position}, and not at {head} as its last writer left it")]
    EndDiffers {
        /// The last link.
        position: i64,
        /// What the last writer noted.
        head: Anchor,
    },
    /// The chain is not the one that an anchor was taken of.
    #[error("the chain is not the one that the anchor {anchor} was taken of: it was rewritten or cut off")]
    AnchorDiffers {
        /// The anchor.
        anchor: Anchor,
    },
}

/// A walk along a chain from its first link, which finds what is wrong with the links.
#[derive(Debug)]
pub struct Walk {
    last: Anchor,
    anchor: Option<Anchor>,
}

impl Walk {
    /// A walk of a chain that is held against an earlier anchor, if there is one.
    #[must_use]
    pub fn new(anchor: Option<Anchor>) -> Self {
        let mut walk = Self { last: Anchor::START, anchor };
        walk.meet_anchor();
        walk
    }

    /// The next link, and what is wrong with it.
    pub fn step(&mut self, link: &Link) -> Vec<Fault> {
        let position = link.position;
        let expected = self.last.position.saturating_add(1);
        let mut faults = Vec::new();
        if position > expected {
            faults.push(Fault::LinksMissing { from: expected, to: position.saturating_sub(1) });
        } else if link.prev_hash != self.last.hash {
            faults.push(Fault::LinkDetached { position });
        }
        if link.hash != link.computed {
            faults.push(Fault::LinkChanged { position });
        }
        self.last = Anchor { position, hash: link.hash };
        self.meet_anchor();
        faults
    }

    /// What is wrong with the end of the chain, given what its last writer noted.
    #[must_use]
    pub fn end(self, head: Anchor) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.last != head {
            faults.push(Fault::EndDiffers { position: self.last.position, head });
        }
        faults.extend(self.anchor.map(|anchor| Fault::AnchorDiffers { anchor }));
        faults
    }

    fn meet_anchor(&mut self) {
        self.anchor = self.anchor.filter(|anchor| *anchor != self.last);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hash(seed: i64) -> Hash {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        Hash(bytes)
    }

    /// A sound chain of some links.
    fn chain(length: i64) -> Vec<Link> {
        let before = |position| if position == 1 { Hash::OF_NOTHING } else { hash(position - 1) };
        let link =
            |position| Link { position, prev_hash: before(position), hash: hash(position), computed: hash(position) };
        (1..=length).map(link).collect()
    }

    fn faults(links: &[Link], head: Anchor, anchor: Option<Anchor>) -> Vec<Fault> {
        let mut walk = Walk::new(anchor);
        let mut faults: Vec<Fault> = links.iter().flat_map(|link| walk.step(link)).collect();
        faults.extend(walk.end(head));
        faults
    }

    fn anchor(position: i64) -> Anchor {
        if position == 0 { Anchor::START } else { Anchor { position, hash: hash(position) } }
    }

    #[test]
    fn an_anchor_comes_back_from_its_text() {
        let text = anchor(12).to_string();
        assert_eq!(text.len(), 67);
        assert_eq!(text.parse(), Ok(anchor(12)));
        for bad in ["", "12", "12:", "-1:00", "x:00", text.get(..65).unwrap(), &format!("{text}00")] {
            assert_eq!(bad.parse::<Anchor>(), Err(NoAnchor), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_sound_chain_has_no_faults_and_meets_each_anchor_that_was_taken_of_it(length in 0_i64..30, at in 0_i64..30) {
            prop_assert_eq!(faults(&chain(length), anchor(length), Some(anchor(at.min(length)))), []);
        }

        #[test]
        fn a_link_that_goes_is_missed(length in 1_i64..30, at in 0_usize..30) {
            let mut links = chain(length);
            let gone = links.remove(at % links.len()).position;
            let expected = if gone == length {
                Fault::EndDiffers { position: gone - 1, head: anchor(length) }
            } else {
                Fault::LinksMissing { from: gone, to: gone }
            };
            prop_assert_eq!(faults(&links, anchor(length), None), [expected]);
        }

        #[test]
        fn a_link_that_is_made_anew_does_not_fit_the_next_one_or_the_end(length in 1_i64..30, at in 0_usize..30) {
            let mut links = chain(length);
            let at = at % links.len();
            links[at].hash = hash(-1);
            links[at].computed = hash(-1);
            let position = links[at].position;
            let expected = if position == length {
                Fault::EndDiffers { position, head: anchor(length) }
            } else {
                Fault::LinkDetached { position: position + 1 }
            };
            prop_assert_eq!(faults(&links, anchor(length), None), [expected]);
        }

        #[test]
        fn a_chain_that_was_rewritten_to_its_end_does_not_meet_an_anchor(length in 1_i64..30, at in 1_i64..40) {
            let kept = Anchor { position: at, hash: hash(-at) };
            prop_assert_eq!(faults(&chain(length), anchor(length), Some(kept)), [Fault::AnchorDiffers { anchor: kept }]);
        }
    }

    #[test]
    fn a_link_whose_contents_were_changed_is_named() {
        let mut links = chain(3);
        links[1].computed = hash(-1);
        assert_eq!(faults(&links, anchor(3), None), [Fault::LinkChanged { position: 2 }]);
    }
}
