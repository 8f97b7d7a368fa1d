//! How anything here can fail.

use domain::{Rejection, RejectionCode};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal with a sentence for whoever asked, or a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("rejected: {}", .0.code.as_str())]
    Rejected(#[from] Rejection),
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// A broken assumption, such as a stored value this version cannot read.
    #[error("{0}")]
    Internal(&'static str),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            // PostgreSQL keeps no NUL in text, and nobody types one.
            sqlx::Error::Database(database) if database.code().as_deref() == Some(UNKEEPABLE_TEXT) => {
                Rejection::new(RejectionCode::Malformed, "Something in that could not be read.").into()
            }
            _ => Self::Database(error),
        }
    }
}

/// SQLSTATE `character_not_in_repertoire`.
const UNKEEPABLE_TEXT: &str = "22021";

impl Error {
    /// What to tell the caller. Anything but a rejection is logged here, once,
    /// with its chain; so this is called once a request, by the edge.
    pub fn into_rejection(self) -> Rejection {
        match self {
            Self::Rejected(rejection) => rejection,
            Self::Database(source) => {
                tracing::error!(error = %source, "database failed");
                Rejection::unavailable()
            }
            Self::Internal(what) => {
                tracing::error!(what, "broken assumption");
                Rejection::unavailable()
            }
        }
    }

    /// The rejection's code, if it is one.
    pub fn code(&self) -> Option<RejectionCode> {
        match self {
            Self::Rejected(rejection) => Some(rejection.code),
            _ => None,
        }
    }

    /// Whether trying again later may help. What PostgreSQL refuses for what
    /// it says (SQLSTATE classes 22 and 23), what this version cannot read and
    /// what is refused by rule stays so.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Rejected(rejection) => {
                matches!(rejection.code, RejectionCode::Unavailable | RejectionCode::RateLimited)
            }
            Self::Database(sqlx::Error::Database(error)) => {
                !error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
            }
            Self::Database(_) => true,
            Self::Internal(_) => false,
        }
    }

    /// Whether the same work may succeed when tried again: PostgreSQL gave up
    /// on a serialization conflict or a deadlock.
    pub fn is_transient(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        matches!(error.code().as_deref(), Some("40001" | "40P01"))
    }
}

/// Turns a broken constraint into what it means.
pub trait OnConstraint<T> {
    /// Rejected with `rejection()` if the constraint called `name` was broken.
    fn on_constraint(self, name: &str, rejection: fn() -> Rejection) -> Result<T>;
}

impl<T> OnConstraint<T> for std::result::Result<T, sqlx::Error> {
    fn on_constraint(self, name: &str, rejection: fn() -> Rejection) -> Result<T> {
        self.map_err(|error| match &error {
            sqlx::Error::Database(database) if database.constraint() == Some(name) => Error::Rejected(rejection()),
            _ => Error::from(error),
        })
    }
}
