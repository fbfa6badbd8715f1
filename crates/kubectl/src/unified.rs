//! Two texts as a unified diff.

/// Lines of context around a change.
const CONTEXT: usize = 3;
/// Longer texts are compared as a whole: the table of the comparison would not fit.
const MAX_CELLS: usize = 16_000_000;

#[derive(Clone, Copy, PartialEq)]
enum Line<'t> {
    Same(&'t str),
    Gone(&'t str),
    New(&'t str),
}

/// The diff that takes `from` to `to`, with its head; empty if they are the same.
pub(crate) fn diff(from_name: &str, to_name: &str, from: &str, to: &str) -> String {
    if from == to {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (from.lines().collect(), to.lines().collect());
    let lines = script(&old, &new);
    let mut text = format!("--- {from_name}\n+++ {to_name}\n");
    for (start, end) in hunks(&lines) {
        let before = |of: fn(&Line<'_>) -> bool| lines[..start].iter().filter(|line| of(line)).count();
        let within = |of: fn(&Line<'_>) -> bool| lines[start..end].iter().filter(|line| of(line)).count();
        let is_old = |line: &Line<'_>| !matches!(line, Line::New(_));
        let is_new = |line: &Line<'_>| !matches!(line, Line::Gone(_));
        let range = |start: usize, length: usize| match length {
            0 => format!("{start},0"),
            1 => (start + 1).to_string(),
            length => format!("{},{length}", start + 1),
        };
        let old_range = range(before(is_old), within(is_old));
        let new_range = range(before(is_new), within(is_new));
        text.push_str(&format!("@@ -{old_range} +{new_range} @@\n"));
        for line in &lines[start..end] {
            let (sign, line) = match line {
                Line::Same(line) => (' ', line),
                Line::Gone(line) => ('-', line),
                Line::New(line) => ('+', line),
            };
            text.push_str(&format!("{sign}{line}\n"));
        }
    }
    text
}

/// Every line of both texts, by the longest common subsequence.
fn script<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let (middle_old, middle_new) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut lines: Vec<Line<'t>> = old[..start].iter().map(|line| Line::Same(line)).collect();
    lines.extend(middle(middle_old, middle_new));
    lines.extend(old[old.len() - end..].iter().map(|line| Line::Same(line)));
    lines
}

fn middle<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let width = new.len() + 1;
    if (old.len() + 1).saturating_mul(width) > MAX_CELLS {
        return old.iter().map(|line| Line::Gone(line)).chain(new.iter().map(|line| Line::New(line))).collect();
    }
    let mut common = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push(Line::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            lines.push(Line::Gone(old[i]));
            i += 1;
        } else {
            lines.push(Line::New(new[j]));
            j += 1;
        }
    }
    lines
}

/// Runs of lines around the changes.
fn hunks(lines: &[Line<'_>]) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Same(_))) {
        let (start, end) = (at.saturating_sub(CONTEXT), (at + CONTEXT + 1).min(lines.len()));
        match hunks.last_mut() {
            Some((_, last)) if start <= *last => *last = end,
            _ => hunks.push((start, end)),
        }
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn changes_with_their_context() {
        let old: String = (1..=12).map(|n| format!("{n}\n")).collect();
        let new = old.replace("6\n", "six\n").replace("12\n", "12\n13\n");
        expect![[r"
            --- a
            +++ b
            @@ -3,10 +3,11 @@
             3
             4
             5
            -6
            +six
             7
             8
             9
             10
             11
             12
            +13
        "]]
        .assert_eq(&diff("a", "b", &old, &new));
        assert_eq!(diff("a", "b", &old, &old), "");
        expect![["--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n"]].assert_eq(&diff("a", "b", "", "x\n"));
    }
}
