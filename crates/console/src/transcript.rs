//! Transcripts: Markdown whose `console` blocks are scripts with the output they must have.
//!
//! In a block, `$ ` begins a command and `> ` goes on with it (here-documents, long commands), `+ 40s` is short for
//! `sim advance 40s`, `? 1` states an exit code other than 0, and every other line is output. A line of output that
//! starts like one of these, or like the end of the block, has a backslash before it. Tests, lessons and documentation
//! share the form; blessing a transcript is [`play`] and writing the result back.

use crate::page::fence::{self, Fence};

/// A part of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Anything that is not run, with its newlines.
    Text(String),
    /// What stands between the fences of a `console` block.
    Console(Console),
}

/// The inside of a `console` block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Console {
    /// Lines before the first command, which nothing printed.
    pub head: String,
    /// The commands.
    pub entries: Vec<Entry>,
}

/// A command with what it must print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line of the transcript on which it starts, from 1.
    pub line: u32,
    /// What happens.
    pub action: Action,
    /// The exit code it must have.
    pub exit_code: i32,
    /// The output it must have: standard output and standard error as they come, each line with its newline.
    pub output: String,
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `$ `: a script of the console language, mostly of one command.
    Run(String),
    /// `+ `: time moves on by this duration.
    Advance(String),
}

impl Action {
    /// The script of the console language that does it.
    pub fn script(&self) -> String {
        match self {
            Action::Run(script) => script.clone(),
            Action::Advance(duration) => format!("sim advance {duration}"),
        }
    }
}

/// What a run of an entry gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// What it printed, standard output and standard error as they came.
    pub output: String,
    /// Its exit code.
    pub exit_code: i32,
}

/// The parts of a transcript, in order. [`render`] makes the same text of them.
pub fn parse(markdown: &str) -> Vec<Block> {
    let markdown = markdown.replace("\r\n", "\n");
    let lines: Vec<&str> = markdown.split_inclusive('\n').collect();
    let mut blocks = Vec::new();
    let mut at = 0;
    for fence in fence::scan(&markdown).into_iter().filter(|fence| fence.language() == "console") {
        let (first, last) = body_range(&fence, lines.len());
        blocks.push(Block::Text(lines[at..first].concat()));
        blocks.push(Block::Console(console(&lines[first..last], first)));
        at = last;
    }
    blocks.push(Block::Text(lines[at..].concat()));
    blocks.retain(|block| !matches!(block, Block::Text(text) if text.is_empty()));
    blocks
}

/// The text of a transcript.
pub fn render(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        match block {
            Block::Text(prose) => text.push_str(prose),
            Block::Console(console) => {
                text.push_str(&console.head);
                console.entries.iter().for_each(|entry| render_entry(entry, &mut text));
            }
        }
    }
    text
}

/// The files that a transcript brings along: its fenced blocks that have a name (see [`crate::page`]), in order.
pub fn files(markdown: &str) -> Vec<(String, String)> {
    let named = fence::scan(markdown).into_iter().filter(|fence| fence.language() != "console");
    named.filter_map(|fence| Some((fence.name()?, fence.body))).collect()
}

/// Runs every entry and returns the transcript with what they printed. A passing transcript comes back unchanged.
pub fn play(markdown: &str, mut run: impl FnMut(&Entry) -> Played) -> String {
    let mut blocks = parse(markdown);
    for block in &mut blocks {
        let Block::Console(console) = block else { continue };
        for entry in &mut console.entries {
            let played = run(entry);
            entry.exit_code = played.exit_code;
            entry.output = played.output;
            if !entry.output.is_empty() && !entry.output.ends_with('\n') {
                entry.output.push('\n');
            }
        }
    }
    render(&blocks)
}

/// The lines between the fences, counted from 0.
fn body_range(fence: &Fence, lines: usize) -> (usize, usize) {
    let first = (fence.line as usize).min(lines);
    (first, first + fence.body_lines)
}

