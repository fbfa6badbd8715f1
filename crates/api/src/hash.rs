//! Upstream's short hashes: FNV-1 and FNV-1a over bytes, spelled in letters that make no words.

/// 32-bit FNV-1 (not 1a). Models: Go's hash/fnv New32, as pkg/controller/history uses it.
pub fn fnv32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash: u32, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(*byte))
}

/// 32-bit FNV-1a. Models: Go's hash/fnv New32a, as ComputeHash in pkg/controller uses it.
pub fn fnv32a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Spells a text in the safe alphabet. Models: k8s.io/apimachinery/pkg/util/rand SafeEncodeString.
pub fn safe_encode(text: &str) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    text.bytes().map(|b| char::from(LETTERS[usize::from(b) % LETTERS.len()])).collect()
}
