//! The door of every server function of the console.

use domain::{Rejection, RejectionCode};

use crate::caller::{self, Staff};
use crate::error::ServerError;

pub const SIGN_IN: &str = "/console/sign-in";

/// What not every member of staff may do.
#[derive(Clone, Copy, Debug)]
pub enum Duty {
    /// Act on visits, requests and what waits for a person.
    Visits,
    /// Change what the clinic offers and when.
    Schedule,
    /// Say with whom the clinic has accounts.
    Accounts,
    /// Forget a patient.
    Erasing,
    /// Say how the receptionist is and what it may spend.
    Receptionist,
}

/// Whether a member's role includes `duty`. Whoever signs in may look.
pub fn may(staff: &Staff, duty: Duty) -> bool {
    let roles: &[&str] = match duty {
        Duty::Visits => &["owner", "manager", "front_desk"],
        Duty::Schedule | Duty::Accounts | Duty::Erasing | Duty::Receptionist => &["owner", "manager"],
    };
    roles.contains(&staff.member.role.as_str())
}

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

/// The member who is calling, if their role includes `duty`.
///
/// # Errors
///
/// `unauthenticated` if nobody has signed in, `forbidden` if they may not.
pub async fn staff_for(duty: Duty) -> Result<Staff, ServerError> {
    let staff = staff().await?;
    if may(&staff, duty) {
        return Ok(staff);
    }
    Err(Rejection::new(RejectionCode::Forbidden, "Your role does not allow this. Please ask a manager.").into())
}
