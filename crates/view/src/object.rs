//! Names of things: shared text and a reference to one object.

use std::fmt;
use std::rc::Rc;

/// Text that is shown as it is. Shared, since the same names appear in many panels.
pub type Text = Rc<str>;

/// Which object a chip, a link or an event speaks about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ObjectRef {
    /// The kind as Kubernetes spells it, such as `StatefulSet`.
    pub kind: Text,
    /// The namespace; empty for an object of the whole cluster.
    pub namespace: Text,
    /// The object's name.
    pub name: Text,
}

impl ObjectRef {
    /// A reference from its three parts.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self { kind: kind.into(), namespace: namespace.into(), name: name.into() }
    }

    /// `namespace/name`, or the bare name of an object of the whole cluster: the key used in `data-` attributes.
    pub fn key(&self) -> String {
        if self.namespace.is_empty() { self.name.to_string() } else { format!("{}/{}", self.namespace, self.name) }
    }

    /// The words that name this object to kubectl: `statefulset mysql`, with `-n` unless the namespace is `default`.
    pub fn kubectl_words(&self) -> String {
        let kind = self.kind.to_lowercase();
        if self.namespace.is_empty() || &*self.namespace == "default" {
            format!("{kind} {}", self.name)
        } else {
            format!("{kind} {} -n {}", self.name, self.namespace)
        }
    }
}

/// `Kind namespace/name`, for messages to people.
impl fmt::Display for ObjectRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind, self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectRef;

    #[test]
    fn kubectl_words_name_the_namespace_only_where_it_matters() {
        let words = |namespace| ObjectRef::new("StatefulSet", namespace, "mysql").kubectl_words();
        assert_eq!(words("default"), "statefulset mysql");
        assert_eq!(words("shop"), "statefulset mysql -n shop");
        assert_eq!(words(""), "statefulset mysql");
    }
}
