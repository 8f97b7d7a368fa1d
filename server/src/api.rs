//! REST v1.

mod appointments;
mod chat;
mod clinics;
mod email;
mod keys;
mod once;
mod patients;
mod schedule;
mod sessions;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::state::AppState;

/// Every route of `/api/v1`, by who calls it.
pub fn routes() -> Router<AppState> {
    Router::new()
        // Anyone
        .route("/config", get(clinics::config))
        .route("/auth/session", post(sessions::create))
        .route("/auth/refresh", post(sessions::refresh))
        // A chat session
        .route("/clinics/{clinic_id}/chat", post(chat::send))
        .route("/sessions/{session_id}/push-events/{event_id}/ack", post(chat::acknowledge))
        // A chat session or an API key
        .route("/sessions/{session_id}/messages", get(chat::messages))
        .route("/sessions/{session_id}/push-events", get(chat::push_events))
        .route("/clinics/{clinic_id}/appointment-types", get(clinics::appointment_types))
        .route("/clinics/{clinic_id}/practitioners", get(clinics::practitioners))
        .route("/clinics/{clinic_id}/availability", get(appointments::availability))
        .route("/clinics/{clinic_id}/availability/explain", get(appointments::explain))
        .route("/clinics/{clinic_id}/holds", post(appointments::hold))
        .route("/clinics/{clinic_id}/holds/{hold_id}", delete(appointments::release))
        .route("/clinics/{clinic_id}/appointments/confirm", post(appointments::confirm))
        .route("/clinics/{clinic_id}/appointments/lookup", get(appointments::lookup))
        .route("/clinics/{clinic_id}/appointments/{id}/reschedule", post(appointments::reschedule))
        .route("/clinics/{clinic_id}/appointments/{id}/cancel", post(appointments::cancel))
        // The platform's key
        .route("/clinics", get(clinics::list).post(clinics::create))
        // An API key
        .route("/clinics/{clinic_id}", get(clinics::read).patch(clinics::update))
        .route("/clinics/{clinic_id}/keys", get(keys::list).post(keys::create))
        .route("/clinics/{clinic_id}/keys/{key_id}", delete(keys::revoke))
        .route("/patients/{patient_id}", get(patients::read).patch(patients::update).delete(patients::erase))
        .route("/patients/{patient_id}/merges", post(patients::merge))
        .route("/patients/{patient_id}/merges/{merge_id}", delete(patients::undo))
        .route("/patients/{patient_id}/relations", post(patients::relate))
        .route("/patients/{patient_id}/relations/{proxy_id}", delete(patients::part))
        .route("/clinics/{clinic_id}/appointments/{id}/approve", post(appointments::approve))
        .route("/clinics/{clinic_id}/appointments/{id}/decline", post(appointments::decline))
        .route("/clinics/{clinic_id}/appointments/{id}/events", get(schedule::timeline))
        .route("/clinics/{clinic_id}/appointments/{id}/messages", get(schedule::messages))
        .route("/clinics/{clinic_id}/email/bounces", post(email::bounces))
        .route("/clinics/{clinic_id}/schedule", get(schedule::read))
        .route("/clinics/{clinic_id}/schedule/preview", post(schedule::preview))
        .route("/clinics/{clinic_id}/schedule/changes", post(schedule::change))
        .route("/clinics/{clinic_id}/schedule/stranded", get(schedule::stranded))
        .route("/clinics/{clinic_id}/tasks", get(schedule::tasks))
        .route("/clinics/{clinic_id}/tasks/{task_id}/done", post(schedule::finish_task))
}
