//! What names, labels, keys and other short texts may look like. Each check answers with what is wrong, in sentences.
//! Models: staging/src/k8s.io/apimachinery/pkg/util/validation, pkg/api/validate/content.

/// Whether a name is whole, or the beginning of one that the server completes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The whole name.
    Name,
    /// Something is put behind it, so it may end in a dash.
    Prefix,
}

/// A check of a name.
pub(super) type NameCheck = fn(&str) -> Vec<String>;

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const QUALIFIED: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const QUALIFIED_RULE: &str =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/// Checks a name, or the prefix of one.
pub(super) fn check_name(name: &str, form: Form, check: NameCheck) -> Vec<String> {
    match form {
        // Upstream puts a letter in the place of the last two.
        Form::Prefix if name.len() > 1 && name.ends_with('-') && name.is_char_boundary(name.len() - 2) => {
            check(&format!("{}a", &name[..name.len() - 2]))
        }
        _ => check(name),
    }
}

/// `must be no more than N characters`.
fn max_len(length: usize) -> String {
    format!("must be no more than {length} characters")
}

/// `must be between LOW and HIGH, inclusive`.
pub(super) fn inclusive_range(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}

fn regex_error(rule: &str, regex: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|e| format!("'{e}', ")).collect();
    match examples.is_empty() {
        true => format!("{rule} (regex used for validation is '{regex}')"),
        false => format!("{rule} (e.g. {}regex used for validation is '{regex}')", examples.join(" or ")),
    }
}

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Whether the ends of a text fit `end` and all of it fits `inner`.
fn framed(text: &str, end: impl Fn(u8) -> bool, inner: impl Fn(u8) -> bool) -> bool {
    match text.as_bytes() {
        [] => false,
        [only] => end(*only),
        [first, middle @ .., last] => end(*first) && end(*last) && middle.iter().all(|b| inner(*b)),
    }
}

fn fits_label(text: &str) -> bool {
    framed(text, is_lower, |b| is_lower(b) || b == b'-')
}

fn fits_subdomain(text: &str) -> bool {
    text.split('.').all(fits_label)
}

/// A label of a domain name: `my-name`.
pub(super) fn dns_label(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if text.len() > 63 {
        wrong.push(max_len(63));
    }
    if !fits_label(text) {
        if fits_subdomain(text) {
            wrong.push("must not contain dots".to_owned());
        } else {
            let rule = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
            wrong.push(regex_error(rule, LABEL, &["my-name", "123-abc"]));
        }
    }
    wrong
}

/// A domain name: `example.com`.
pub(super) fn dns_subdomain(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if text.len() > 253 {
        wrong.push(max_len(253));
    }
    if !fits_subdomain(text) {
        let rule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
        wrong.push(regex_error(rule, SUBDOMAIN, &["example.com"]));
    }
    wrong
}

/// A domain name in which labels may have underscores.
pub(super) fn dns_subdomain_with_underscore(text: &str) -> Vec<String> {
    let fits = |label: &str| {
        let label = label.strip_prefix('_').unwrap_or(label);
        framed(label, is_lower, |b| is_lower(b) || b == b'-' || b == b'_')
    };
    let mut wrong = Vec::new();
    if text.len() > 253 {
        wrong.push(max_len(253));
    }
    if !text.split('.').all(fits) {
        let rule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
        let label = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
        wrong.push(regex_error(rule, &format!(r"{label}(\.{label})*"), &["example.com"]));
    }
    wrong
}

/// A name that stands in a path of a request (roles and their bindings).
pub(super) fn path_segment(text: &str) -> Vec<String> {
    if text == "." || text == ".." {
        return vec![format!("may not be '{text}'")];
    }
    ["/", "%"].iter().filter(|sign| text.contains(**sign)).map(|sign| format!("may not contain '{sign}'")).collect()
}

/// The name of a CronJob, which leaves room for the names of its Jobs.
pub(super) fn cron_job_name(text: &str) -> Vec<String> {
    let mut wrong = dns_subdomain(text);
    if text.len() > 52 {
        wrong.push(max_len(52));
    }
    wrong
}

/// A label key, annotation key or other name with an optional domain: `example.com/MyName`.
pub(super) fn qualified_name(text: &str) -> Vec<String> {
    let examples = ["MyName", "my.name", "123-abc"];
    let mut wrong = Vec::new();
    let name = match text.split('/').collect::<Vec<_>>()[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                wrong.push("prefix part must be non-empty".to_owned());
            } else {
                wrong.extend(dns_subdomain(prefix).into_iter().map(|w| format!("prefix part {w}")));
            }
            name
        }
        _ => {
            let rule = regex_error(&format!("a valid label key {QUALIFIED_RULE}"), QUALIFIED, &examples);
            return vec![format!("{rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")];
        }
    };
    if name.is_empty() {
        wrong.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        wrong.push(format!("name part {}", max_len(63)));
    }
    if !fits_qualified(name) {
        wrong.push(format!("name part {}", regex_error(QUALIFIED_RULE, QUALIFIED, &examples)));
    }
    wrong
}

