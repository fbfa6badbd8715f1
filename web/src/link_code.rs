//! The codec of `#s=` links: `df1:` is base64url of raw deflate of JSON, `b64:` is base64url of JSON. Both are text to text;
//! what the JSON means is the session's matter.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The most a link may unpack to. A page of manifests is a hundredth of it.
const UNPACKED_BYTES: usize = 4 << 20;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The text as a `df1:` code.
pub fn pack(text: &str) -> String {
    format!("df1:{}", to_base64url(&compress_to_vec(text.as_bytes(), 9)))
}

/// The text in a `df1:` or `b64:` code, or what is wrong with the code.
pub fn unpack(code: &str) -> Result<String, String> {
    let bytes = match code.split_once(':') {
        Some(("df1", body)) => {
            let packed = from_base64url(body)?;
            decompress_to_vec_with_limit(&packed, UNPACKED_BYTES)
                .map_err(|_| "it is cut short, or changed on the way".to_owned())?
        }
        Some(("b64", body)) => from_base64url(body)?,
        _ => return Err("it starts with neither df1: nor b64:".to_owned()),
    };
    String::from_utf8(bytes).map_err(|_| "it does not hold text".to_owned())
}

fn to_base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for sextet in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(group >> (18 - 6 * sextet)) as usize & 63]));
        }
    }
    text
}

fn from_base64url(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut bits) = (0u32, 0);
    for character in text.trim_end_matches('=').bytes() {
        // Links made by hand often use the other alphabet.
        let character = match character {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        };
        let Some(value) = ALPHABET.iter().position(|each| *each == character) else {
            return Err(format!("{:?} has no place in it", char::from(character)));
        };
        group = group << 6 | value as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((group >> bits) as u8);
            group &= (1 << bits) - 1;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{from_base64url, pack, to_base64url, unpack};

    #[test]
    fn what_is_packed_comes_back() {
        for text in ["", "a", "ab", "abc", "{\"v\":1,\"files\":[{\"name\":\"ü.yaml\"}]}", &"kind: Pod\n".repeat(1_000)] {
            assert_eq!(unpack(&pack(text)).as_deref(), Ok(text));
        }
    }

    #[test]
    fn base64url_is_the_usual_one() {
        assert_eq!(to_base64url(&[0xfb, 0xff, 0xfe]), "-__-");
        assert_eq!(from_base64url("-__-"), Ok(vec![0xfb, 0xff, 0xfe]));
        assert_eq!(from_base64url("+//+"), Ok(vec![0xfb, 0xff, 0xfe]));
        assert_eq!(unpack("b64:e30="), Ok("{}".to_owned()));
    }

    #[test]
    fn a_damaged_code_says_what_is_wrong() {
        let good = pack(&"kind: Pod\n".repeat(50));
        assert_eq!(unpack(&good[..good.len() - 6]), Err("it is cut short, or changed on the way".to_owned()));
        assert_eq!(unpack("df1:*"), Err("'*' has no place in it".to_owned()));
        assert_eq!(unpack("zip:abc"), Err("it starts with neither df1: nor b64:".to_owned()));
    }

    #[test]
    fn a_code_that_unpacks_to_too_much_is_refused() {
        let bomb = pack(&" ".repeat(5 << 20));
        assert!(bomb.len() < 20_000 && unpack(&bomb).is_err());
    }
}
