//! "What did I just do?": the command behind the last button, and what it answered.

use view::Text;

use crate::session::{ConsoleLine, LineKind};

/// The last thing a button or key did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Did {
    /// Tells one from the next, though the command be the same.
    pub serial: u32,
    /// The commands.
    pub commands: Vec<Text>,
    /// What they printed, and whether it was an error.
    pub answers: Vec<(Text, bool)>,
    /// How many of the commands have been seen on the console.
    seen: usize,
}

impl Did {
    /// Commands that were just given.
    pub fn new(before: Option<&Self>, commands: Vec<Text>) -> Self {
        let serial = before.map_or(0, |did| did.serial.wrapping_add(1));
        Self { serial, commands, answers: Vec::new(), seen: 0 }
    }

    /// Whether any of the answers is an error.
    pub fn is_bad(&self) -> bool {
        self.answers.iter().any(|(_, is_error)| *is_error)
    }

    /// The console printed this.
    pub fn hear(&mut self, lines: &[ConsoleLine]) {
        for line in lines {
            match line.kind {
                LineKind::Command => self.seen += usize::from(self.seen <= self.commands.len()),
                LineKind::Stdout | LineKind::Stderr if (1..=self.commands.len()).contains(&self.seen) => {
                    let text = line.text.trim_end();
                    if !text.is_empty() && self.answers.len() < 40 {
                        self.answers.push((text.into(), line.kind == LineKind::Stderr));
                    }
                }
                _ => {}
            }
        }
    }
}