fn fits_qualified(text: &str) -> bool {
    framed(text, |b| b.is_ascii_alphanumeric(), |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The value of a label.
pub(super) fn label_value(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if text.len() > 63 {
        wrong.push(max_len(63));
    }
    if !text.is_empty() && !fits_qualified(text) {
        let rule = format!("a valid label must be an empty string or {}", &QUALIFIED_RULE[5..]);
        wrong.push(regex_error(&rule, &format!("({QUALIFIED})?"), &["MyValue", "my_value", "12345"]));
    }
    wrong
}

/// A number of a port.
pub(super) fn port_number(port: i32) -> Vec<String> {
    if (1..=65535).contains(&port) { Vec::new() } else { vec![inclusive_range(1, 65535)] }
}

/// The name of a port.
pub(super) fn port_name(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if text.len() > 15 {
        wrong.push(max_len(15));
    }
    let mut add = |broken: bool, rule: &str| {
        if broken {
            wrong.push(rule.to_owned());
        }
    };
    add(
        text.is_empty() || !text.bytes().all(|b| is_lower(b) || b == b'-'),
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    );
    add(!text.bytes().any(|b| b.is_ascii_lowercase()), "must contain at least one letter (a-z)");
    add(text.contains("--"), "must not contain consecutive hyphens");
    add(text.starts_with('-') || text.ends_with('-'), "must not begin or end with a hyphen");
    wrong
}

/// A percentage.
pub(super) fn percent(text: &str) -> Vec<String> {
    let fits = text.strip_suffix('%').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if fits {
        return Vec::new();
    }
    let rule = "a valid percent string must be a numeric string followed by an ending '%'";
    vec![regex_error(rule, "[0-9]+%", &["1%", "93%"])]
}

/// The name of an HTTP header.
pub(super) fn http_header(text: &str) -> Vec<String> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Vec::new();
    }
    let rule = "a valid HTTP header must consist of alphanumeric characters or '-'";
    vec![regex_error(rule, "[-A-Za-z0-9]+", &["X-Header-Name"])]
}

/// The name of an environment variable.
pub(super) fn env_name(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if text.is_empty() {
        wrong.push("environment variable name must be non-empty".to_owned());
    }
    if text.chars().any(|c| !(' '..='~').contains(&c) || c == '=') {
        wrong.push(
            "a valid environment variable name must consist only of printable ASCII characters other than '='"
                .to_owned(),
        );
    }
    wrong
}

/// A key of a ConfigMap or Secret.
pub(super) fn config_key(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if text.len() > 253 {
        wrong.push(max_len(253));
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')) {
        let rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
        wrong.push(regex_error(rule, "[-._a-zA-Z0-9]+", &["key.name", "KEY_NAME", "key-name"]));
    }
    match text {
        "." | ".." => wrong.push(format!("must not be '{text}'")),
        _ if text.starts_with("..") => wrong.push("must not start with '..'".to_owned()),
        _ => {}
    }
    wrong
}

/// An address. Models: ParseIPSloppy and the strict rules that are on since v1.36.
pub(super) fn ip_address(text: &str) -> Vec<String> {
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Vec::new();
    }
    vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_or_the_rule_is_told() {
        for good in ["a", "web-0", "1", "a1"] {
            assert_eq!(dns_label(good), [""; 0], "{good}");
        }
        assert_eq!(dns_label("a.b"), ["must not contain dots"]);
        assert_eq!(
            dns_label("-a"),
            [
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            ]
        );
        assert_eq!(dns_subdomain(&"a".repeat(254)), ["must be no more than 253 characters"]);
        assert!(!dns_subdomain("a..b").is_empty() && !dns_subdomain("").is_empty());
        assert!(check_name("web-", Form::Prefix, dns_label).is_empty());
        assert!(!check_name("web-", Form::Name, dns_label).is_empty());
    }

    #[test]
    fn keys_and_values_of_labels() {
        for good in ["app", "app.kubernetes.io/name", "A_b.c"] {
            assert_eq!(qualified_name(good), [""; 0], "{good}");
        }
        assert_eq!(qualified_name("/a"), ["prefix part must be non-empty"]);
        assert_eq!(qualified_name("")[0], "name part must be non-empty");
        assert!(qualified_name("a/b/c")[0].ends_with("(e.g. 'example.com/MyName')"));
        assert!(label_value("").is_empty() && label_value("v1.2_3").is_empty());
        assert_eq!(
            label_value("a b"),
            [
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
            ]
        );
    }

    #[test]
    fn ports_and_keys() {
        assert!(port_name("http").is_empty());
        assert_eq!(port_name("80"), ["must contain at least one letter (a-z)"]);
        assert_eq!(port_name("a--b-"), ["must not contain consecutive hyphens", "must not begin or end with a hyphen"]);
        assert_eq!(port_number(0), ["must be between 1 and 65535, inclusive"]);
        assert_eq!(config_key(".."), ["must not be '..'"]);
        assert!(env_name("A B-1").is_empty() && !env_name("a=b").is_empty());
        assert!(percent("30%").is_empty() && !percent("%").is_empty());
    }
}
