//! The commands of a page: from fenced blocks, without prompts and outputs, and from inline code that stands for one.

use super::Note;
use super::fence::{Fence, inline_code};
use super::repair;
use crate::builtins;
use crate::syntax;

/// How much text of one block is parsed at most, to find where its commands end.
const MAX_PARSED_BYTES: usize = 64 << 20;

/// A command as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) line: u32,
    pub(super) command: String,
    pub(super) note: Option<String>,
}

/// Tools of tutorials that are not available here: a line that begins with one is a command all the same.
const ELSEWHERE: &[&str] = &[
    "apt",
    "apt-get",
    "argocd",
    "aws",
    "az",
    "bash",
    "brew",
    "chmod",
    "chown",
    "choco",
    "code",
    "crictl",
    "ctr",
    "curl",
    "dig",
    "diff",
    "docker",
    "docker-compose",
    "eksctl",
    "envsubst",
    "etcdctl",
    "find",
    "flux",
    "gcloud",
    "git",
    "go",
    "helm",
    "hey",
    "ab",
    "istioctl",
    "jq",
    "k3d",
    "k3s",
    "k9s",
    "kind",
    "kops",
    "krew",
    "ksniff",
    "kubeadm",
    "kubectx",
    "kubelet",
    "kubens",
    "kustomize",
    "make",
    "microk8s",
    "minikube",
    "mongo",
    "mongosh",
    "mysql",
    "nano",
    "nc",
    "nerdctl",
    "node",
    "npm",
    "nslookup",
    "oc",
    "open",
    "openssl",
    "ping",
    "pip",
    "podman",
    "psql",
    "python",
    "python3",
    "redis-cli",
    "service",
    "skaffold",
    "source",
    "ssh",
    "scp",
    "stern",
    "sudo",
    "systemctl",
    "tar",
    "telnet",
    "terraform",
    "tree",
    "unzip",
    "vagrant",
    "vi",
    "vim",
    "watch",
    "wget",
    "which",
    "yq",
    "yum",
    "dnf",
    "sh",
];

/// Words that begin a compound command.
const KEYWORDS: &[&str] = &["for", "while", "until", "if", "case", "{", "(", "[[", "!"];

/// What a line begins with if it is a command.
fn is_command(line: &str) -> bool {
    let first = line.split([' ', '\t', ';', '|', '&', '<', '>']).next().unwrap_or_default();
    let name = first.split('=').next().unwrap_or_default();
    let assignment =
        first.contains('=') && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    assignment
        || is_ours(first)
        || first.starts_with("./")
        || KEYWORDS.contains(&first)
        || ELSEWHERE.contains(&first)
        || ["exit", "sleep", "timeout", "xargs"].contains(&first)
        || builtins::find(first).is_some()
}

fn is_ours(word: &str) -> bool {
    matches!(word, "kubectl" | "k" | "sim" | "podground")
}

/// Whether a block without a language is a script, judged by its first line.
pub(super) fn begins_a_script(line: &str) -> bool {
    let line = unmarked(line).map_or(line, |(_, rest)| rest);
    prompted(line).is_some_and(is_command)
        || (is_ours(line.split(' ').next().unwrap_or_default()) && line.contains(' '))
}

/// The command after a prompt: `$ `, `% `, `user@host:~$ `, `[root@host ~]# `, `~ ❯ `.
fn prompted(line: &str) -> Option<&str> {
    for sign in ["$ ", "% ", "❯ ", "➜ ", "PS> "] {
        if let Some(rest) = line.strip_prefix(sign) {
            return Some(rest.trim_start());
        }
    }
    let (at, sign) = ["$ ", "# ", "❯ ", "% "].iter().filter_map(|sign| Some((line.find(sign)?, sign))).min()?;
    let before = &line[..at];
    let host = before.contains('@') && !before.contains([' ', '"', '\'', '=']);
    let bracket = before.starts_with('[') && before.ends_with(']');
    let folder = before == "~" || before.starts_with("~/") || before == "~ ";
    (host || bracket || folder).then(|| line[at + sign.len()..].trim_start())
}

/// The command after a mark of a list (`a. `, `1. `, `2) `, `- `), and the mark.
fn unmarked(line: &str) -> Option<(&str, &str)> {
    let (mark, rest) = line.split_once(' ')?;
    let lettered = mark.strip_suffix(['.', ')']).is_some_and(|label| {
        label.parse::<u32>().is_ok() || (label.chars().count() == 1 && label.chars().all(char::is_alphabetic))
    });
    let rest = rest.trim_start();
    let ours = is_ours(rest.split(' ').next().unwrap_or_default());
    ((lettered || matches!(mark, "-" | "*" | "•" | "+" | ">")) && ours).then_some((mark, rest))
}

/// A line of a block that may be a command.
struct Line {
    number: u32,
    text: String,
    note: Option<String>,
    /// What is no command is output, unless it goes on with one.
    command: bool,
}

