//! Label selectors. Models: staging/src/k8s.io/apimachinery/pkg/labels/selector.go.

use crate::{List, Str, StrMap, Wire};
use serde_json::Value;

object! {
    /// A selector as objects carry it; both parts are ANDed.
    pub struct LabelSelector {
        /// Labels that must have exactly these values.
        match_labels: StrMap = "matchLabels",
        /// Further conditions.
        match_expressions: List<LabelSelectorRequirement> = "matchExpressions",
    }
}

object! {
    /// One condition of a selector.
    pub struct LabelSelectorRequirement {
        /// The label.
        key: Str = "key" always,
        /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
        operator: Str = "operator" always,
        /// The values of `In` and `NotIn`.
        values: List<Str> = "values",
    }
}

impl LabelSelector {
    /// Whether these labels match. An empty selector matches everything.
    pub fn matches(&self, labels: &StrMap) -> bool {
        self.match_labels.iter().all(|(k, v)| labels.get(k) == Some(v))
            && self.match_expressions.iter().all(|r| r.matches(labels))
    }

    /// Whether it has no condition at all.
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }
}

/// A selector that must be given: one without conditions is refused in other words than one that is missing.
#[derive(Clone, Debug, Default)]
pub struct RequiredSelector {
    selector: LabelSelector,
    is_given: bool,
}

impl RequiredSelector {
    /// Whether there was one at all.
    pub fn is_given(&self) -> bool {
        self.is_given || !self.selector.is_empty()
    }
}

impl PartialEq for RequiredSelector {
    fn eq(&self, other: &Self) -> bool {
        self.selector == other.selector
    }
}

impl Eq for RequiredSelector {}

impl From<LabelSelector> for RequiredSelector {
    fn from(selector: LabelSelector) -> Self {
        RequiredSelector { selector, is_given: true }
    }
}

impl std::ops::Deref for RequiredSelector {
    type Target = LabelSelector;
    fn deref(&self) -> &LabelSelector {
        &self.selector
    }
}

impl std::ops::DerefMut for RequiredSelector {
    fn deref_mut(&mut self) -> &mut LabelSelector {
        &mut self.selector
    }
}

impl Wire for RequiredSelector {
    fn read(value: Value) -> Self {
        let is_given = value.is_object();
        RequiredSelector { selector: LabelSelector::read(value), is_given }
    }
    fn write(&self) -> Value {
        self.selector.write()
    }
    fn is_absent(&self) -> bool {
        !self.is_given()
    }
}

impl LabelSelectorRequirement {
    fn matches(&self, labels: &StrMap) -> bool {
        let value = labels.get(&self.key);
        match self.operator.as_str() {
            "In" => value.is_some_and(|v| self.values.contains(v)),
            "NotIn" => value.is_none_or(|v| !self.values.contains(v)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }
}

impl std::fmt::Display for LabelSelector {
    /// As tables and describe print it: `app=web,tier in (a,b),!old`; `<none>` when empty.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts: Vec<(Str, String)> =
            self.match_labels.iter().map(|(k, v)| (k.clone(), format!("{k}={v}"))).collect();
        for r in &self.match_expressions {
            let values = || {
                let mut values: Vec<&str> = r.values.iter().map(Str::as_str).collect();
                values.sort_unstable();
                values.join(",")
            };
            let text = match r.operator.as_str() {
                "In" => format!("{} in ({})", r.key, values()),
                "NotIn" => format!("{} notin ({})", r.key, values()),
                "DoesNotExist" => format!("!{}", r.key),
                _ => r.key.to_string(),
            };
            parts.push((r.key.clone(), text));
        }
        if parts.is_empty() {
            return f.write_str("<none>");
        }
        parts.sort();
        let texts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
        f.write_str(&texts.join(","))
    }
}

/// `a=1,b=2`, or `<none>`: labels as tables print them.
pub fn labels_text(labels: &StrMap) -> String {
    if labels.is_empty() {
        return "<none>".to_owned();
    }
    labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",")
}

/// A parsed selector of the command line (`-l app=web,tier!=db,env in (a,b),!old`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<LabelSelectorRequirement>,
}

impl Selector {
    /// Reads a selector; the error is the server's.
    pub fn parse(text: &str) -> Result<Selector, String> {
        Ok(Selector { requirements: crate::selector_text::parse(text)? })
    }

    /// Whether these labels match.
    pub fn matches(&self, labels: &StrMap) -> bool {
        self.requirements.iter().all(|r| match r.operator.as_str() {
            // `!=` also matches objects without the label.
            "NotIn" => labels.get(&r.key).is_none_or(|v| !r.values.contains(v)),
            "Gt" => compare(r, labels).is_some_and(|(label, bound)| label > bound),
            "Lt" => compare(r, labels).is_some_and(|(label, bound)| label < bound),
            _ => r.matches(labels),
        })
    }

    /// Whether it matches everything.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }
}

/// The label and the bound that `>` and `<` compare, if both are numbers.
fn compare(requirement: &LabelSelectorRequirement, labels: &StrMap) -> Option<(i64, i64)> {
    let label = labels.get(&requirement.key)?.parse().ok()?;
    Some((label, requirement.values.first()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> StrMap {
        pairs.iter().map(|(k, v)| (Str::from(*k), Str::from(*v))).collect()
    }

    #[test]
    fn selectors_of_the_command_line() {
        let web = labels(&[("app", "web"), ("tier", "front")]);
        let matches = |text: &str| Selector::parse(text).expect(text).matches(&web);
        assert!(matches("app=web") && matches("app==web,tier!=db") && matches("app in (web, db),tier"));
        assert!(matches("!old") && matches("app notin (db)") && matches("missing!=x") && matches(""));
        assert!(!matches("app=db") && !matches("!app") && !matches("other"));
        assert!(matches("!old,app") && !Selector::parse("n>2").expect("valid").matches(&web));
    }

    #[test]
    fn selectors_print_sorted() {
        let selector = LabelSelector {
            match_labels: labels(&[("b", "1"), ("a", "2")]),
            match_expressions: crate::selector_text::parse("c in (y,x)").expect("valid").into(),
            ..Default::default()
        };
        assert_eq!(selector.to_string(), "a=2,b=1,c in (x,y)");
    }
}
