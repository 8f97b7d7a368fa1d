//! The door of every server function of the console.

use domain::RejectionCode;

use crate::caller::{self, Staff};
use crate::error::ServerError;

pub const SIGN_IN: &str = "/console/sign-in";

/// The member who is calling. A page asked for by nobody in particular becomes
/// a redirect to the sign-in.
///
/// # Errors
///
/// `unauthenticated` if nobody has signed in.
pub async fn staff() -> Result<Staff, ServerError> {
    let staff = caller::member().await;
    if staff.as_ref().is_err_and(|error| error.code() == RejectionCode::Unauthenticated) {
        leptos_axum::redirect(SIGN_IN);
    }
    staff
}
