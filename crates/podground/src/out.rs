//! Standard output. A reader that has gone away (`| head`) ends the program quietly instead of by a panic.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// Prints text.
pub fn text(text: Arguments<'_>) {
    let written = std::io::stdout().lock().write_fmt(text);
    if written.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        std::process::exit(0);
    }
}

/// `print!`, but quiet when nobody reads.
macro_rules! put {
    ($($arg:tt)*) => { $crate::out::text(format_args!($($arg)*)) };
}

/// `println!`, but quiet when nobody reads.
macro_rules! putln {
    ($($arg:tt)*) => {
        $crate::out::text(format_args!($($arg)*));
        $crate::out::text(format_args!("\n"));
    };
}