fn console(lines: &[&str], first: usize) -> Console {
    let mut console = Console::default();
    let mut in_command = false;
    for (at, line) in lines.iter().enumerate() {
        let number = u32::try_from(first + at + 1).unwrap_or(u32::MAX);
        let text = line.trim_end_matches('\n');
        let action = match (text.strip_prefix("$ "), text.strip_prefix("+ ")) {
            (Some(command), _) => Some(Action::Run(command.to_owned())),
            (_, Some(duration)) => Some(Action::Advance(duration.trim().to_owned())),
            _ => None,
        };
        if let Some(action) = action {
            in_command = matches!(action, Action::Run(_));
            console.entries.push(Entry { line: number, action, exit_code: 0, output: String::new() });
            continue;
        }
        let Some(entry) = console.entries.last_mut() else {
            console.head.push_str(line);
            continue;
        };
        if let (true, Some(more), Action::Run(script)) = (in_command, continued(text), &mut entry.action) {
            script.push('\n');
            script.push_str(more);
            continue;
        }
        in_command = false;
        match text.strip_prefix("? ").and_then(|code| code.trim().parse().ok()) {
            Some(code) => entry.exit_code = code,
            None => {
                entry.output.push_str(text.strip_prefix('\\').filter(|_| needs_backslash(text)).unwrap_or(text));
                entry.output.push('\n');
            }
        }
    }
    console
}

/// The rest of a line that goes on with a command.
fn continued(line: &str) -> Option<&str> {
    line.strip_prefix("> ").or((line == ">").then_some(""))
}

/// Whether a line of output would be read as something else.
fn needs_backslash(line: &str) -> bool {
    let line = line.trim_start_matches('\\');
    ["$ ", "+ ", "? ", "> "].iter().any(|sign| line.starts_with(sign))
        || line == ">"
        || line.trim_start().starts_with("```")
        || line.trim_start().starts_with("~~~")
}

fn render_entry(entry: &Entry, text: &mut String) {
    match &entry.action {
        Action::Advance(duration) => text.push_str(&format!("+ {duration}\n")),
        Action::Run(script) => {
            for (at, line) in script.split('\n').enumerate() {
                let sign = if at == 0 { "$ " } else { "> " };
                text.push_str(&format!("{sign}{line}\n").replace("> \n", ">\n"));
            }
        }
    }
    for line in entry.output.lines() {
        let sign = if needs_backslash(line) { "\\" } else { "" };
        text.push_str(&format!("{sign}{line}\n"));
    }
    if entry.exit_code != 0 {
        text.push_str(&format!("? {}\n", entry.exit_code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    const TRANSCRIPT: &str = "\
# Scaling down

```yaml
# web.yaml
kind: StatefulSet
```

```console
$ kubectl apply -f web.yaml
statefulset.apps/web created
+ 40s
$ cat <<EOF | kubectl apply -f -
> kind: Pod
>
> EOF
error: no
? 1
$ echo '$ x'
\\$ x
```

The end.
";

    #[test]
    fn a_transcript_is_read_and_written() {
        let blocks = parse(TRANSCRIPT);
        let Block::Console(console) = &blocks[1] else { panic!("{blocks:?}") };
        let entries = console.entries.iter().map(|entry| {
            format!("{} {:?} {} {:?}\n", entry.line, entry.action.script(), entry.exit_code, entry.output)
        });
        expect![[r#"
            9 "kubectl apply -f web.yaml" 0 "statefulset.apps/web created\n"
            11 "sim advance 40s" 0 ""
            12 "cat <<EOF | kubectl apply -f -\nkind: Pod\n\nEOF" 1 "error: no\n"
            18 "echo '$ x'" 0 "$ x\n"
        "#]]
        .assert_eq(&entries.collect::<String>());
        assert_eq!(render(&blocks), TRANSCRIPT);
        assert_eq!(files(TRANSCRIPT), [("web.yaml".to_owned(), "# web.yaml\nkind: StatefulSet\n".to_owned())]);
    }

    #[test]
    fn playing_writes_what_was_printed() {
        let played = play("```console\n$ a\nold\n+ 1s\n? 3\n```\n", |entry| match &entry.action {
            Action::Run(script) => Played { output: format!("ran {script}"), exit_code: 2 },
            Action::Advance(_) => Played::default(),
        });
        assert_eq!(played, "```console\n$ a\nran a\n? 2\n+ 1s\n```\n");
    }

    proptest! {
        #[test]
        fn what_was_played_stays_as_it_is(output in "([$+?>\\\\`a \n]|\\PC){0,30}", exit_code in 0..3) {
            let run = |_: &Entry| Played { output: output.clone(), exit_code };
            let first = play("```console\n$ a\n$ b\n```\n", run);
            prop_assert_eq!(&play(&first, run), &first);
            let Some(Block::Console(console)) = parse(&first).into_iter().nth(1) else { panic!("{first}") };
            prop_assert_eq!(console.entries.len(), 2);
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(lines(&console.entries[1].output), lines(&output));
        }

        #[test]
        fn any_text_is_read(text in "([$+?>` \n~a-]|console|\\PC){0,60}") {
            render(&parse(&text));
        }
    }
}
