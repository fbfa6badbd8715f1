//! Columns out of text with tabs. Models: Go's text/tabwriter, with spaces as padding.
//!
//! A cell is what ends with a tab. A column is a run of lines that all have that cell, and is as wide as its widest
//! cell plus the padding; what follows a line's last tab belongs to no column.

/// The rules of a writer.
#[derive(Clone, Copy)]
pub(crate) struct Tabs {
    /// The least width of a column, padding included.
    pub(crate) min_width: usize,
    /// Spaces after the widest cell.
    pub(crate) padding: usize,
}

/// As tables are laid out.
pub(crate) const TABLE: Tabs = Tabs { min_width: 6, padding: 3 };
/// As `kubectl describe` lays out its text.
pub(crate) const DESCRIBE: Tabs = Tabs { min_width: 0, padding: 2 };

impl Tabs {
    /// Lays out a text; `remembered` widths of columns only grow, as in a table that is printed piece by piece.
    pub(crate) fn layout_remembering(self, text: &str, remembered: &mut Vec<usize>) -> String {
        let (body, last_newline) = match text.strip_suffix('\n') {
            Some(body) => (body, "\n"),
            None => (text, ""),
        };
        if text.is_empty() {
            return String::new();
        }
        let lines: Vec<Vec<&str>> = body.split('\n').map(|line| line.split('\t').collect()).collect();
        let mut layout = Layout { tabs: self, lines: &lines, remembered, out: String::with_capacity(text.len() * 2) };
        layout.block(&mut Vec::new(), 0, lines.len());
        let mut out = layout.out;
        out.pop();
        out.push_str(last_newline);
        out
    }

    /// Lays out a text.
    pub(crate) fn layout(self, text: &str) -> String {
        self.layout_remembering(text, &mut Vec::new())
    }
}

struct Layout<'a> {
    tabs: Tabs,
    lines: &'a [Vec<&'a str>],
    remembered: &'a mut Vec<usize>,
    out: String,
}

impl Layout<'_> {
    /// Lays out the lines from `start` to `end`, which share the columns whose widths are known.
    fn block(&mut self, widths: &mut Vec<usize>, start: usize, end: usize) {
        let column = widths.len();
        let (mut start, mut line) = (start, start);
        while line < end {
            if !self.has_cell(line, column) {
                line += 1;
                continue;
            }
            self.write(widths, start, line);
            start = line;
            let mut width = self.tabs.min_width;
            while line < end && self.has_cell(line, column) {
                width = width.max(self.lines[line][column].chars().count() + self.tabs.padding);
                line += 1;
            }
            if self.remembered.len() <= column {
                self.remembered.resize(column + 1, 0);
            }
            if self.tabs.min_width > 0 {
                width = width.max(self.remembered[column]);
                self.remembered[column] = width;
            }
            widths.push(width);
            self.block(widths, start, line);
            widths.pop();
            start = line;
        }
        self.write(widths, start, end);
    }

    fn has_cell(&self, line: usize, column: usize) -> bool {
        column + 1 < self.lines[line].len()
    }

    fn write(&mut self, widths: &[usize], start: usize, end: usize) {
        for line in &self.lines[start..end] {
            for (column, cell) in line.iter().enumerate() {
                self.out.push_str(cell);
                if let Some(width) = widths.get(column) {
                    let pad = width.saturating_sub(cell.chars().count());
                    self.out.extend(std::iter::repeat_n(' ', pad));
                }
            }
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn columns_end_where_a_line_has_no_such_cell() {
        let text =
            "Name:\tweb\nPods Status:\t3 Running\nPod Template:\n  Labels:\tapp=web\n   nginx:\n    Image:\tnginx\n";
        expect![[r"
            Name:         web
            Pods Status:  3 Running
            Pod Template:
              Labels:  app=web
               nginx:
                Image:  nginx
        "]]
        .assert_eq(&DESCRIBE.layout(text));
    }

    #[test]
    fn widths_of_a_table_only_grow() {
        let mut widths = Vec::new();
        let first = TABLE.layout_remembering("NAME\tAGE\nweb-10\t1s\n", &mut widths);
        assert_eq!(first, "NAME     AGE\nweb-10   1s\n");
        assert_eq!(TABLE.layout_remembering("web-1\t2s\n", &mut widths), "web-1    2s\n");
    }
}
