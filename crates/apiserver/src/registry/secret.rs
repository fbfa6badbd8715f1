//! Secrets: plain values are folded into data. Models: pkg/registry/core/secret/strategy.go.

use api::Secret;

pub(super) fn default(secret: &mut Secret) {
    if secret.r#type.is_empty() {
        secret.r#type = "Opaque".into();
    }
    for (key, text) in std::mem::take(&mut secret.string_data).iter() {
        secret.data = secret.data.with(key, base64(text.as_bytes()));
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let n = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
            (0..4).map(
                move |i| {
                    if i <= chunk.len() { char::from(LETTERS[(n >> (18 - 6 * i) & 63) as usize]) } else { '=' }
                },
            )
        })
        .collect()
}
