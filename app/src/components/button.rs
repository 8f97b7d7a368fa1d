//! Buttons and links that look like them.

/// The main thing to do on a page.
pub const PRIMARY: &str = "btn btn-primary";
/// Anything else one may do.
pub const QUIET: &str = "btn btn-quiet";
