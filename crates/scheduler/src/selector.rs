//! Label selectors in the form the scheduler compares and counts with: ordered, so that equal ones are one.
//! Models: staging/src/k8s.io/apimachinery/pkg/labels/selector.go.

use api::{LabelSelector, Str, StrMap};

/// Which label sets match.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Selector {
    /// None: the selector is absent.
    Nothing,
    /// Those that meet every requirement; all, if there is none.
    All(Vec<Requirement>),
}

/// One condition on a label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Requirement {
    key: Str,
    operator: Operator,
    values: Vec<Str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Requirement {
    /// The label has one of these values.
    pub(crate) fn is_in(key: &Str, values: Vec<Str>) -> Self {
        Requirement { key: key.clone(), operator: Operator::In, values }
    }

    /// The label is missing or has none of these values.
    pub(crate) fn not_in(key: &Str, values: Vec<Str>) -> Self {
        Requirement { key: key.clone(), operator: Operator::NotIn, values }
    }

    fn matches(&self, labels: &StrMap) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|v| self.values.contains(v)),
            Operator::NotIn => value.is_none_or(|v| !self.values.contains(v)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

impl Selector {
    /// The selector of an API object; an absent one matches nothing, an empty one everything.
    pub(crate) fn of(selector: Option<&LabelSelector>) -> Self {
        let Some(selector) = selector else { return Selector::Nothing };
        let mut requirements: Vec<Requirement> = equal_to(&selector.match_labels);
        for given in &selector.match_expressions {
            let operator = match given.operator.as_str() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                _ => return Selector::Nothing,
            };
            let mut values = given.values.to_vec();
            values.sort();
            requirements.push(Requirement { key: given.key.clone(), operator, values });
        }
        requirements.sort();
        Selector::All(requirements)
    }

    /// The selector that asks for exactly these labels.
    pub(crate) fn of_labels(labels: &StrMap) -> Self {
        Selector::All(equal_to(labels))
    }

    /// The same with more requirements.
    pub(crate) fn and(self, more: impl IntoIterator<Item = Requirement>) -> Self {
        match self {
            Selector::Nothing => Selector::Nothing,
            Selector::All(mut requirements) => {
                requirements.extend(more);
                requirements.sort();
                requirements.dedup();
                Selector::All(requirements)
            }
        }
    }

    /// What matches this and the other.
    pub(crate) fn and_also(self, other: Selector) -> Self {
        match other {
            Selector::Nothing => Selector::Nothing,
            Selector::All(more) => self.and(more),
        }
    }

    /// Whether these labels match.
    pub(crate) fn matches(&self, labels: &StrMap) -> bool {
        match self {
            Selector::Nothing => false,
            Selector::All(requirements) => requirements.iter().all(|r| r.matches(labels)),
        }
    }

    /// Whether it matches everything.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(self, Selector::All(requirements) if requirements.is_empty())
    }
}

fn equal_to(labels: &StrMap) -> Vec<Requirement> {
    labels.iter().map(|(key, value)| Requirement::is_in(key, vec![value.clone()])).collect()
}
