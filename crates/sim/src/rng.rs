//! Seeded randomness: the only source of it in the core.

/// A small, fast generator (SplitMix64). The same seed gives the same draws on every machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: u64,
}

/// The letters of generated names: no vowels and no look-alikes.
/// Models: k8s.io/apimachinery/pkg/util/rand.
const SAFE_LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

impl Rng {
    /// A generator for this seed.
    pub fn new(seed: u64) -> Self {
        Rng { state: seed }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { u64::try_from((u128::from(self.next_u64()) * u128::from(n)) >> 64).unwrap_or(0) }
    }

    /// A random suffix of `n` letters, as the API server makes them for generateName.
    pub fn suffix(&mut self, n: usize) -> String {
        (0..n).map(|_| char::from(SAFE_LETTERS[self.below(SAFE_LETTERS.len() as u64) as usize])).collect()
    }

    /// A random version-4 UUID in its usual form.
    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.next_u64(), self.next_u64());
        let mut text = String::with_capacity(36);
        let groups = [
            (a >> 32, 8),
            ((a >> 16) & 0xffff, 4),
            (0x4000 | (a & 0xfff), 4),
            (0x8000 | ((b >> 48) & 0x3fff), 4),
            (b & 0xffff_ffff_ffff, 12),
        ];
        for (number, digits) in groups {
            if !text.is_empty() {
                text.push('-');
            }
            push_hex(&mut text, number, digits);
        }
        text
    }
}

/// Appends so many hexadecimal digits. (Every object has a UID; the formatting machinery takes ten times as long.)
fn push_hex(text: &mut String, number: u64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = u32::try_from((number >> (4 * place)) & 0xf).unwrap_or(0);
        text.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_draws() {
        let (mut a, mut b) = (Rng::new(7), Rng::new(7));
        assert_eq!(a.suffix(5), b.suffix(5));
        assert_eq!(a.uuid(), b.uuid());
        assert_ne!(a.next_u64(), Rng::new(8).next_u64());
        assert!((0..1000).all(|_| a.below(3) < 3));
        let (mut rng, uuid) = (Rng::new(7), Rng::new(7).uuid());
        let (a, b) = (rng.next_u64(), rng.next_u64());
        let (third, fourth) = (a & 0xfff, 0x8000 | ((b >> 48) & 0x3fff));
        let (first, second) = (a >> 32, (a >> 16) & 0xffff);
        let last = b & 0xffff_ffff_ffff;
        assert_eq!(uuid, format!("{first:08x}-{second:04x}-4{third:03x}-{fourth:04x}-{last:012x}"));
    }
}
