//! What pages are made of.

pub mod button;
pub mod empty;
pub mod field;
pub mod live;
pub mod notice;
