//! The flags a verb knows: what they are called, what they take, what they stand at. Parsing is in `args.rs`.

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Nothing, or `=true` and `=false`.
    Bool,
    /// A text.
    Text,
    /// Texts, split at commas; may be given again.
    Texts,
    /// A text as it is; may be given again.
    Array,
    /// A whole number.
    Int,
    /// A Go duration.
    Duration,
    /// A text, or nothing, which then stands for this.
    Optional(&'static str),
}

/// One flag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag {
    pub(crate) long: &'static str,
    pub(crate) short: Option<char>,
    pub(crate) takes: Takes,
    /// The value it stands at, as help prints it.
    pub(crate) default: &'static str,
    /// One sentence for help; empty hides the flag from it.
    pub(crate) about: &'static str,
}

impl Flag {
    /// A flag that is on or off.
    pub(crate) const fn on(long: &'static str, about: &'static str) -> Self {
        Flag { long, short: None, takes: Takes::Bool, default: "false", about }
    }

    /// A flag that is on unless it is switched off.
    pub(crate) const fn off(long: &'static str, about: &'static str) -> Self {
        Flag { long, short: None, takes: Takes::Bool, default: "true", about }
    }

    /// A flag with a text.
    pub(crate) const fn text(long: &'static str, about: &'static str) -> Self {
        Flag { long, short: None, takes: Takes::Text, default: "''", about }
    }

    /// A flag with texts.
    pub(crate) const fn texts(long: &'static str, about: &'static str) -> Self {
        Flag { long, short: None, takes: Takes::Texts, default: "[]", about }
    }

    /// A flag with texts that may hold commas.
    pub(crate) const fn array(long: &'static str, about: &'static str) -> Self {
        Flag { long, short: None, takes: Takes::Array, default: "[]", about }
    }

    /// A flag with a number.
    pub(crate) const fn int(long: &'static str, default: &'static str, about: &'static str) -> Self {
        Flag { long, short: None, takes: Takes::Int, default, about }
    }

    /// A flag with a duration.
    pub(crate) const fn duration(long: &'static str, default: &'static str, about: &'static str) -> Self {
        Flag { long, short: None, takes: Takes::Duration, default, about }
    }

    /// The same with a letter.
    pub(crate) const fn short(mut self, short: char) -> Self {
        self.short = Some(short);
        self
    }

    /// The same with another value to stand at.
    pub(crate) const fn at(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }
}

/// Flags of every verb. Only the namespace acts here; the others name a cluster or a user, of which there is one.
pub(crate) const GLOBAL: &[Flag] = &[
    Flag::text("as", "Username to impersonate for the operation."),
    Flag::array("as-group", "Group to impersonate for the operation."),
    Flag::text("as-uid", "UID to impersonate for the operation."),
    Flag::text("cache-dir", "Default cache directory").at("'/root/.kube/cache'"),
    Flag::text("certificate-authority", "Path to a cert file for the certificate authority"),
    Flag::text("client-certificate", "Path to a client certificate file for TLS"),
    Flag::text("client-key", "Path to a client key file for TLS"),
    Flag::text("cluster", "The name of the kubeconfig cluster to use"),
    Flag::text("context", "The name of the kubeconfig context to use"),
    Flag::on("disable-compression", "If true, opt-out of response compression for all requests to the server"),
    Flag::on("insecure-skip-tls-verify", "If true, the server's certificate will not be checked for validity."),
    Flag::text("kubeconfig", "Path to the kubeconfig file to use for CLI requests."),
    Flag::on("match-server-version", "Require server version to match client version"),
    Flag::text("namespace", "If present, the namespace scope for this CLI request").short('n'),
    Flag::text("password", "Password for basic authentication to the API server"),
    Flag::text("profile", "Name of profile to capture.").at("'none'"),
    Flag::text("request-timeout", "The length of time to wait before giving up on a single server request.").at("'0'"),
    Flag::text("server", "The address and port of the Kubernetes API server").short('s'),
    Flag::text("tls-server-name", "Server name to use for server certificate validation."),
    Flag::text("token", "Bearer token for authentication to the API server"),
    Flag::text("user", "The name of the kubeconfig user to use"),
    Flag::text("username", "Username for basic authentication to the API server"),
    Flag { long: "v", short: Some('v'), takes: Takes::Int, default: "0", about: "number for the log level verbosity" },
    Flag::on(
        "warnings-as-errors",
        "Treat warnings received from the server as errors and exit with a non-zero exit code",
    ),
    Flag { long: "help", short: Some('h'), takes: Takes::Bool, default: "false", about: "" },
];

