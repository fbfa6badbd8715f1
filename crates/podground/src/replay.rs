//! `podground replay FILE`: a saved session, from its start to its last input and on until it rests.

use crate::exec;
use crate::options::Invocation;
use playback::{LineKind, Session, decode};
use sim::{SimDuration, SimTime};

/// Runs it; answers with the exit code, or with why it could not begin.
pub fn main(args: lexopt::Parser) -> Result<i32, String> {
    let invocation = Invocation::parse(args)?;
    let text = exec::read(invocation.path.as_deref())?;
    let mut session = Session::open(&saved(&text)?).map_err(|error| error.to_string())?;
    let end = session.log().last().map_or(SimTime::ZERO, |entry| entry.at);
    session.seek(end);
    while session.is_busy() {
        session.pump();
    }
    session.settle(SimDuration::from_secs(600));
    for line in session.take_console() {
        match line.kind {
            LineKind::Command => {
                putln!("$ {}", line.text.trim_end());
            }
            LineKind::Stdout | LineKind::Stderr => put!("{}", line.text),
            LineKind::Clear => {}
        }
    }
    Ok(0)
}

/// A file of `sim save`, or a link (its fragment, or the whole address).
fn saved(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with('{') {
        return Ok(text.to_owned());
    }
    let fragment = text.split_once('#').map_or(text, |(_, fragment)| fragment);
    let packed = fragment.split('&').find_map(|pair| pair.strip_prefix("s=")).unwrap_or(fragment);
    decode(packed).map_err(|error| error.to_string())
}
