//! What the drawer beside the picture shows of the chosen object, and the field of a deed that asks for a value.

use std::rc::Rc;

use view::{ObjectRef, Text, Why};

/// The parts of the drawer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DrawerTab {
    /// Why it waits, and what can be done.
    #[default]
    Overview,
    /// What `kubectl describe` says.
    Describe,
    /// The object as YAML.
    Yaml,
    /// Its Events.
    Events,
    /// What its containers wrote.
    Logs,
}

impl DrawerTab {
    /// Every part with its title, in the order of the tabs.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Overview, "Overview"),
        (Self::Describe, "Describe"),
        (Self::Yaml, "YAML"),
        (Self::Events, "Events"),
        (Self::Logs, "Logs"),
    ];

    /// The command whose output is shown, if it is a command's.
    pub fn command(self, target: &ObjectRef) -> Option<String> {
        let words = target.kubectl_words();
        match self {
            Self::Describe => Some(format!("kubectl describe {words}")),
            Self::Yaml => Some(format!("kubectl get {words} -o yaml")),
            Self::Logs => {
                let namespace =
                    if &*target.namespace == "default" { String::new() } else { format!(" -n {}", target.namespace) };
                let kind = target.kind.to_lowercase();
                Some(format!("kubectl logs {kind}/{}{namespace} --all-containers --tail=200", target.name))
            }
            Self::Overview | Self::Events => None,
        }
    }

    /// Whether an object has this part.
    pub fn is_of(self, target: &ObjectRef) -> bool {
        let runs = ["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"];
        self != Self::Logs || runs.contains(&&*target.kind)
    }
}

/// The field of a deed that asks for a value before it is done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    /// The deed.
    pub deed: &'static str,
    /// What is in the field.
    pub value: Text,
}

/// What the drawer shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Drawer {
    /// The part in front.
    pub tab: DrawerTab,
    /// The output of that part's command.
    pub text: Text,
    /// That output as it was when it was opened: lines that differ are marked.
    pub text_at_first: Option<Text>,
    /// Why the object waits.
    pub why: Rc<Why>,
    /// The field that is open.
    pub form: Option<Form>,
}

impl Drawer {
    /// The drawer of another object: the same part where that object has it.
    pub fn of_another(&self, target: Option<&ObjectRef>) -> Self {
        let tab = if target.is_some_and(|target| self.tab.is_of(target)) { self.tab } else { DrawerTab::Overview };
        Self { tab, ..Self::default() }
    }

    /// Another part.
    pub fn open(&mut self, tab: DrawerTab) {
        *self = Self { tab, why: self.why.clone(), form: self.form.take(), ..Self::default() };
    }

    /// The part's command has answered.
    pub fn show(&mut self, text: Text) {
        self.text_at_first.get_or_insert_with(|| text.clone());
        self.text = text;
    }

    /// The lines of the output, each with whether it is another than at first.
    pub fn lines(&self) -> Vec<(&str, bool)> {
        let first: Vec<&str> = self.text_at_first.as_deref().unwrap_or("").lines().collect();
        let lines: Vec<&str> = self.text.lines().collect();
        if self.tab != DrawerTab::Yaml {
            return lines.into_iter().map(|line| (line, false)).collect();
        }
        // What is the same at both ends is the same; in between a line is new if it was nowhere.
        let middle = |from: usize| first.get(from..).unwrap_or(&[]);
        let same = lines.iter().zip(&first).take_while(|(a, b)| a == b).count();
        lines.iter().enumerate().map(|(at, line)| (*line, at >= same && !middle(same).contains(line))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Drawer, DrawerTab};

    #[test]
    fn changed_lines_of_yaml_are_marked() {
        let mut drawer = Drawer { tab: DrawerTab::Yaml, ..Drawer::default() };
        drawer.show("a: 1\nb: 2\nc: 3\n".into());
        assert!(drawer.lines().iter().all(|(_, changed)| !changed));
        drawer.show("a: 1\nb: 5\nnew: 1\nc: 3\n".into());
        assert_eq!(drawer.lines(), [("a: 1", false), ("b: 5", true), ("new: 1", true), ("c: 3", false)]);
    }
}