/// `-f`, `-k`, `-R`.
pub(crate) const FILES: &[Flag] = &[
    Flag::texts("filename", "Filename, directory, or URL to files that hold the resource.").short('f'),
    Flag::text("kustomize", "Process the kustomization directory.").short('k'),
    Flag::on("recursive", "Process the directory used in -f, --filename recursively.").short('R'),
];

/// `-l`.
pub(crate) const SELECTOR: &[Flag] = &[Flag::text(
    "selector",
    "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.(e.g. -l key1=value1,key2=value2).",
)
.short('l')];

/// `--field-selector`.
pub(crate) const FIELD_SELECTOR: &[Flag] = &[Flag::text(
    "field-selector",
    "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2).",
)];

/// `--all`.
pub(crate) const ALL: &[Flag] =
    &[Flag::on("all", "Select all resources, in the namespace of the specified resource types.")];

/// `-A`.
pub(crate) const ALL_NAMESPACES: &[Flag] =
    &[Flag::on("all-namespaces", "If present, list the requested object(s) across all namespaces.").short('A')];

/// `-o` and its companions.
pub(crate) const OUTPUT: &[Flag] = &[
    Flag::on("allow-missing-template-keys", "If true, ignore errors when a field or map key is missing.").at("true"),
    Flag::text("output", "Output format.").short('o'),
    Flag::on("show-managed-fields", "If true, keep the managedFields when printing objects in JSON or YAML format."),
    Flag::text("template", "Template string or path to template file to use when -o=go-template, -o=go-template-file."),
];

/// `--dry-run`.
pub(crate) const DRY_RUN: &[Flag] = &[Flag {
    long: "dry-run",
    short: None,
    takes: Takes::Optional("unchanged"),
    default: "'none'",
    about: "Must be \"none\", \"server\", or \"client\". If client strategy, only print the object that would be sent.",
}];

/// `--validate`.
pub(crate) const VALIDATE: &[Flag] = &[Flag {
    long: "validate",
    short: None,
    takes: Takes::Optional("strict"),
    default: "'strict'",
    about: "Must be one of: strict (or true), warn, ignore (or false).",
}];

/// `--field-manager`: under which name the fields that are written are managed.
pub(crate) const FIELD_MANAGER: &[Flag] =
    &[Flag::text("field-manager", "Name of the manager used to track field ownership.")];

/// `--server-side` and `--force-conflicts`.
pub(crate) const SERVER_SIDE: &[Flag] = &[
    Flag::on("force-conflicts", "If true, server-side apply will force the changes against conflicts."),
    Flag::on("server-side", "If true, apply runs in the server instead of the client."),
];

/// `--save-config`.
pub(crate) const SAVE_CONFIG: &[Flag] =
    &[Flag::on("save-config", "If true, the configuration of current object will be saved in its annotation.")];

/// `--chunk-size`: lists always come whole.
pub(crate) const CHUNK_SIZE: &[Flag] =
    &[Flag::int("chunk-size", "500", "Return large lists in chunks rather than all at once.")];

/// `--record`, deprecated.
pub(crate) const RECORD: &[Flag] = &[Flag::on("record", "Record current kubectl command in the resource annotation.")];

/// `--local`.
pub(crate) const LOCAL: &[Flag] =
    &[Flag::on("local", "If true, the command will NOT contact api-server but run locally.")];
