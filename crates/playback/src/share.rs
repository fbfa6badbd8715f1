//! Links: a session as text in a URL fragment. See the URL contract: `#s=df1:<base64url(deflate-raw(JSON))>&v=1`,
//! or `#s=b64:<base64url(JSON)>` made by hand.

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use std::fmt;

/// The most bytes a link may unfold to.
const LIMIT: usize = 16 << 20;

/// Why a link cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// It starts with none of the known codecs.
    UnknownCodec,
    /// Letters are missing or changed.
    Damaged,
    /// It unfolds to more than 16 MiB.
    TooLarge,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LinkError::UnknownCodec => {
                "the link is of a kind that is not known here (it should start with df1: or b64:)"
            }
            LinkError::Damaged => "the link is damaged: part of it is missing or was changed on the way",
            LinkError::TooLarge => "the link unfolds to more than 16 MiB",
        })
    }
}

impl std::error::Error for LinkError {}

/// Packs a saved session: the value of `s=` in a link.
pub fn encode(json: &str) -> String {
    let packed = miniz_oxide::deflate::compress_to_vec(json.as_bytes(), 10);
    format!("df1:{}", URL_SAFE_NO_PAD.encode(packed))
}

/// Unpacks the value of `s=`.
pub fn decode(text: &str) -> Result<String, LinkError> {
    let (codec, body) = text.split_once(':').ok_or(LinkError::UnknownCodec)?;
    if codec != "df1" && codec != "b64" {
        return Err(LinkError::UnknownCodec);
    }
    let engine = if body.ends_with('=') { URL_SAFE } else { URL_SAFE_NO_PAD };
    let bytes = engine.decode(body).map_err(|_| LinkError::Damaged)?;
    let plain = if codec == "b64" {
        bytes
    } else {
        use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};
        decompress_to_vec_with_limit(&bytes, LIMIT).map_err(|error| match error.status {
            TINFLStatus::HasMoreOutput => LinkError::TooLarge,
            _ => LinkError::Damaged,
        })?
    };
    String::from_utf8(plain).map_err(|_| LinkError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn links_come_back(json in ".*") {
            prop_assert_eq!(decode(&encode(&json)), Ok(json));
        }

        #[test]
        fn damaged_links_are_refused_or_read_but_never_panic(text in ".*") {
            let _outcome = decode(&format!("df1:{text}"));
        }
    }

    #[test]
    fn hand_made_and_damaged_links() {
        assert_eq!(decode("b64:eyJ2IjoxfQ"), Ok(r#"{"v":1}"#.to_owned()));
        assert_eq!(decode("b64:eyJ2IjoxfQ=="), Ok(r#"{"v":1}"#.to_owned()));
        assert_eq!(decode("zz:1"), Err(LinkError::UnknownCodec));
        let whole = encode(r#"{"v":1,"files":[]}"#);
        assert_eq!(decode(&whole[..whole.len() - 3]), Err(LinkError::Damaged));
    }
}
