//! What a kind does here; the user is told once of each that does nothing. The list for people is SCOPE.md.

use api::Kind;

/// Kinds without a type of their own that something acts on all the same.
const ACTED_ON: &[&str] = &["CustomResourceDefinition", "PriorityClass"];

/// What to tell the user about a kind that nothing acts on; `None` if something does.
pub(crate) fn no_effect(kind: Kind) -> Option<String> {
    let Kind::Other(_) = kind else { return None };
    if kind.is_custom() {
        let name = crate::resource(kind)?.kind;
        return Some(format!(
            "{name} objects have no effect here: they are checked, stored and shown, but no controller of theirs runs (see SCOPE.md)"
        ));
    }
    let info = crate::resource(kind).filter(|info| !ACTED_ON.contains(&info.kind) && info.verbs.contains(&"get"))?;
    Some(format!("{} objects have no effect here: they are checked, stored and shown (see SCOPE.md)", info.kind))
}
