//! The one vocabulary for "no".

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// Why something was refused: a code some caller acts on, and a sentence a
/// patient may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    pub code: RejectionCode,
    pub message: Cow<'static, str>,
    /// Which fields were wrong, with [`RejectionCode::Invalid`]; which dates of
    /// a series, with [`RejectionCode::SlotTaken`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// A field by its path in the request, and what is wrong with it. Never the
/// value: it may identify a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// Codes callers act on. The list is closed: a new one earns its place by
/// some caller doing something different on seeing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionCode {
    Malformed,
    Unauthenticated,
    Forbidden,
    VerificationRequired,
    OriginNotAllowed,
    BadSignature,
    NotFound,
    SlotTaken,
    CutoffPassed,
    IdempotencyConflict,
    AlreadyCancelled,
    HoldExpired,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    RateLimited,
    Unavailable,
}

impl RejectionCode {
    /// The code as it stands in answers, such as `slot_taken`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::VerificationRequired => "verification_required",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::BadSignature => "bad_signature",
            Self::NotFound => "not_found",
            Self::SlotTaken => "slot_taken",
            Self::CutoffPassed => "cutoff_passed",
            Self::IdempotencyConflict => "idempotency_conflict",
            Self::AlreadyCancelled => "already_cancelled",
            Self::HoldExpired => "hold_expired",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Invalid => "invalid",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
        }
    }

    /// The HTTP status every edge renders this code with.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden | Self::VerificationRequired | Self::OriginNotAllowed | Self::BadSignature => 403,
            Self::NotFound => 404,
            Self::SlotTaken | Self::CutoffPassed | Self::IdempotencyConflict | Self::AlreadyCancelled => 409,
            Self::HoldExpired => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid => 422,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
        }
    }
}

impl Rejection {
    pub fn new(code: RejectionCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), errors: Vec::new() }
    }

    /// The time went to someone else.
    pub fn slot_taken() -> Self {
        Self::new(RejectionCode::SlotTaken, "That time has just been taken. Please choose another.")
    }

    /// The hold ran out, or never was.
    pub fn hold_expired() -> Self {
        Self::new(RejectionCode::HoldExpired, "That time is no longer being held. Please choose a time again.")
    }

    /// It is not there, or not yours, which is the same to you.
    pub fn not_found() -> Self {
        Self::new(RejectionCode::NotFound, "There is nothing here.")
    }

    /// Who you are is not known, or no longer.
    pub fn unauthenticated() -> Self {
        Self::new(RejectionCode::Unauthenticated, "Please sign in again.")
    }

    /// One field is wrong.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// These fields are wrong; `errors` holds at least one.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let message =
            errors.first().map_or_else(|| "Some of that is not valid.".to_owned(), |error| error.message.clone());
        Self { code: RejectionCode::Invalid, message: message.into(), errors }
    }

    /// Something we depend on did not answer.
    pub fn unavailable() -> Self {
        Self::new(RejectionCode::Unavailable, "Something on our side is not answering. Please try again in a moment.")
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Rejection {}
