//! Options of the language's own commands, as `getopt` reads them.

use crate::host::Outcome;

/// Options and words of a command line.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    /// Each option with its value, which is empty for those that take none.
    options: Vec<(char, String)>,
    /// What is no option.
    pub(crate) words: Vec<String>,
}

impl Flags {
    /// Reads the arguments of the command `name`. `short` has the letters it knows, those with a value followed by `:`;
    /// `long` gives the letters of the long names.
    pub(crate) fn parse(name: &str, args: &[String], short: &str, long: &[(&str, char)]) -> Result<Self, Outcome> {
        let mut flags = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                flags.words.extend(args.by_ref().cloned());
            } else if let Some(option) = arg.strip_prefix("--") {
                let (key, value) = option.split_once('=').map_or((option, None), |(key, value)| (key, Some(value)));
                let Some((_, letter)) = long.iter().find(|(known, _)| *known == key) else {
                    return Err(Outcome::error(2, format!("{name}: option '--{key}' is not available here")));
                };
                let value = match (takes_value(short, *letter), value) {
                    (Some(true), None) => args.next().cloned().ok_or_else(|| lacks_value(name, *letter))?,
                    (_, value) => value.unwrap_or_default().to_owned(),
                };
                flags.options.push((*letter, value));
            } else if arg.len() > 1 && arg.starts_with('-') {
                flags.cluster(name, &arg[1..], &mut args, short)?;
            } else {
                flags.words.push(arg.clone());
            }
        }
        Ok(flags)
    }

    fn cluster<'a>(
        &mut self,
        name: &str,
        cluster: &str,
        args: &mut impl Iterator<Item = &'a String>,
        short: &str,
    ) -> Result<(), Outcome> {
        for (at, letter) in cluster.char_indices() {
            match takes_value(short, letter) {
                None => return Err(Outcome::error(2, format!("{name}: option '-{letter}' is not available here"))),
                Some(false) => self.options.push((letter, String::new())),
                Some(true) => {
                    let value = match &cluster[at + letter.len_utf8()..] {
                        "" => args.next().cloned().ok_or_else(|| lacks_value(name, letter))?,
                        rest => rest.to_owned(),
                    };
                    self.options.push((letter, value));
                    break;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn has(&self, letter: char) -> bool {
        self.options.iter().any(|(known, _)| *known == letter)
    }

    /// The last value of an option.
    pub(crate) fn value(&self, letter: char) -> Option<&str> {
        self.values(letter).last()
    }

    /// All values of an option, in order.
    pub(crate) fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.options.iter().filter(move |(known, _)| *known == letter).map(|(_, value)| value.as_str())
    }
}

fn takes_value(short: &str, letter: char) -> Option<bool> {
    let at = short.find(letter).filter(|_| letter != ':')?;
    Some(short[at + letter.len_utf8()..].starts_with(':'))
}

fn lacks_value(name: &str, letter: char) -> Outcome {
    Outcome::error(2, format!("{name}: option '-{letter}' needs a value"))
}
