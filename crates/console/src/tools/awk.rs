//! `awk`, in the small form that tutorials use: `[PATTERN] { print … }`, where a pattern is `/re/` or a comparison.

use regex_lite::Regex;

use super::{input, regex};
use crate::builtins::{Builtin, Context};
use crate::flags::Flags;
use crate::host::Outcome;

pub(crate) const COMMANDS: &[Builtin] = &[Builtin {
    name: "awk",
    help: "[-F SIGN] '[PATTERN] {print $1, …}' [FILE]…: print fields of lines",
    run: |context, args| run(context, args).unwrap_or_else(|outcome| outcome),
}];

/// A value of a line.
enum Value {
    Field(usize),
    LastField,
    LineNumber,
    FieldCount,
    Text(String),
}

enum Test {
    Matches { value: Value, regex: Regex, negated: bool },
    Compares { left: Value, operator: String, right: Value },
}

enum When {
    /// On each line for which all of the tests hold.
    Line(Vec<Test>),
    Begin,
    End,
}

struct Rule {
    when: When,
    /// What is printed: expressions, joined by a blank; each a run of values without blanks.
    print: Vec<Vec<Value>>,
}

fn run(context: &mut Context<'_>, args: &[String]) -> Result<Outcome, Outcome> {
    let flags = Flags::parse("awk", args, "F:", &[("field-separator", 'F')])?;
    let Some((program, files)) = flags.words.split_first() else {
        return Err(Outcome::error(2, "awk: a program is missing"));
    };
    let error = |message| Outcome::error(2, format!("awk: {message}"));
    let rules = Reader { rest: program }.rules().map_err(error)?;
    let separator = match flags.value('F') {
        None | Some(" ") => None,
        Some("\\t") => Some(regex::fixed("\t", false).map_err(error)?),
        Some(one) if one.chars().count() == 1 => Some(regex::fixed(one, false).map_err(error)?),
        Some(more) => Some(regex::extended(more, false).map_err(error)?),
    };
    let text = input(context, "awk", files)?;
    let mut out = String::new();
    let outside = |wanted: fn(&When) -> bool, number: usize, out: &mut String| {
        let line = Line { text: "", fields: Vec::new(), number };
        rules.iter().filter(|rule| wanted(&rule.when)).for_each(|rule| line.print(rule, out));
    };
    outside(|when| matches!(when, When::Begin), 0, &mut out);
    let mut number = 0;
    for text in text.lines() {
        number += 1;
        let fields = match &separator {
            None => text.split_whitespace().collect(),
            Some(separator) if !text.is_empty() => separator.split(text).collect(),
            Some(_) => Vec::new(),
        };
        let line = Line { text, fields, number };
        for rule in &rules {
            if matches!(&rule.when, When::Line(tests) if tests.iter().all(|test| line.holds(test))) {
                line.print(rule, &mut out);
            }
        }
    }
    outside(|when| matches!(when, When::End), number, &mut out);
    Ok(Outcome::ok(out))
}

struct Line<'a> {
    text: &'a str,
    fields: Vec<&'a str>,
    number: usize,
}

