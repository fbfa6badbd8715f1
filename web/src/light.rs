//! What stands out in the picture at the moment, as rules of style: the pods of the owner under the pointer, the selected
//! object wherever it is drawn, pods of an old revision, and what the filter lets through. The tiles themselves do not change.

use std::collections::BTreeMap;

use view::{ObjectRef, PodTile, Snapshot};

/// What the person points at, has selected and looks for.
pub struct Pointing<'a> {
    /// The object under the pointer.
    pub lit: Option<&'a ObjectRef>,
    /// The object whose details are open.
    pub selected: Option<&'a ObjectRef>,
    /// The filter.
    pub filter: &'a str,
}

/// The rules for this moment.
pub fn rules(snapshot: &Snapshot, pointing: &Pointing<'_>) -> String {
    let mut rules = String::new();
    if let Some(lit) = pointing.lit {
        let is_its = quoted(&format!("[data-owner=\"{lit}\"]"));
        rules.push_str(&format!(".grid .pod:not({is_its}),.tray .pod:not({is_its}){{opacity:.3}}"));
        rules.push_str(&format!(".pod{is_its},.box{is_its}{{outline:2px solid var(--owner);outline-offset:1px}}"));
    }
    if let Some(selected) = pointing.selected {
        let key = quoted(&format!("[data-of=\"{selected}\"]"));
        rules.push_str(&format!("{key}{{box-shadow:0 0 0 2px var(--panel),0 0 0 4px var(--accent)}}"));
        let is_its = quoted(&format!("[data-owner=\"{selected}\"]"));
        rules.push_str(&format!(
            ".grid .pod{is_its}{{box-shadow:0 0 0 2px color-mix(in srgb,var(--owner) 60%,transparent)}}"
        ));
    }
    let (word, is_inverse) = plain_filter(pointing.filter);
    if !word.is_empty() {
        let (no, yes) = if is_inverse { ("", ":not") } else { (":not", "") };
        let matches = format!("[data-pod*=\"{word}\"]");
        let by_owner = format!("[data-owner*=\"{word}\" i]");
        rules.push_str(&match no {
            ":not" => format!(".pod:not({matches}):not({by_owner}){{opacity:.15}}"),
            _ => format!(".pod{matches},.pod{by_owner}{{opacity:.15}}"),
        });
        let lane = format!("[data-lane-of*=\"{word}\" i]");
        rules.push_str(&if yes.is_empty() {
            format!(".lane:not({lane}){{display:none}}")
        } else {
            format!(".lane{lane}{{display:none}}")
        });
    }
    rules.push_str(&revisions(snapshot));
    rules
}

/// A filter as the style sheet may hold it: the characters of names, and whether it is turned around (`!word`).
pub fn plain_filter(filter: &str) -> (String, bool) {
    let (word, is_inverse) = filter.strip_prefix('!').map_or((filter, false), |rest| (rest, true));
    let is_plain = |character: &char| character.is_ascii_alphanumeric() || "-./ ".contains(*character);
    (word.trim().chars().filter(is_plain).collect::<String>().to_lowercase(), is_inverse)
}

/// Names of objects cannot hold quotes; whatever else came here must not either.
fn quoted(selector: &str) -> String {
    selector.replace(['<', '{', '}', '\\'], "")
}

/// While a workload has pods of two revisions, each shows its image, and the old ones are marked.
fn revisions(snapshot: &Snapshot) -> String {
    let mut pods: BTreeMap<&ObjectRef, Vec<&PodTile>> = BTreeMap::new();
    for pod in snapshot.pods.iter() {
        if let Some(owner) = pod.owner.as_ref().filter(|_| !pod.revision.is_empty()) {
            pods.entry(&owner.target).or_default().push(pod);
        }
    }
    let mut rules = String::new();
    for chip in snapshot.workloads.iter().filter(|chip| !chip.revision.is_empty()) {
        let own = pods.get(&chip.target).map_or(&[][..], Vec::as_slice);
        if own.iter().all(|pod| pod.revision == chip.revision) {
            continue;
        }
        let owner = quoted(&format!("[data-owner=\"{}\"]", chip.target));
        let old = quoted(&format!("{owner}:not([data-revision=\"{}\"])", chip.revision));
        rules.push_str(&format!(
            "{owner} .tag{{display:inline-flex}}{old} .tag{{text-decoration:line-through;opacity:.85}}"
        ));
        rules.push_str(&format!(".pod{old},.box{old}{{background-image:var(--old)}}"));
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::{Pointing, plain_filter, rules};
    use crate::fixture;

    #[test]
    fn a_filter_cannot_leave_its_selector() {
        assert_eq!(plain_filter("!My-SQL\"]{x}"), ("my-sqlx".to_owned(), true));
        let snapshot = fixture::snapshot();
        let pointing = Pointing { lit: None, selected: None, filter: "mysql" };
        assert!(rules(&snapshot, &pointing).starts_with(".pod:not([data-pod*=\"mysql\"])"));
        assert_eq!(rules(&snapshot, &Pointing { filter: "", ..pointing }), "");
    }
}