/// The commands of a fenced block.
pub(super) fn of_fence(fence: &Fence, notes: &mut Vec<Note>) -> Vec<Found> {
    let mut repairs = Vec::new();
    let body = repair::command(&fence.body, &mut repairs);
    if !repairs.is_empty() {
        notes.push(Note { line: fence.line, text: format!("repaired in the block: {}", repairs.join(", ")) });
    }
    let lines = lines(&body, fence.line + 1);
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    let mut outputs = 0;
    let mut budget = MAX_PARSED_BYTES;
    while let Some(line) = lines.get(at) {
        if !line.command {
            outputs += u32::from(!line.text.trim().is_empty() && !line.text.trim_start().starts_with('#'));
            at += 1;
            continue;
        }
        let mut command = line.text.clone();
        let mut end = at + 1;
        // Lines belong to a command for as long as it cannot be read without them.
        while end < lines.len() && goes_on(&command, &mut budget) {
            command.push('\n');
            command.push_str(lines[end].text.strip_prefix("> ").unwrap_or(&lines[end].text));
            end += 1;
        }
        if goes_on(&command, &mut budget) {
            // The rest of the block does not help: then only this line is wrong.
            (command, end) = (line.text.clone(), at + 1);
        }
        found.push(Found { line: line.number, command, note: line.note.clone() });
        at = end;
    }
    if outputs > 0 && !found.is_empty() {
        let text = format!("{outputs} line{} of the block taken for output", if outputs == 1 { "" } else { "s" });
        notes.push(Note { line: fence.line, text });
    }
    found
}

/// Whether a command cannot be read without the next line.
fn goes_on(command: &str, budget: &mut usize) -> bool {
    *budget = budget.saturating_sub(command.len());
    if *budget == 0 {
        return false;
    }
    let command = super::placeholders::masked(command);
    let continued = command.trim_end_matches([' ', '\t']).ends_with('\\');
    continued || matches!(syntax::parse(&command, 1), Err(error) if error.incomplete)
}

fn lines(body: &str, first: u32) -> Vec<Line> {
    let any_prompt = body.lines().any(|line| prompted(line.trim_start()).is_some());
    // `# kubectl …` is the prompt of root where nothing else is a command, and a comment elsewhere.
    let any_plain = body.lines().any(|line| is_command(line.trim_start()) || unmarked(line.trim_start()).is_some());
    let root = !any_prompt && !any_plain;
    let line = |(line, number): (&str, u32)| {
        let text = line.trim_start();
        if any_prompt {
            let rest = prompted(text);
            return Line {
                number,
                text: rest.unwrap_or(line).to_owned(),
                note: None,
                command: rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('#')),
            };
        }
        if let Some(rest) =
            text.strip_prefix("# ").filter(|rest| root && is_ours(rest.split(' ').next().unwrap_or_default()))
        {
            return Line { number, text: rest.to_owned(), note: None, command: true };
        }
        match unmarked(text) {
            Some((mark, rest)) => Line {
                number,
                text: rest.to_owned(),
                note: Some(format!("left out `{mark}` before it")),
                command: true,
            },
            None => Line { number, text: line.to_owned(), note: None, command: is_command(text) },
        }
    };
    body.lines().zip(first..).map(line).collect()
}

/// Commands in inline code that make up a line, perhaps after a label: Apply: `kubectl apply -f x.yaml`.
pub(super) fn inline(lines: &[&str], in_fence: &[bool]) -> Vec<Found> {
    let mut found = Vec::new();
    for ((line, number), _) in lines.iter().zip(1u32..).zip(in_fence).filter(|(_, in_fence)| !**in_fence) {
        let codes = inline_code(line);
        let [code] = codes[..] else { continue };
        let Some((before, after)) = line.split_once('`') else { continue };
        let after = after.split_once('`').map_or("", |(_, after)| after);
        let label =
            before.trim().trim_matches(|c: char| "*_-+>•".contains(c) || c.is_ascii_digit() || c == '.' || c == ')');
        let label = label.trim().trim_end_matches(['*', '_', ' ']);
        let alone = after.trim().trim_matches(|c: char| ".,:;*_".contains(c)).is_empty();
        let labelled = label.is_empty() || (label.ends_with(':') && label.split_whitespace().count() <= 5);
        let mut repairs = Vec::new();
        let command = repair::command(code, &mut repairs);
        let command = prompted(&command).unwrap_or(&command).trim().to_owned();
        let mut words = command.split_whitespace();
        let ours = words.next().is_some_and(is_ours) && words.next().is_some();
        if alone && labelled && ours && !line.starts_with('|') && !line.starts_with('#') {
            let note = (!repairs.is_empty()).then(|| format!("repaired: {}", repairs.join(", ")));
            found.push(Found { line: number, command, note });
        }
    }
    found
}

/// The names of manifests that a command reads: what stands after `-f` and `--filename`.
pub(super) fn read_files(command: &str) -> Vec<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let mut names = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let value = match *word {
            "-f" | "--filename" => words.get(at + 1).copied(),
            word => word.strip_prefix("--filename=").or_else(|| word.strip_prefix("-f=")),
        };
        let values = value.into_iter().flat_map(|value| value.split(','));
        names.extend(values.filter_map(super::fence::file_name));
    }
    names
}

/// The names of files that a command makes.
pub(super) fn written_files(command: &str) -> Vec<String> {
    let first = command.lines().next().unwrap_or_default();
    let mut names = Vec::new();
    for (at, _) in first.match_indices('>') {
        names.extend(
            first[at + 1..].trim_start_matches('>').split_whitespace().next().and_then(super::fence::file_name),
        );
    }
    if let Some((_, after)) = first.split_once("tee ") {
        names.extend(after.split_whitespace().filter_map(super::fence::file_name));
    }
    names
}
