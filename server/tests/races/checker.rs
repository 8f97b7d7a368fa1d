//! Holds the book against its own rules and against what clients were told.

use crate::book::Book;
use crate::ledger::Ledger;

/// Everything that is wrong, a line each.
pub fn violations(book: &mut Book, ledger: &Ledger) -> Vec<String> {
    book.lines(include_str!("checker.sql"), &ledger.entries())
}
