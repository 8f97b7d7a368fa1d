//! How a server function says no.

use std::fmt;

use domain::{Rejection, RejectionCode};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// A refusal as a page shows it: a sentence, and a code where the page does
/// something about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerError(pub Rejection);

impl ServerError {
    pub fn code(&self) -> RejectionCode {
        self.0.code
    }

    /// What is wrong with the field at `path`, if it is.
    pub fn field(&self, path: &str) -> Option<String> {
        self.0.errors.iter().find(|error| error.field == path).map(|error| error.message.clone())
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for ServerError {}

impl FromServerFnError for ServerError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self(match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Rejection::new(RejectionCode::Malformed, "Something in that could not be read.")
            }
            // Nothing reached the server, or nothing came back.
            _ => Rejection::unavailable(),
        })
    }
}

#[cfg(feature = "ssr")]
impl From<Rejection> for ServerError {
    fn from(rejection: Rejection) -> Self {
        // A form sent without JavaScript is answered with the way back to its
        // page, which a browser follows only under its own status.
        if !crate::caller::is_plain_form() {
            crate::caller::respond_with(
                http::StatusCode::from_u16(rejection.code.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR),
            );
        }
        Self(rejection)
    }
}

#[cfg(feature = "ssr")]
impl From<services::Error> for ServerError {
    fn from(error: services::Error) -> Self {
        error.into_rejection().into()
    }
}
