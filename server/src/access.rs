//! Who may call each route. The doors ask this table; a route that is not in
//! it opens to nobody.

use axum::extract::MatchedPath;
use domain::{Rejection, RejectionCode};
use http::Method;
use http::request::Parts;
use services::keys::Scope;

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anyone,
    /// A chat session.
    Session,
    /// A chat session, or a key that is good for this.
    SessionOrKey(Scope),
    /// A key that is good for this.
    Key(Scope),
    /// The platform's key.
    Platform,
    /// The clinic's own Vapi, which proves itself in its own way.
    Vapi,
}

/// A route, and who may call it.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub access: Access,
    /// What it does, in a line.
    pub does: &'static str,
}

const fn route(access: Access, method: &'static str, path: &'static str, does: &'static str) -> Route {
    Route { method, path, access, does }
}

use Access::{Anyone, Key, Platform, Session, SessionOrKey, Vapi};
use Scope::{Book, Keys, Patients, Read, Settings};

#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    route(Anyone, "get", "/api/openapi.json", "This description"),
    route(Anyone, "get", "/api/docs", "This description, to be read"),
    route(Anyone, "get", "/api/v1/config", "What a widget shows before anyone has said anything"),
    route(Anyone, "post", "/api/v1/auth/session", "Start a conversation"),
    route(Anyone, "post", "/api/v1/auth/refresh", "Keep a conversation for longer"),
    route(Session, "post", "/api/v1/clinics/{clinic_id}/chat", "Say something to the receptionist"),
    route(Session, "post", "/api/v1/clinics/{clinic_id}/verifications", "Have a one-time code sent to what is on file"),
    route(Session, "post", "/api/v1/clinics/{clinic_id}/verifications/confirm", "Show the code that came"),
    route(Session, "post", "/api/v1/sessions/{session_id}/push-events/{event_id}/ack", "It was shown, and is not told again"),
    route(SessionOrKey(Patients), "get", "/api/v1/sessions/{session_id}/messages", "What was said, oldest first"),
    route(SessionOrKey(Patients), "get", "/api/v1/sessions/{session_id}/push-events", "What happened, oldest first"),
    route(SessionOrKey(Read), "get", "/api/v1/clinics/{clinic_id}/appointment-types", "What can be booked"),
    route(SessionOrKey(Read), "get", "/api/v1/clinics/{clinic_id}/practitioners", "Who can be booked, and for what"),
    route(SessionOrKey(Read), "get", "/api/v1/clinics/{clinic_id}/availability", "Times that are free"),
    route(SessionOrKey(Read), "get", "/api/v1/clinics/{clinic_id}/availability/explain", "Why a time is not offered"),
    route(SessionOrKey(Book), "post", "/api/v1/clinics/{clinic_id}/holds", "Keep a time for some minutes"),
    route(SessionOrKey(Book), "delete", "/api/v1/clinics/{clinic_id}/holds/{hold_id}", "Let go of a time"),
    route(SessionOrKey(Book), "post", "/api/v1/clinics/{clinic_id}/appointments/confirm", "Book the time that is held"),
    route(SessionOrKey(Patients), "get", "/api/v1/clinics/{clinic_id}/appointments/lookup", "Find visits by code, e-mail or phone"),
    route(SessionOrKey(Book), "post", "/api/v1/clinics/{clinic_id}/appointments/{id}/reschedule", "Move a visit"),
    route(SessionOrKey(Book), "post", "/api/v1/clinics/{clinic_id}/appointments/{id}/cancel", "Call a visit off"),
    route(Platform, "get", "/api/v1/clinics", "Every clinic"),
    route(Platform, "post", "/api/v1/clinics", "Make a clinic"),
    route(Key(Read), "get", "/api/v1/clinics/{clinic_id}", "A clinic's settings"),
    route(Key(Settings), "patch", "/api/v1/clinics/{clinic_id}", "Change a clinic's settings"),
    route(Key(Keys), "get", "/api/v1/clinics/{clinic_id}/keys", "The clinic's API keys"),
    route(Key(Keys), "post", "/api/v1/clinics/{clinic_id}/keys", "Make an API key, which is shown this once"),
    route(Key(Keys), "delete", "/api/v1/clinics/{clinic_id}/keys/{key_id}", "Revoke an API key"),
    route(Key(Book), "post", "/api/v1/clinics/{clinic_id}/appointments/{id}/approve", "Book what was asked for"),
    route(Key(Book), "post", "/api/v1/clinics/{clinic_id}/appointments/{id}/decline", "Refuse what was asked for"),
    route(Key(Read), "get", "/api/v1/clinics/{clinic_id}/appointments/{id}/events", "What happened to a visit"),
    route(Key(Patients), "get", "/api/v1/clinics/{clinic_id}/appointments/{id}/messages", "What the patient was written about a visit"),
    route(Key(Patients), "post", "/api/v1/clinics/{clinic_id}/email/bounces", "Tell that e-mail came back"),
    route(Key(Read), "get", "/api/v1/clinics/{clinic_id}/schedule", "Everything that is set about hours and visits"),
    route(Key(Settings), "post", "/api/v1/clinics/{clinic_id}/schedule/preview", "Which visits a change would strand"),
    route(Key(Settings), "post", "/api/v1/clinics/{clinic_id}/schedule/changes", "Change hours, visits or people"),
    route(Key(Patients), "get", "/api/v1/clinics/{clinic_id}/schedule/stranded", "Visits that do not fit any more"),
    route(Key(Patients), "get", "/api/v1/clinics/{clinic_id}/tasks", "What a person has to look at"),
    route(Key(Book), "post", "/api/v1/clinics/{clinic_id}/tasks/{task_id}/done", "Nobody has to look at it any more"),
    route(Key(Patients), "get", "/api/v1/patients/{patient_id}", "A patient"),
    route(Key(Patients), "patch", "/api/v1/patients/{patient_id}", "Change how a patient is called and reached"),
    route(Key(Patients), "delete", "/api/v1/patients/{patient_id}", "Erase a patient; visits stay, without a name"),
    route(Key(Patients), "post", "/api/v1/patients/{patient_id}/merges", "Note that another is this patient"),
    route(Key(Patients), "delete", "/api/v1/patients/{patient_id}/merges/{merge_id}", "Note that they were two after all"),
    route(Key(Patients), "post", "/api/v1/patients/{patient_id}/relations", "Let another speak for this patient"),
    route(Key(Patients), "delete", "/api/v1/patients/{patient_id}/relations/{proxy_id}", "Have another speak for them no more"),
    route(Vapi, "post", "/vapi/{clinic_id}/webhook", "What Vapi tells the clinic's server"),
    route(Vapi, "post", "/api/vapi/tools/{tool}", "What an assistant of Vapi's has done"),
    route(Key(Patients), "post", "/handoff/sms", "Text a link to go on with a conversation"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/metadata", "What can be asked"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/OperationDefinition/{id}", "An operation"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/Practitioner", "Practitioners"),
    route(Key(Read), "post", "/fhir/r4/{clinic_id}/Practitioner/_search", "Practitioners"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/Practitioner/{id}", "A practitioner"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/HealthcareService", "What can be booked"),
    route(Key(Read), "post", "/fhir/r4/{clinic_id}/HealthcareService/_search", "What can be booked"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/HealthcareService/{id}", "What can be booked"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/Location", "Locations"),
    route(Key(Read), "post", "/fhir/r4/{clinic_id}/Location/_search", "Locations"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/Location/{id}", "A location"),
    route(Key(Patients), "get", "/fhir/r4/{clinic_id}/Patient/{id}", "A patient"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/Schedule", "Schedules"),
    route(Key(Read), "post", "/fhir/r4/{clinic_id}/Schedule/_search", "Schedules"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/Schedule/{id}", "A schedule"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/Slot", "Times that are free"),
    route(Key(Read), "post", "/fhir/r4/{clinic_id}/Slot/_search", "Times that are free"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/Slot/{id}", "A time"),
    route(Key(Patients), "get", "/fhir/r4/{clinic_id}/Appointment", "Visits"),
    route(Key(Patients), "post", "/fhir/r4/{clinic_id}/Appointment/_search", "Visits"),
    route(Key(Read), "get", "/fhir/r4/{clinic_id}/Appointment/$find", "Times that could be visits"),
    route(Key(Read), "post", "/fhir/r4/{clinic_id}/Appointment/$find", "Times that could be visits"),
    route(Key(Patients), "get", "/fhir/r4/{clinic_id}/Appointment/{id}", "A visit"),
];

/// What a key must be good for to make this request.
///
/// # Errors
///
/// `unauthenticated` if the route is for no key.
pub fn scope_of(parts: &Parts) -> Result<Scope, Rejection> {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    // What answers GET answers HEAD.
    let method = if parts.method == Method::HEAD { "get".to_owned() } else { parts.method.as_str().to_lowercase() };
    let known = ROUTES.iter().find(|route| route.path == path && route.method == method);
    match known.map(|route| route.access) {
        Some(SessionOrKey(scope) | Key(scope)) => Ok(scope),
        _ => Err(Rejection::unauthenticated()),
    }
}

/// That a key is not good for what was asked.
pub fn out_of_scope() -> Rejection {
    Rejection::new(RejectionCode::Forbidden, "This key is not good for that. Please use one with more scopes.")
}
