//! What a patient sees, on a page of its own or inside a clinic's site.

pub mod book;
pub mod chat;
pub mod clinic;
pub mod offer;
pub mod unsubscribe;
pub mod visit;
