//! The package of system tests; see `suite.rs`.
