//! The text of a label selector: `app=web,tier notin (db,cache),!old`.
//!
//! Models: apimachinery/pkg/labels/selector.go, with its errors.

use crate::{LabelSelectorRequirement, Str};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    End,
    Open,
    Closed,
    Comma,
    Not,
    Operator(&'static str),
    Word,
}

/// What stands between a key and its values, and what it is called in a requirement.
const SIGNS: &[(&str, &str)] = &[("==", "In"), ("!=", "NotIn"), ("=", "In"), (">", "Gt"), ("<", "Lt")];

/// Reads a selector.
pub(crate) fn parse(text: &str) -> Result<Vec<LabelSelectorRequirement>, String> {
    let mut reader = Reader { tokens: tokens(text), at: 0 };
    let mut requirements = Vec::new();
    loop {
        match reader.peek() {
            (Token::Word | Token::Not, _) => {}
            (Token::End, _) => return Ok(requirements),
            (_, found) => return Err(format!("found '{found}', expected: !, identifier, or 'end of string'")),
        }
        let requirement = reader.requirement().map_err(|why| format!("unable to parse requirement: {why}"))?;
        requirements.push(requirement);
        match reader.take() {
            (Token::End, _) => return Ok(requirements),
            (Token::Comma, _) => match reader.peek() {
                (Token::Word | Token::Not, _) => {}
                (_, found) => return Err(format!("found '{found}', expected: identifier after ','")),
            },
            (_, found) => return Err(format!("found '{found}', expected: ',' or 'end of string'")),
        }
    }
}

fn tokens(text: &str) -> Vec<(Token, String)> {
    let is_special = |c: char| "=!(),><".contains(c);
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Closed, 1),
            ',' => (Token::Comma, 1),
            _ => match SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
                Some((sign, operator)) => (Token::Operator(operator), sign.len()),
                None if first == '!' => (Token::Not, 1),
                None => {
                    let end = rest.find(|c: char| is_special(c) || c.is_whitespace()).unwrap_or(rest.len());
                    let operator = match &rest[..end] {
                        "in" => Token::Operator("In"),
                        "notin" => Token::Operator("NotIn"),
                        _ => Token::Word,
                    };
                    (operator, end)
                }
            },
        };
        tokens.push((token, rest[..length].to_owned()));
        rest = rest[length..].trim_start();
    }
    tokens
}

struct Reader {
    tokens: Vec<(Token, String)>,
    at: usize,
}

impl Reader {
    /// The next token; `in` and `notin` are words unless an operator is looked for.
    fn peek(&self) -> (Token, String) {
        match self.raw() {
            (Token::Operator("In" | "NotIn"), text) if text.ends_with("in") => (Token::Word, text),
            other => other,
        }
    }

    fn raw(&self) -> (Token, String) {
        self.tokens.get(self.at).cloned().unwrap_or((Token::End, String::new()))
    }

    fn take(&mut self) -> (Token, String) {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<LabelSelectorRequirement, String> {
        let negated = self.peek().0 == Token::Not;
        self.at += usize::from(negated);
        let (token, key) = self.take();
        if token != Token::Word {
            return Err(format!("found '{key}', expected: identifier"));
        }
        check_key(&key)?;
        let make = |operator: &str, values: Vec<String>| LabelSelectorRequirement {
            key: Str::from(key.as_str()),
            operator: operator.into(),
            values: values.iter().map(|value| Str::from(value.as_str())).collect(),
            rest: Default::default(),
        };
        if negated {
            return Ok(make("DoesNotExist", Vec::new()));
        }
        if matches!(self.peek().0, Token::End | Token::Comma) {
            return Ok(make("Exists", Vec::new()));
        }
        let (token, sign) = self.raw();
        self.at += 1;
        let Token::Operator(operator) = token else {
            return Err(format!("found '{sign}', expected: in, notin, =, ==, !=, gt, lt"));
        };
        let values = if sign.ends_with("in") { self.values()? } else { vec![self.value()?] };
        for (index, value) in values.iter().enumerate() {
            check_value(&key, index, value, operator)?;
        }
        Ok(make(operator, values))
    }

    fn value(&mut self) -> Result<String, String> {
        if matches!(self.peek().0, Token::End | Token::Comma) {
            return Ok(String::new());
        }
        match self.take() {
            (Token::Word, value) => Ok(value),
            (_, found) => Err(format!("found '{found}', expected: identifier")),
        }
    }

    /// `(a, b)`, sorted; a value that is left out is the empty one.
    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.take() {
            (Token::Open, _) => {}
            (_, found) => return Err(format!("found '{found}' expected: '('")),
        }
        let mut values = Vec::new();
        let mut wants_value = true;
        loop {
            match (self.take(), wants_value) {
                ((Token::Word, value), true) => {
                    values.push(value);
                    wants_value = false;
                }
                ((Token::Comma, _), _) => {
                    if wants_value {
                        values.push(String::new());
                    }
                    wants_value = true;
                }
                ((Token::Closed, _), _) => {
                    if wants_value {
                        values.push(String::new());
                    }
                    values.sort();
                    values.dedup();
                    return Ok(values);
                }
                ((_, found), false) => return Err(format!("found '{found}', expected: ',' or ')'")),
                ((_, found), true) => return Err(format!("found '{found}', expected: ',', or identifier")),
            }
        }
    }
}

/// Letters, digits and some signs inside; letters and digits at both ends.
fn is_name(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(edge) && text.ends_with(edge) && text.chars().all(|c| edge(c) || "-_.".contains(c))
}

fn check_key(key: &str) -> Result<(), String> {
    let name = key.rsplit('/').next().unwrap_or(key);
    let refuse = |why: &str| Err(format!("<nil>: Invalid value: \"{key}\": {why}"));
    if key.matches('/').count() > 1 {
        return refuse(
            "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
        );
    }
    if !is_name(name) {
        return refuse(
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        );
    }
    if name.len() > 63 {
        return refuse("name part must be no more than 63 bytes");
    }
    Ok(())
}

fn check_value(key: &str, index: usize, value: &str, operator: &str) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("values[{index}][{key}]: Invalid value: \"{value}\": {why}"));
    if matches!(operator, "Gt" | "Lt") && value.parse::<i64>().is_err() {
        return Err(format!(
            "values[{index}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer"
        ));
    }
    if value.len() > 63 {
        return refuse("must be no more than 63 bytes");
    }
    if !value.is_empty() && !is_name(value) {
        return refuse(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_is_wrong_with_a_selector() {
        let cases = [
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("a=b=c", "found '=', expected: ',' or 'end of string'"),
            ("a in b", "unable to parse requirement: found 'b' expected: '('"),
            ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("a,", "found '', expected: identifier after ','"),
            ("=a", "found '=', expected: !, identifier, or 'end of string'"),
            ("!", "unable to parse requirement: found '', expected: identifier"),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).expect_err(text), expected);
        }
        let refused = parse("a=$").expect_err("no label");
        assert!(refused.starts_with("unable to parse requirement: values[0][a]: Invalid value: \"$\": a valid label"));
        for text in ["", " a = b , c", "in in (in)", "a notin ()", "a in (,x)", "x.y/z!=1", "a==b,!c", "n > 3"] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }
}
