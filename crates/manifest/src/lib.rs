//! Text to objects and back: YAML and JSON streams, with the place of every value, as kubectl reads and writes them.
//!
//! ```text
//! bytes ─ split ─▶ chunks ─ yaml ─▶ nodes ─ compose ─▶ value + positions ─ check ─▶ diagnostics
//!    └──── json (a stream that begins with a brace) ───────▲
//! ```
//!
//! [`parse`] never fails as a whole: one bad document does not hurt the others. Each failure carries kubectl's exact words
//! (for the console) and a diagnostic with the true line and column (for the editor). [`check`] adds what the API server
//! would say of the fields. [`to_yaml`] writes what `kubectl -o yaml` writes.

mod assist;
mod check;
mod compose;
mod diagnostic;
mod document;
mod emit;
mod hints;
mod json;
mod kyaml;
mod positions;
mod quoting;
mod resolve;
mod split;
mod yaml;

pub use assist::{Meaning, Suggestion, Suggestions, meaning, suggest, tidied};
pub use check::{check, check_manifest, check_with};
pub use diagnostic::{Diagnostic, Edit, Fix, Severity};
pub use document::{Body, Document, Failure, Manifest, parse, parse_bytes};
pub use emit::to_yaml;
pub use kyaml::to_kyaml;
pub use positions::{Place, Point, Positions, Span};
pub use schema::Segment;
