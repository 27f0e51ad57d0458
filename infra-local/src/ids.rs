//! Identifiers that look like the vendors' and are the same in every run: a counter stirred by `SplitMix64`.

use std::fmt::Write;

/// Makes identifiers. The same seed and the same order of requests give the same identifiers.
#[derive(Clone, Debug)]
pub struct Ids(u64);

impl Ids {
    /// A sequence of its own.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another sequence from here on; 0 leaves it as it is.
    pub fn reseed(&mut self, seed: u64) {
        self.0 = self.0.wrapping_add(seed.wrapping_mul(0xD1B5_4A32_D192_ED03));
    }

    /// A number below `bound`, or 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// `length` hexadecimal digits.
    pub fn hex(&mut self, length: usize) -> String {
        let mut text = String::new();
        while text.len() < length {
            let _ = write!(text, "{:016x}", self.next());
        }
        text.truncate(length);
        text
    }

    /// Nineteen decimal digits, as in `ecs-svc/1234567890123456789`.
    pub fn digits(&mut self) -> String {
        format!("{}", 1_000_000_000_000_000_000 + self.next() % 8_000_000_000_000_000_000)
    }

    /// Letters of a Cloud Run revision suffix: three, no vowels, so that no word appears.
    pub fn suffix(&mut self) -> String {
        const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz";
        let mut bits = self.next();
        let mut text = String::new();
        for _ in 0..3 {
            let index = usize::try_from(bits % LETTERS.len() as u64).unwrap_or(0);
            text.push(char::from(LETTERS[index]));
            bits /= LETTERS.len() as u64;
        }
        text
    }

    /// Five groups of hexadecimal digits.
    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

/// A number that depends on every byte of `text` (FNV-1a), for seeds and digests of made-up things.
pub fn seed_of(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_identifiers() {
        let (mut one, mut two) = (Ids::new(7), Ids::new(7));
        assert_eq!(one.uuid(), two.uuid());
        assert_eq!(one.hex(64).len(), 64);
        assert_eq!(one.digits().len(), 19);
        assert_eq!(one.uuid().len(), 36);
        assert_ne!(one.suffix(), one.suffix());
    }
}
