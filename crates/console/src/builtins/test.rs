//! `test`, `[ … ]` and `[[ … ]]`.

use super::{Builtin, Context};
use crate::files::Files;
use crate::glob::Pattern;
use crate::host::Outcome;
use crate::tools::regex;

/// How deep a condition may nest.
const MAX_DEPTH: u32 = 60;

pub(super) const COMMANDS: &[Builtin] = &[
    Builtin { name: "[", help: "CONDITION ]: succeed if it holds", run: bracket },
    Builtin {
        name: "test",
        help: "CONDITION: succeed if it holds (-z -n = != -eq -lt -f -d …)",
        run: |context, args| outcome("test", evaluate(args, &context.shell.files, false)),
    },
];

fn bracket(context: &mut Context<'_>, args: &[String]) -> Outcome {
    match args.split_last() {
        Some((last, condition)) if last == "]" => outcome("[", evaluate(condition, &context.shell.files, false)),
        _ => Outcome::error(2, "[: the last word must be `]`"),
    }
}

/// `[[ … ]]`: with patterns, `=~`, `&&` and `||`.
pub(crate) fn double_bracket(words: &[String], files: &Files) -> Outcome {
    outcome("[[", evaluate(words, files, true))
}

fn outcome(name: &str, result: Result<bool, String>) -> Outcome {
    match result {
        Ok(holds) => Outcome { exit_code: i32::from(!holds), ..Outcome::default() },
        Err(error) => Outcome::error(2, format!("{name}: {error}")),
    }
}

fn evaluate(words: &[String], files: &Files, double: bool) -> Result<bool, String> {
    if words.is_empty() {
        return Ok(false);
    }
    let mut reader = Reader { words, files, double, depth: 0 };
    let holds = reader.any()?;
    match reader.words.first() {
        None => Ok(holds),
        Some(word) => Err(format!("unexpected `{word}`")),
    }
}

struct Reader<'a> {
    words: &'a [String],
    files: &'a Files,
    double: bool,
    depth: u32,
}

impl Reader<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let found = self.words.first().is_some_and(|word| word == sign);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn any(&mut self) -> Result<bool, String> {
        let mut holds = self.all()?;
        while self.take(if self.double { "||" } else { "-o" }) {
            holds |= self.all()?;
        }
        Ok(holds)
    }

    fn all(&mut self) -> Result<bool, String> {
        let mut holds = self.not()?;
        while self.take(if self.double { "&&" } else { "-a" }) {
            holds &= self.not()?;
        }
        Ok(holds)
    }

    fn not(&mut self) -> Result<bool, String> {
        let mut negated = false;
        while self.words.len() > 1 && self.take("!") {
            negated = !negated;
        }
        Ok(self.primary()? != negated)
    }

    fn primary(&mut self) -> Result<bool, String> {
        // A word between two others is an operator whatever the first one looks like.
        if let [left, operator, right, ..] = self.words
            && let Some(holds) = self.binary(left, operator, right)
        {
            self.words = &self.words[3..];
            return holds;
        }
        if self.words.len() > 2 && self.take("(") {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err("the condition is nested too deeply".to_owned());
            }
            let holds = self.any()?;
            self.depth -= 1;
            return if self.take(")") { Ok(holds) } else { Err("a `)` is missing".to_owned()) };
        }
        match self.words {
            [operator, operand, ..] if operator.len() == 2 && operator.starts_with('-') => {
                let holds = self.unary(operator, operand)?;
                self.words = &self.words[2..];
                Ok(holds)
            }
            [word, ..] => {
                self.words = &self.words[1..];
                Ok(!word.is_empty())
            }
            [] => Err("a condition is missing".to_owned()),
        }
    }

    fn unary(&self, operator: &str, operand: &str) -> Result<bool, String> {
        Ok(match operator {
            "-z" => operand.is_empty(),
            "-n" => !operand.is_empty(),
            "-e" | "-r" | "-w" => self.files.exists(operand),
            "-f" => self.files.read(operand).is_ok(),
            "-d" => self.files.is_folder(operand),
            "-s" => self.files.read(operand).is_ok_and(|text| !text.is_empty()),
            "-x" | "-L" | "-h" => false,
            other => return Err(format!("`{other}` is not available here")),
        })
    }

    fn binary(&self, left: &str, operator: &str, right: &str) -> Option<Result<bool, String>> {
        let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("`{text}` is no whole number"));
        let compare =
            |holds: fn(&i64, &i64) -> bool| Some(number(left).and_then(|left| Ok(holds(&left, &number(right)?))));
        match operator {
            "=" | "==" if self.double => Some(Ok(Pattern::of(right).matches(left))),
            "!=" if self.double => Some(Ok(!Pattern::of(right).matches(left))),
            "=~" if self.double => Some(regex::extended(right, false).map(|regex| regex.is_match(left))),
            "=" | "==" => Some(Ok(left == right)),
            "!=" => Some(Ok(left != right)),
            "<" => Some(Ok(left < right)),
            ">" => Some(Ok(left > right)),
            "-eq" => compare(i64::eq),
            "-ne" => compare(i64::ne),
            "-lt" => compare(i64::lt),
            "-le" => compare(i64::le),
            "-gt" => compare(i64::gt),
            "-ge" => compare(i64::ge),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        let mut files = Files::new();
        files.write("a.yaml", "x").unwrap();
        let check = |text: &str, double: bool| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            evaluate(&words, &files, double).map_or_else(|error| error, |holds| holds.to_string())
        };
        assert_eq!(check("3 -ge 2", false), "true");
        assert_eq!(check("a = a -a ! b = c", false), "true");
        assert_eq!(check("-f a.yaml -a ! -d a.yaml", false), "true");
        assert_eq!(check("-z  -o x = y", false), "true");
        assert_eq!(check("x -lt 2", false), "`x` is no whole number");
        assert_eq!(check("-n = -n", false), "true");
        assert_eq!(check("Running == Run* && ( 1 -eq 2 || web-0 =~ ^web-[0-9]+$ )", true), "true");
        assert_eq!(check(&"( ".repeat(500), false), "the condition is nested too deeply");
    }
}
