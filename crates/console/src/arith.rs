//! `$((…))`: whole numbers, as in a shell.

use crate::machine::Vars;

/// How deep parentheses may nest.
const MAX_DEPTH: u32 = 60;

/// Operators from the loosest to the tightest.
const LEVELS: &[&[&str]] = &[&["||"], &["&&"], &["==", "!="], &["<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];

/// The value of an expression; variables may be written without their `$`.
pub fn evaluate(text: &str, vars: &Vars) -> Result<i64, String> {
    let mut reader = Reader { rest: text, vars, depth: 0 };
    let value = reader.level(0)?;
    match reader.rest.trim_start() {
        "" => Ok(value),
        rest => Err(format!("$(({text})): unexpected `{rest}`")),
    }
}

struct Reader<'a> {
    rest: &'a str,
    vars: &'a Vars,
    depth: u32,
}

impl Reader<'_> {
    fn level(&mut self, level: usize) -> Result<i64, String> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut value = self.level(level + 1)?;
        while let Some(operator) = operators.iter().find(|sign| self.take(sign)) {
            let right = self.level(level + 1)?;
            value = apply(operator, value, right)?;
        }
        Ok(value)
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("an expression is nested too deeply".to_owned());
        }
        let value = if self.take("-") {
            self.unary()?.checked_neg().ok_or_else(too_big)?
        } else if self.take("+") {
            self.unary()?
        } else if self.take("!") {
            i64::from(self.unary()? == 0)
        } else if self.take("(") {
            let value = self.level(0)?;
            if !self.take(")") {
                return Err("an expression lacks a `)`".to_owned());
            }
            value
        } else {
            self.operand()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn operand(&mut self) -> Result<i64, String> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        self.rest = after;
        if word.is_empty() {
            return Err(match rest {
                "" => "an expression lacks a number".to_owned(),
                rest => format!("`{rest}` is no number"),
            });
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return word.parse().map_err(|_| format!("`{word}` is no whole number"));
        }
        match self.vars.get(word).map_or("", |value| value.trim()) {
            "" => Ok(0),
            value => value.parse().map_err(|_| format!("{word} is `{value}`, which is no whole number")),
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            // `!` is no operator when it is the start of `!=`.
            Some(rest) if sign != "!" || !rest.starts_with('=') => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
}

fn apply(operator: &str, left: i64, right: i64) -> Result<i64, String> {
    let value = match operator {
        "||" => Some(i64::from(left != 0 || right != 0)),
        "&&" => Some(i64::from(left != 0 && right != 0)),
        "==" => Some(i64::from(left == right)),
        "!=" => Some(i64::from(left != right)),
        "<=" => Some(i64::from(left <= right)),
        ">=" => Some(i64::from(left >= right)),
        "<" => Some(i64::from(left < right)),
        ">" => Some(i64::from(left > right)),
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        _ if right == 0 => return Err("division by 0".to_owned()),
        "/" => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    value.ok_or_else(too_big)
}

fn too_big() -> String {
    "a number is too big".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let vars = Vars::from([("n".to_owned(), "4".to_owned()), ("word".to_owned(), "web".to_owned())]);
        let check = |text: &str| evaluate(text, &vars).map_or_else(|error| error, |value| value.to_string());
        assert_eq!(check("1 + 2 * 3"), "7");
        assert_eq!(check("(1+2)*-3"), "-9");
        assert_eq!(check("n - 1 >= 3 && n != 0"), "1");
        assert_eq!(check("unset + 1"), "1");
        assert_eq!(check("7 / 0"), "division by 0");
        assert_eq!(check("9223372036854775807 + 1"), "a number is too big");
        assert_eq!(check("word"), "word is `web`, which is no whole number");
        assert_eq!(check("1 2"), "$((1 2)): unexpected `2`");
        assert_eq!(check(&"(".repeat(500)), "an expression is nested too deeply");
    }
}
