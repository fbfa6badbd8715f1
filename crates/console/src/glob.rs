//! Shell patterns: `*`, `?` and `[…]`.

/// One sign of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sign {
    Exactly(char),
    Any,
    Star,
    OneOf { negated: bool, ranges: Vec<(char, char)> },
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Sign>);

impl Pattern {
    /// From characters, each with whether it may have a meaning (it has none in quotes).
    pub fn new(chars: impl IntoIterator<Item = (char, bool)>) -> Self {
        let chars: Vec<(char, bool)> = chars.into_iter().collect();
        let mut signs = Vec::new();
        let mut at = 0;
        while let Some((c, active)) = chars.get(at) {
            at += 1;
            signs.push(match c {
                '*' if *active => Sign::Star,
                '?' if *active => Sign::Any,
                '[' if *active => match bracket(&chars[at..]) {
                    Some((sign, used)) => {
                        at += used;
                        sign
                    }
                    None => Sign::Exactly('['),
                },
                c => Sign::Exactly(*c),
            });
        }
        Self(signs)
    }

    /// From text in which every sign has its meaning.
    pub fn of(text: &str) -> Self {
        Self::new(text.chars().map(|c| (c, true)))
    }

    /// Whether the whole of `text` matches. Takes at most pattern × text steps.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut sign, mut at) = (0, 0);
        // Where to go on if the last star must take one character more.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let fits = match self.0.get(sign) {
                Some(Sign::Star) => {
                    retry = Some((sign, at));
                    sign += 1;
                    continue;
                }
                Some(Sign::Any) => at < text.len(),
                Some(Sign::Exactly(c)) => text.get(at) == Some(c),
                Some(Sign::OneOf { negated, ranges }) => {
                    text.get(at).is_some_and(|c| ranges.iter().any(|(low, high)| (low..=high).contains(&c)) != *negated)
                }
                None if at == text.len() => return true,
                None => false,
            };
            if fits {
                (sign, at) = (sign + 1, at + 1);
                continue;
            }
            match retry {
                Some((star, from)) if from < text.len() => {
                    retry = Some((star, from + 1));
                    (sign, at) = (star + 1, from + 1);
                }
                _ => return false,
            }
        }
    }
}

/// The bracket after `[`, and how many characters it takes.
fn bracket(chars: &[(char, bool)]) -> Option<(Sign, usize)> {
    let negated = matches!(chars.first(), Some(('!' | '^', _)));
    let start = usize::from(negated);
    let end = start + 1 + chars.get(start + 1..)?.iter().position(|(c, _)| *c == ']')?;
    let inside: Vec<char> = chars[start..end].iter().map(|(c, _)| *c).collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < inside.len() {
        let range = inside.get(at + 1) == Some(&'-') && at + 2 < inside.len();
        ranges.push((inside[at], inside[if range { at + 2 } else { at }]));
        at += if range { 3 } else { 1 };
    }
    Some((Sign::OneOf { negated, ranges }, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        let check = |pattern: &str, text: &str| Pattern::of(pattern).matches(text);
        assert!(check("*.yaml", "web.yaml"));
        assert!(!check("*.yaml", "web.yml"));
        assert!(check("web-?", "web-0"));
        assert!(!check("web-?", "web-10"));
        assert!(check("web-[0-9]*", "web-10"));
        assert!(!check("web-[!0-9]", "web-1"));
        assert!(check("[", "["));
        assert!(check("a*b*c", "a-b-b-c"));
        assert!(!Pattern::new([('*', false)]).matches("x"));
    }

    #[test]
    fn many_stars_cost_little() {
        assert!(!Pattern::of(&"*a".repeat(200)).matches(&"a".repeat(199)));
    }
}
