//! Scripts that move in time: cut where `sim rewind`, `goto`, `open` and `reset` stand.
//!
//! What such a command asks for is done by whoever owns the session, and the state of the shell goes along. So the
//! commands of such a script are given one by one, each in the moment to which the one before has led.

use crate::syntax::{AndOr, CommandKind, Part, parse_with_places};
use std::rc::Rc;

/// A part of a script that is given as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The line on which it starts, from 1.
    pub line: u32,
    /// Its text.
    pub text: Rc<str>,
    /// Whether it is a command that moves in time.
    pub moves: bool,
}

/// The parts of a script: one, unless it moves in time at its top level, then one for each command there. A script that cannot be read is one part, too.
pub fn pieces(text: &str) -> Vec<Piece> {
    let whole = || vec![Piece { line: 1, text: text.into(), moves: false }];
    // Most scripts do not, and are not read twice.
    if !text.contains("sim") || text.contains('\r') {
        return whole();
    }
    let Ok(places) = parse_with_places(text) else { return whole() };
    if !places.iter().any(|(_, item)| moves(item)) {
        return whole();
    }
    let starts: Option<Vec<(usize, u32)>> = places.iter().map(|(place, _)| *place).collect();
    let Some(starts) = starts else { return whole() };
    let found: Vec<(usize, u32, bool)> =
        starts.iter().zip(&places).map(|(&(start, line), (_, item))| (start, line, moves(item))).collect();
    let ends = found.iter().skip(1).map(|(start, ..)| *start).chain([text.len()]);
    let cut = |(&(start, line, moves), end): (&(usize, u32, bool), usize)| {
        let text = text[start..end].trim_end().trim_end_matches(';').into();
        Piece { line, text, moves }
    };
    found.iter().zip(ends).map(cut).collect()
}

/// Whether a command is one of those, and nothing else.
fn moves(item: &AndOr) -> bool {
    let [command] = item.first.commands.as_slice() else { return false };
    let CommandKind::Simple { assignments, words } = &command.kind else { return false };
    let literal = |index: usize| match words.get(index).map(Vec::as_slice) {
        Some([Part::Text { text, .. }]) => text.as_str(),
        _ => "",
    };
    let alone = item.rest.is_empty() && assignments.is_empty() && command.redirects.is_empty();
    alone && literal(0) == "sim" && matches!(literal(1), "rewind" | "goto" | "open" | "reset")
}

#[cfg(test)]
mod tests {
    use super::pieces;
    use expect_test::expect;

    #[test]
    fn a_script_is_cut_where_it_moves_in_time() {
        let script = "a=1\nkubectl get pods\nsim rewind 5s; echo b\ncat <<E\nsim reset\nE\nif true; then sim reset; fi\nsim open f\n";
        let shown: Vec<String> =
            pieces(script).iter().map(|piece| format!("{} {} {:?}", piece.line, piece.moves, piece.text)).collect();
        expect![[r#"
            1 false "a=1"
            2 false "kubectl get pods"
            3 true "sim rewind 5s"
            3 false "echo b"
            4 false "cat <<E\nsim reset\nE"
            7 false "if true; then sim reset; fi"
            8 true "sim open f""#]]
        .assert_eq(&shown.join("\n"));
        assert_eq!(pieces("simple").len(), 1);
        assert_eq!(pieces("sim rewind 5s && echo").len(), 1);
        assert_eq!(pieces("cat <<E; sim rewind 5s\nE\n").len(), 1);
    }
}
