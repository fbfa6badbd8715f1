//! Tables of every kind: what `kubectl get` prints, taken apart into cells, sorted as a person wants.

use std::cmp::Ordering;
use std::rc::Rc;

use view::{ObjectRef, Text};

/// A kind that can be listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listed {
    /// The kind, such as `Pod`.
    pub kind: &'static str,
    /// What kubectl calls it: `pods`, `statefulsets.apps`.
    pub plural: &'static str,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

/// The kinds that come first.
pub const FIRST: [&str; 14] = [
    "pods",
    "nodes",
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "services",
    "endpointslices",
    "persistentvolumeclaims",
    "persistentvolumes",
    "storageclasses",
    "events",
];

/// A table as it was printed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Printed {
    /// The heads of the columns.
    pub columns: Vec<Text>,
    /// The cells of each row.
    pub rows: Vec<Vec<Text>>,
}

impl Printed {
    /// Takes apart what `kubectl get` printed: a column begins where its head does.
    pub fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let is_head = |head: &&str| !head.chars().any(char::is_lowercase);
        let Some(head) = lines.next().filter(is_head) else {
            return Self::default();
        };
        let letters: Vec<char> = head.chars().collect();
        let begins =
            |at: usize| letters[at] != ' ' && (at == 0 || at > 1 && letters[at - 1] == ' ' && letters[at - 2] == ' ');
        let starts: Vec<usize> = (0..letters.len()).filter(|at| begins(*at)).collect();
        let cut = |line: &str| -> Vec<Text> {
            let letters: Vec<char> = line.chars().collect();
            let piece = |at: usize| {
                let end = starts.get(at + 1).copied().unwrap_or(letters.len()).min(letters.len());
                letters.get(starts[at].min(end)..end).unwrap_or(&[]).iter().collect::<String>().trim().into()
            };
            (0..starts.len()).map(piece).collect()
        };
        Self { columns: cut(head), rows: lines.map(cut).collect() }
    }

    fn cell<'r>(&self, row: &'r [Text], column: &str) -> Option<&'r Text> {
        row.get(self.columns.iter().position(|name| &**name == column)?)
    }

    /// The object of a row.
    pub fn target(&self, row: &[Text], kind: &str) -> Option<ObjectRef> {
        let name = self.cell(row, "NAME")?;
        let name = name.rsplit_once('/').map_or(&**name, |(_, name)| name);
        let name = name.split(" (").next().unwrap_or(name);
        Some(ObjectRef::new(kind, self.cell(row, "NAMESPACE").map_or("", |namespace| namespace), name))
    }
}

/// What the table view shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tables {
    /// The kind, by its plural.
    pub plural: Text,
    /// The table.
    pub printed: Rc<Printed>,
    /// The column that is sorted by, and whether from the end.
    pub sort: Option<(usize, bool)>,
}

impl Default for Tables {
    fn default() -> Self {
        Self { plural: "pods".into(), printed: Rc::default(), sort: None }
    }
}

impl Tables {
    /// The rows that a filter lets through, in the order that was asked for.
    pub fn rows(&self, filter: &str) -> Vec<&Vec<Text>> {
        let (word, is_inverse) = crate::light::plain_filter(filter);
        let fits = |row: &&Vec<Text>| {
            word.is_empty() || row.iter().any(|cell| cell.to_lowercase().contains(&word)) != is_inverse
        };
        let mut rows: Vec<&Vec<Text>> = self.printed.rows.iter().filter(fits).collect();
        if let Some((column, is_descending)) = self.sort {
            let cell = |row: &Vec<Text>| row.get(column).cloned().unwrap_or_default();
            rows.sort_by(|a, b| {
                let order = compare(&cell(a), &cell(b));
                if is_descending { order.reverse() } else { order }
            });
        }
        rows
    }

    /// Sorts by a column; again the other way round; a third time not at all.
    pub fn sort_by(&mut self, column: usize) {
        self.sort = match self.sort {
            Some((at, false)) if at == column => Some((column, true)),
            Some((at, true)) if at == column => None,
            _ => Some((column, false)),
        };
    }
}

/// Ages by their length, numbers by their size, words by their letters with numbers in them by size.
fn compare(a: &str, b: &str) -> Ordering {
    if let (Some(a), Some(b)) = (seconds(a), seconds(b)) {
        return a.cmp(&b);
    }
    let parts = |text: &str| -> Vec<(String, u64)> {
        let mut parts: Vec<(String, u64)> = vec![(String::new(), 0)];
        let mut in_number = false;
        for letter in text.chars() {
            if let Some(digit) = letter.to_digit(10) {
                in_number = true;
                if let Some((_, number)) = parts.last_mut() {
                    *number = number.saturating_mul(10).saturating_add(u64::from(digit));
                }
            } else {
                if std::mem::take(&mut in_number) {
                    parts.push((String::new(), 0));
                }
                if let Some((word, _)) = parts.last_mut() {
                    word.push(letter);
                }
            }
        }
        parts
    };
    parts(a).cmp(&parts(b))
}

/// An age as kubectl prints it, in seconds.
fn seconds(age: &str) -> Option<u64> {
    let (mut sum, mut number, mut any) = (0u64, None::<u64>, false);
    for letter in age.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(digit)));
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'y' => 31_536_000,
            _ => return None,
        };
        sum += number.take()? * unit;
        any = true;
    }
    (any && number.is_none()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::{Printed, Tables};
    use std::rc::Rc;

    const PODS: &str = "\
NAMESPACE   NAME      READY   STATUS              RESTARTS      AGE   NOMINATED NODE
default     web-10    1/1     Running             0             2m    <none>
default     web-9     0/1     CrashLoopBackOff    3 (12s ago)   45s   <none>
";

    #[test]
    fn a_printed_table_is_taken_apart_and_sorted() {
        let printed = Printed::read(PODS);
        assert_eq!(&*printed.columns[6], "NOMINATED NODE");
        assert_eq!(&*printed.rows[1][4], "3 (12s ago)");
        assert_eq!(printed.target(&printed.rows[1], "Pod").map(|pod| pod.key()).as_deref(), Some("default/web-9"));
        let mut tables = Tables { printed: Rc::new(printed), ..Tables::default() };
        let names = |tables: &Tables| tables.rows("").iter().map(|row| row[1].to_string()).collect::<Vec<_>>();
        tables.sort_by(1);
        assert_eq!(names(&tables), ["web-9", "web-10"]);
        tables.sort_by(5);
        assert_eq!(names(&tables), ["web-9", "web-10"]);
        tables.sort_by(5);
        assert_eq!(names(&tables), ["web-10", "web-9"]);
        assert_eq!(tables.rows("!crash").len(), 1);
    }

    #[test]
    fn what_is_no_table_has_no_rows() {
        assert_eq!(Printed::read("No resources found\n"), Printed::default());
    }
}
