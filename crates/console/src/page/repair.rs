//! Repairs the damage that copying does to code: UTF-8 read as something else, typographic quotes and dashes, blanks
//! that are none, entities of HTML.

/// Windows-1252 from 0x80 on; the holes are what browsers make of them.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";

/// Mac OS Roman from 0x80 on.
const MAC: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

/// What was repaired, in a word.
pub(super) type Repair = &'static str;

/// Repairs a command.
pub(super) fn command(text: &str, repairs: &mut Vec<Repair>) -> String {
    let text = both(text, repairs);
    let text = replaced(
        &text,
        &[("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")],
        "entities of HTML",
        repairs,
    );
    let text = replaced(
        &text,
        &[("“", "\""), ("”", "\""), ("„", "\""), ("‘", "'"), ("’", "'")],
        "typographic quotes",
        repairs,
    );
    dashes(&text, repairs)
}

/// Repairs a manifest: quotes only where they enclose a value.
pub(super) fn manifest(text: &str, repairs: &mut Vec<Repair>) -> String {
    let text = both(text, repairs);
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let straight: String = line
            .chars()
            .map(|c| match c {
                '“' | '”' | '„' => '"',
                '‘' | '’' => '\'',
                c => c,
            })
            .collect();
        let value =
            line.trim_end().rsplit_once(": ").map_or(line.trim().trim_start_matches("- "), |(_, value)| value.trim());
        let value = value.trim_matches(['[', ']', ' ']);
        let curly = |c: char| "“”„‘’".contains(c);
        if value.starts_with(curly) && value.ends_with(curly) {
            remember("typographic quotes", repairs);
            out.push_str(&straight);
        } else {
            out.push_str(line);
        }
    }
    out
}

fn both(text: &str, repairs: &mut Vec<Repair>) -> String {
    let text = decoded(text, repairs);
    let blanks = [("\u{a0}", " "), ("\u{202f}", " "), ("\u{2009}", " "), ("\u{3000}", " "), ("&nbsp;", " ")];
    let text = replaced(&text, &blanks, "blanks that are none", repairs);
    let nothing =
        [("\u{200b}", ""), ("\u{200c}", ""), ("\u{200d}", ""), ("\u{2060}", ""), ("\u{feff}", ""), ("\u{ad}", "")];
    replaced(&text, &nothing, "characters that cannot be seen", repairs)
}

fn remember(repair: Repair, repairs: &mut Vec<Repair>) {
    if !repairs.contains(&repair) {
        repairs.push(repair);
    }
}

fn replaced(text: &str, pairs: &[(&str, &str)], repair: Repair, repairs: &mut Vec<Repair>) -> String {
    let mut out = text.to_owned();
    for (from, to) in pairs {
        if out.contains(from) {
            out = out.replace(from, to);
            remember(repair, repairs);
        }
    }
    out
}

/// `–namespace` and `—namespace` were `--namespace`, `–n` was `-n`.
fn dashes(text: &str, repairs: &mut Vec<Repair>) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let dash = matches!(c, '–' | '—' | '−') && (out.is_empty() || out.ends_with([' ', '\n']));
        if !dash || !chars.peek().is_some_and(|next| next.is_ascii_alphabetic()) {
            out.push(c);
            continue;
        }
        remember("typographic dashes", repairs);
        let word: String = chars.clone().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        out.push_str(if word.len() > 1 || c == '—' { "--" } else { "-" });
    }
    out
}

/// Runs of characters that are UTF-8 taken for Windows-1252 or Mac Roman become what they were.
fn decoded(text: &str, repairs: &mut Vec<Repair>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| !c.is_ascii()) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
        let run = &rest[..end];
        match [WINDOWS, MAC].iter().find_map(|table| original(run, table)) {
            Some(original) => {
                remember("text in a wrong encoding", repairs);
                out.push_str(&original);
            }
            None => out.push_str(run),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// What a run was, if its characters are the bytes of UTF-8.
fn original(run: &str, table: &str) -> Option<String> {
    let byte = |c: char| table.chars().position(|known| known == c).and_then(|at| u8::try_from(at + 0x80).ok());
    let bytes: Vec<u8> = run.chars().map(byte).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_repaired_and_named() {
        let check = |text: &str| {
            let mut repairs = Vec::new();
            format!(
                "{} {repairs:?}",
                command(text, &mut repairs),
                repairs = {
                    command(text, &mut repairs);
                    repairs.clone()
                }
            )
        };
        assert_eq!(check("kubectl get pods"), "kubectl get pods []");
        assert_eq!(check("echo donâ€™t"), "echo don't [\"text in a wrong encoding\", \"typographic quotes\"]");
        assert_eq!(check("echo ‚Äúa‚Äù"), "echo \"a\" [\"text in a wrong encoding\", \"typographic quotes\"]");
        assert_eq!(
            check("k get\u{a0}po —namespace x –n\u{200b} y"),
            "k get po --namespace x -n y [\"blanks that are none\", \"characters that cannot be seen\", \"typographic dashes\"]"
        );
        assert_eq!(check("a &amp;&amp; b &gt; c"), "a && b > c [\"entities of HTML\"]");
        assert_eq!(check("echo é – ü"), "echo é – ü []");
    }

    #[test]
    fn only_quotes_around_values_change_in_manifests() {
        let mut repairs = Vec::new();
        let text = "name: “web”\nmodes: [“a”]\n# it’s a comment\ntext: “a” and b\n";
        assert_eq!(manifest(text, &mut repairs), "name: \"web\"\nmodes: [\"a\"]\n# it’s a comment\ntext: “a” and b\n");
        assert_eq!(repairs, ["typographic quotes"]);
    }
}
