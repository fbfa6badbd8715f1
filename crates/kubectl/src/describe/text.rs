//! The text of a description: labels with tabs behind them, laid out at the end.

use crate::print::tabs;
use api::{ObjectMeta, StrMap, Taint, Time, Toleration};
use std::fmt::Display;

/// Longer annotations get a line of their own and are cut.
const MAX_ANNOTATION: usize = 140;

/// A description that is being written.
#[derive(Default)]
pub(super) struct Text {
    done: String,
    open: String,
}

impl Text {
    /// A line, indented by twice `level`.
    pub(super) fn line(&mut self, level: usize, line: impl Display) {
        self.open.push_str(&format!("{}{line}\n", "  ".repeat(level)));
    }

    /// `Label:` and a value in the next column.
    pub(super) fn field(&mut self, level: usize, label: &str, value: impl Display) {
        self.line(level, format_args!("{label}:\t{value}"));
    }

    /// Lays out what is written so far: what follows has columns of its own.
    pub(super) fn flush(&mut self) {
        let open = std::mem::take(&mut self.open);
        self.done.push_str(&tabs::DESCRIBE.layout(&open));
    }

    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.done
    }

    /// The text as it was written, tabs and all.
    pub(super) fn raw(self) -> String {
        format!("{}{}", self.done, self.open)
    }

    /// Name, namespace (unless cluster-wide), labels and annotations.
    pub(super) fn head(&mut self, meta: &ObjectMeta) {
        self.field(0, "Name", &meta.name);
        if !meta.namespace.is_empty() {
            self.field(0, "Namespace", &meta.namespace);
        }
        self.labels("Labels", &meta.labels);
        self.annotations("Annotations", &meta.annotations);
    }

    /// One value a line, all in the second column; `<none>` if there are none.
    pub(super) fn column(&mut self, title: &str, values: &[String]) {
        if values.is_empty() {
            self.line(0, format_args!("{title}:\t<none>"));
        }
        for (index, value) in values.iter().enumerate() {
            let title = if index == 0 { format!("{title}:") } else { String::new() };
            self.line(0, format_args!("{title}\t{value}"));
        }
    }

    /// Labels, sorted.
    pub(super) fn labels(&mut self, title: &str, labels: &StrMap) {
        let lines: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        self.column(title, &lines);
    }

    /// Labels below something, where further lines are indented, too. Models: printLabelsMultilineWithIndent.
    pub(super) fn indented_labels(&mut self, indent: &str, title: &str, labels: &StrMap) {
        if labels.is_empty() {
            self.line(0, format_args!("{indent}{title}:\t<none>"));
        }
        for (index, (key, value)) in labels.iter().enumerate() {
            let title = if index == 0 { format!("{indent}{title}:") } else { indent.to_owned() };
            self.line(0, format_args!("{title}\t{key}={value}"));
        }
    }

    /// Annotations, sorted, without the one of apply; long ones are cut. Models: printAnnotationsMultiline.
    pub(super) fn annotations(&mut self, title: &str, annotations: &StrMap) {
        let mut lines = Vec::new();
        for (key, value) in
            annotations.iter().filter(|(key, _)| **key != "kubectl.kubernetes.io/last-applied-configuration")
        {
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 > MAX_ANNOTATION || value.contains('\n') {
                lines.push(format!("{key}:"));
                lines.extend(value.split('\n').map(|line| format!("  {}", shortened(line, MAX_ANNOTATION - 2))));
            } else {
                lines.push(format!("{key}: {value}"));
            }
        }
        self.column(title, &lines);
    }

    /// Tolerations, sorted by key.
    pub(super) fn tolerations(&mut self, title: &str, tolerations: &[Toleration]) {
        let mut sorted: Vec<&Toleration> = tolerations.iter().collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        let lines: Vec<String> = sorted.into_iter().map(toleration).collect();
        self.column(title, &lines);
    }

    /// Taints, sorted by effect and key.
    pub(super) fn taints(&mut self, title: &str, taints: &[Taint]) {
        let mut sorted: Vec<&Taint> = taints.iter().collect();
        sorted.sort_by(|a, b| (&a.effect, &a.key).cmp(&(&b.effect, &b.key)));
        let lines: Vec<String> = sorted.into_iter().map(ToString::to_string).collect();
        self.column(title, &lines);
    }
}

fn toleration(toleration: &Toleration) -> String {
    let mut text = toleration.key.to_string();
    if !toleration.value.is_empty() {
        text.push_str(&format!("={}", toleration.value));
    }
    if !toleration.effect.is_empty() {
        text.push_str(&format!(":{}", toleration.effect));
    }
    if toleration.operator == "Exists" && toleration.value.is_empty() {
        text.push_str(if text.is_empty() { "op=Exists" } else { " op=Exists" });
    }
    if let Some(seconds) = toleration.toleration_seconds {
        text.push_str(&format!(" for {seconds}s"));
    }
    text
}

fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}...", &text[..end])
}

/// A moment as descriptions write it.
pub(super) fn moment(time: Option<Time>) -> String {
    time.map_or_else(|| "Mon, 01 Jan 0001 00:00:00 +0000".to_owned(), Time::rfc1123z)
}

/// `<none>` for nothing.
pub(super) fn or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}
