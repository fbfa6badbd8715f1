//! The page's entry point.

fn main() {
    // The page lives as long as its document.
    std::mem::forget(web::run());
}
