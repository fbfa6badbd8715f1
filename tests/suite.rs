//! One test program over the whole system.
