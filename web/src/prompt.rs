//! The line that is typed into the console: its history, the search in it, and what could complete it.

use std::rc::Rc;

use view::Text;

use crate::session::Completion;

/// What could complete the line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Menu {
    /// The line that is completed.
    base: Text,
    /// The candidates and what they replace.
    pub found: Rc<Completion>,
    /// The candidate that the line holds now.
    pub at: Option<usize>,
}

/// The search in the history (Ctrl+R).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Search {
    /// How many matches, counted from the newest line, are passed over.
    skip: usize,
}

/// The line being typed into the console, and the lines typed before.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Prompt {
    /// The line being typed; in a search, what is looked for.
    pub text: Text,
    /// What could complete it, once that was asked for.
    pub menu: Option<Menu>,
    /// The search in the history, while there is one.
    pub search: Option<Search>,
    past: Rc<[Text]>,
    /// How many lines back from the newest the shown one is; 0 is the line being typed.
    back: usize,
}

impl Prompt {
    /// Something was typed.
    pub fn type_in(&mut self, text: Text) {
        *self = Self {
            text,
            past: self.past.clone(),
            search: self.search.as_ref().map(|_| Search::default()),
            ..Self::default()
        };
    }

    /// An older line, or in a search an older match.
    pub fn older(&mut self) {
        self.recall(self.back + 1);
    }

    /// A newer line.
    pub fn newer(&mut self) {
        self.recall(self.back.saturating_sub(1));
    }

    fn recall(&mut self, back: usize) {
        (self.menu, self.search) = (None, None);
        if back == 0 {
            (self.text, self.back) = ("".into(), 0);
        } else if let Some(line) = self.past.len().checked_sub(back).and_then(|at| self.past.get(at)) {
            (self.text, self.back) = (line.clone(), back);
        }
    }

    /// Starts the search in the history, or goes on to an older match.
    pub fn look_back(&mut self) {
        self.menu = None;
        self.search = Some(self.search.take().map_or_else(Search::default, |search| Search { skip: search.skip + 1 }));
    }

    /// The line that the search has found.
    pub fn found(&self) -> Option<&Text> {
        let search = self.search.as_ref()?;
        let mut matches = self.past.iter().rev().filter(|line| line.contains(&*self.text));
        matches.nth(search.skip)
    }

    /// Ends the search with the line it has found, or closes the menu.
    pub fn leave(&mut self) {
        if let Some(line) = self.found().cloned() {
            self.text = line;
        }
        (self.search, self.menu) = (None, None);
    }

    /// What the line could be completed to. One candidate is taken at once; of several, what they have in common.
    pub fn complete(&mut self, found: Completion) {
        match found.candidates.as_slice() {
            [] => self.menu = None,
            [only] => {
                self.text = found.apply(&self.text, &only.text, !only.goes_on).0.into();
                self.menu = None;
            }
            _ => {
                let common = found.common();
                if common.len() > found.end - found.start {
                    let (line, cursor) = found.apply(&self.text, common, false);
                    self.text = line.into();
                    self.menu = Some(Menu {
                        base: self.text.clone(),
                        found: Rc::new(Completion { end: cursor, ..found }),
                        at: None,
                    });
                } else {
                    self.menu = Some(Menu { base: self.text.clone(), found: Rc::new(found), at: None });
                }
            }
        }
    }

    /// The next candidate of the menu.
    pub fn next_candidate(&mut self) {
        if let Some(menu) = &self.menu {
            self.take(menu.at.map_or(0, |at| (at + 1) % menu.found.candidates.len().max(1)));
        }
    }

    /// This candidate of the menu.
    pub fn take(&mut self, at: usize) {
        if let Some(menu) = &mut self.menu
            && let Some(candidate) = menu.found.candidates.get(at)
        {
            self.text = menu.found.apply(&menu.base, &candidate.text, false).0.into();
            menu.at = Some(at);
        }
    }

    /// The line was sent: what it said.
    pub fn send(&mut self) -> Text {
        self.leave();
        let sent = self.text.clone();
        if !sent.trim().is_empty() && self.past.last() != Some(&sent) {
            self.past = self.past.iter().cloned().chain([sent.clone()]).collect();
        }
        (self.text, self.back) = ("".into(), 0);
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::Prompt;

    fn after(lines: &[&str]) -> Prompt {
        let mut prompt = Prompt::default();
        for line in lines {
            prompt.type_in((*line).into());
            prompt.send();
        }
        prompt
    }

    #[test]
    fn recalls_what_was_sent() {
        let mut prompt = after(&["one", "two", "two"]);
        prompt.older();
        prompt.older();
        prompt.older();
        assert_eq!(&*prompt.text, "one");
        prompt.newer();
        assert_eq!(&*prompt.text, "two");
        prompt.newer();
        assert_eq!(&*prompt.text, "");
    }

    #[test]
    fn searches_backwards() {
        let mut prompt = after(&["kubectl get pods", "sim clock", "kubectl get nodes"]);
        prompt.look_back();
        prompt.type_in("get".into());
        assert_eq!(prompt.found().map(|line| &**line), Some("kubectl get nodes"));
        prompt.look_back();
        assert_eq!(&*prompt.send(), "kubectl get pods");
    }
}
