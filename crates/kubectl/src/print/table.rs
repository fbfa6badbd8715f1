//! From objects to the text of a table. Models: staging/src/k8s.io/cli-runtime/pkg/printers/tableprinter.go.

use super::tabs;
use api::{Object, StrMap, Time, labels_text};
use apiserver::ResourceInfo;

/// What is asked of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) wide: bool,
    pub(crate) no_headers: bool,
    pub(crate) with_namespace: bool,
    pub(crate) with_kind: bool,
    pub(crate) show_labels: bool,
    pub(crate) label_columns: Vec<String>,
}

/// A table that is being printed, all at once or object by object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    options: Options,
    head_printed: bool,
    widths: Vec<usize>,
    text: String,
}

impl Table {
    pub(crate) fn new(options: Options) -> Self {
        Table { options, ..Table::default() }
    }

    /// Adds one object's row, and the head before the first. `event` is the kind of a watch event, if it is to be shown.
    pub(crate) fn add(&mut self, info: &ResourceInfo, object: &Object, now: Time, event: Option<&str>) {
        let (columns, row) = super::row(info, object, now);
        if !self.head_printed && !self.options.no_headers {
            self.head(&columns, event.is_some());
        }
        self.head_printed = true;
        let meta = object.meta();
        let mut cells: Vec<String> = Vec::with_capacity(columns.len() + 2);
        if let Some(event) = event {
            cells.push(format!("{event:<8}"));
        }
        if self.options.with_namespace {
            cells.push(meta.namespace.to_string());
        }
        for (column, cell) in columns.iter().zip(row) {
            if column.wide && !self.options.wide {
                continue;
            }
            let cell = one_line(cell);
            cells.push(if self.options.with_kind && column.head == "NAME" {
                format!("{}/{cell}", kind_prefix(info))
            } else {
                cell
            });
        }
        cells.extend(self.label_cells(&meta.labels));
        self.line(&cells);
    }

    /// What was added since the last time.
    pub(crate) fn flush(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        tabs::TABLE.layout_remembering(&text, &mut self.widths)
    }

    fn head(&mut self, columns: &[super::Column], event: bool) {
        let mut cells: Vec<String> = Vec::new();
        if event {
            cells.push("EVENT".to_owned());
        }
        if self.options.with_namespace {
            cells.push("NAMESPACE".to_owned());
        }
        cells.extend(columns.iter().filter(|c| self.options.wide || !c.wide).map(|c| c.head.to_owned()));
        let short = |label: &String| label.rsplit('/').next().unwrap_or(label).to_uppercase();
        cells.extend(self.options.label_columns.iter().map(short));
        if self.options.show_labels {
            cells.push("LABELS".to_owned());
        }
        self.line(&cells);
    }

    fn label_cells(&self, labels: &StrMap) -> Vec<String> {
        let value = |name: &String| labels.get(name).map(ToString::to_string).unwrap_or_default();
        let mut cells: Vec<String> = self.options.label_columns.iter().map(value).collect();
        if self.options.show_labels {
            cells.push(labels_text(labels));
        }
        cells
    }

    fn line(&mut self, cells: &[String]) {
        self.text.push_str(&cells.join("\t"));
        self.text.push('\n');
    }
}

/// `pod`, `statefulset.apps`: what stands before the name when several kinds are listed.
pub(crate) fn kind_prefix(info: &ResourceInfo) -> String {
    let kind = info.singular();
    if info.group.is_empty() { kind } else { format!("{kind}.{}", info.group) }
}

/// A cell ends at its first line break; a tab in it would end the column.
fn one_line(cell: String) -> String {
    let cell = if cell.contains('\t') { cell.replace('\t', " ") } else { cell };
    match cell.find(['\n', '\r', '\u{c}']) {
        Some(end) => format!("{}...", &cell[..end]),
        None => cell,
    }
}
