//! Native and Wasm come to the same bytes: the stored session that `tests/suite.rs` replays natively, in a browser.

#![cfg(target_arch = "wasm32")]

use playback::Session;
use sim::SimTime;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const SESSION: &str = include_str!("../../tests/golden/tutorial.session.json");
const OUTCOME: &str = include_str!("../../tests/golden/tutorial.replay.txt");

#[wasm_bindgen_test]
fn a_stored_session_replays_to_the_same_bytes() {
    let mut session = Session::open(SESSION).expect("the stored session opens");
    session.seek(SimTime::from_millis(60_000));
    let printed: String = session.take_console().iter().map(|line| format!("{}\n", line.text)).collect();
    let outcome = format!("{printed}digest {:016x}\n", cluster::digest(session.cluster()));
    assert_eq!(outcome, OUTCOME);
}