impl Line<'_> {
    fn value(&self, value: &Value) -> String {
        match value {
            Value::Field(0) => self.text.to_owned(),
            Value::Field(number) => self.fields.get(number - 1).copied().unwrap_or_default().to_owned(),
            Value::LastField => self.fields.last().copied().unwrap_or_default().to_owned(),
            Value::LineNumber => self.number.to_string(),
            Value::FieldCount => self.fields.len().to_string(),
            Value::Text(text) => text.clone(),
        }
    }

    fn print(&self, rule: &Rule, out: &mut String) {
        let words: Vec<String> =
            rule.print.iter().map(|parts| parts.iter().map(|part| self.value(part)).collect()).collect();
        out.push_str(&words.join(" "));
        out.push('\n');
    }

    fn holds(&self, test: &Test) -> bool {
        match test {
            Test::Matches { value, regex, negated } => regex.is_match(&self.value(value)) != *negated,
            Test::Compares { left, operator, right } => {
                let (left, right) = (self.value(left), self.value(right));
                let order = match (left.parse::<i64>(), right.parse::<i64>()) {
                    (Ok(left), Ok(right)) => left.cmp(&right),
                    _ => left.cmp(&right),
                };
                match operator.as_str() {
                    "==" => order.is_eq(),
                    "!=" => order.is_ne(),
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    ">" => order.is_gt(),
                    _ => order.is_ge(),
                }
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn rules(&mut self) -> Result<Vec<Rule>, String> {
        let mut rules = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', ';']);
            if self.rest.is_empty() {
                return Ok(rules);
            }
            let when = match () {
                () if self.take("BEGIN") => When::Begin,
                () if self.take("END") => When::End,
                () if self.rest.starts_with('{') => When::Line(Vec::new()),
                () => When::Line(self.tests()?),
            };
            let print = if self.take("{") { self.body()? } else { vec![vec![Value::Field(0)]] };
            rules.push(Rule { when, print });
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn tests(&mut self) -> Result<Vec<Test>, String> {
        let mut tests = Vec::new();
        loop {
            let negated = self.take("!");
            if self.rest.trim_start().starts_with('/') {
                let regex = self.regex()?;
                tests.push(Test::Matches { value: Value::Field(0), regex, negated });
            } else {
                let left = self.value()?.filter(|_| !negated).ok_or_else(|| self.refuse())?;
                let operator = ["==", "!=", "<=", ">=", "!~", "<", ">", "~"].into_iter().find(|sign| self.take(sign));
                match operator {
                    Some(sign @ ("~" | "!~")) => {
                        let regex = self.regex()?;
                        tests.push(Test::Matches { value: left, regex, negated: sign == "!~" });
                    }
                    Some(sign) => {
                        let right = self.value()?.ok_or_else(|| self.refuse())?;
                        tests.push(Test::Compares { left, operator: sign.to_owned(), right });
                    }
                    None => return Err(self.refuse()),
                }
            }
            if !self.take("&&") {
                return Ok(tests);
            }
        }
    }

    fn regex(&mut self) -> Result<Regex, String> {
        let inside = self.rest.trim_start().strip_prefix('/').ok_or_else(|| self.refuse())?;
        let mut end = 0;
        loop {
            end += inside[end..].find('/').ok_or("a `/` is missing")?;
            if !inside[..end].ends_with('\\') {
                break;
            }
            end += 1;
        }
        self.rest = &inside[end + 1..];
        regex::extended(&inside[..end].replace("\\/", "/"), false)
    }

    /// What stands between the braces: one `print`.
    fn body(&mut self) -> Result<Vec<Vec<Value>>, String> {
        if !self.take("print") || self.rest.starts_with(|c: char| c.is_alphanumeric()) {
            return Err(self.refuse());
        }
        let mut words = vec![Vec::new()];
        loop {
            if self.take(",") {
                words.push(Vec::new());
                continue;
            }
            match (self.value()?, words.last_mut()) {
                (Some(value), Some(word)) => word.push(value),
                _ => break,
            }
        }
        self.take(";");
        if !self.take("}") {
            return Err(self.refuse());
        }
        if words.iter().all(Vec::is_empty) && words.len() == 1 {
            words[0].push(Value::Field(0));
        }
        Ok(words)
    }

    fn value(&mut self) -> Result<Option<Value>, String> {
        let rest = self.rest.trim_start();
        for (name, value) in [("$NF", Value::LastField), ("NR", Value::LineNumber), ("NF", Value::FieldCount)] {
            if let Some(after) =
                rest.strip_prefix(name).filter(|after| !after.starts_with(|c: char| c.is_alphanumeric()))
            {
                self.rest = after;
                return Ok(Some(value));
            }
        }
        if let Some(inside) = rest.strip_prefix('"') {
            let end = inside.find('"').ok_or("a `\"` is missing")?;
            self.rest = &inside[end + 1..];
            return Ok(Some(Value::Text(inside[..end].replace("\\t", "\t").replace("\\n", "\n"))));
        }
        let field = rest.strip_prefix('$');
        let digits = field.unwrap_or(rest);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        if end == 0 {
            return Ok(None);
        }
        self.rest = &digits[end..];
        let number = &digits[..end];
        Ok(Some(match field {
            Some(_) => Value::Field(number.parse().map_err(|_| "a field number is too big")?),
            None => Value::Text(number.to_owned()),
        }))
    }

    fn refuse(&self) -> String {
        format!("only '[/RE/ or COMPARISON] {{print …}}' is available here; this is not: `{}`", self.rest.trim())
    }
}
