//! The native binary of podground.
fn main() {}
