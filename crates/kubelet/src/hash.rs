//! Values that follow from a name: digests, sizes, jitter where there is no generator at hand.

/// 64-bit FNV-1a, stirred once so that short names differ in all bits.
pub(crate) fn hash64(text: &str) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    sim::Rng::new(hash).next_u64()
}

/// `length` hexadecimal digits that follow from a name.
pub(crate) fn hex(text: &str, length: usize) -> String {
    digits(&mut sim::Rng::new(hash64(text)), length)
}

/// `length` random hexadecimal digits.
pub(crate) fn digits(rng: &mut sim::Rng, length: usize) -> String {
    let mut digits = String::with_capacity(length + 16);
    while digits.len() < length {
        digits.push_str(&format!("{:016x}", rng.next_u64()));
    }
    digits.truncate(length);
    digits
}
