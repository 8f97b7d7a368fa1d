//! What each route takes and gives.

/// Something asked in the query.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    /// As [`super::schemas::plain`] knows it.
    pub kind: &'static str,
    pub required: bool,
    pub means: &'static str,
}

/// What a route takes and gives, by the names of schemas.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    pub query: &'static [Parameter],
    pub body: Option<&'static str>,
    pub status: u16,
    pub answer: Option<&'static str>,
}

const fn needed(name: &'static str, kind: &'static str, means: &'static str) -> Parameter {
    Parameter { name, kind, required: true, means }
}

const fn maybe(name: &'static str, kind: &'static str, means: &'static str) -> Parameter {
    Parameter { name, kind, required: false, means }
}

const fn gives(answer: &'static str) -> Operation {
    Operation { query: &[], body: None, status: 200, answer: Some(answer) }
}

const fn takes(body: &'static str, status: u16, answer: &'static str) -> Operation {
    Operation { query: &[], body: Some(body), status, answer: Some(answer) }
}

const NOTHING: Operation = Operation { query: &[], body: None, status: 204, answer: None };

const AFTER: &[Parameter] = &[maybe("after", "uuid", "What came after this one.")];

const WHICH: &[Parameter] = &[needed("clinic", "string", "The clinic's short name.")];

const LOOKUP: &[Parameter] = &[
    maybe("code", "string", "A confirmation code. One of the three is needed."),
    maybe("email", "string", "The patient's e-mail address."),
    maybe("phone", "string", "The patient's phone number."),
];

const AVAILABILITY: &[Parameter] = &[
    needed("appointment_type", "string", "Its id or slug."),
    maybe("practitioner", "uuid", "Any without."),
    maybe("from", "date", "In the clinic's zone; today without."),
    maybe("to", "date", "At most 62 days after `from`. Needed without `days`."),
    maybe("days", "integer", "The first so many days that have free times."),
    maybe("earliest", "string", "A local time, 09:00, before which no visit starts."),
    maybe("latest", "string", "A local time after which no visit starts."),
    maybe("patient", "uuid", "With whose practitioner to stay, if they are free; keys only."),
    maybe("limit", "integer", "The most times to give."),
];

const EXPLAIN: &[Parameter] = &[
    needed("appointment_type", "string", "Its id or slug."),
    maybe("practitioner", "uuid", "Any without."),
    needed("at", "string", "An instant, or a local time without an offset."),
];

/// What the route takes and gives.
pub fn of(method: &str, path: &str) -> Operation {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let path = path.strip_prefix("/clinics/{clinic_id}").filter(|rest| !rest.is_empty()).unwrap_or(path);
    match (method, path) {
        ("get", "/api/openapi.json") => gives("Anything"),
        ("get", "/api/docs") => gives("html"),
        ("get", "/config") => Operation { query: WHICH, ..gives("Config") },
        ("post", "/auth/session") => takes("NewSession", 201, "Session"),
        ("post", "/auth/refresh") => takes("OldToken", 200, "Refreshed"),
        ("post", "/chat") => takes("Said", 200, "Reply"),
        ("post", "/verifications") => takes("NewCode", 202, "CodeSent"),
        ("post", "/verifications/confirm") => takes("Code", 200, "Shown"),
        ("get", "/sessions/{session_id}/messages") => Operation { query: AFTER, ..gives("Messages") },
        ("get", "/sessions/{session_id}/push-events") => Operation { query: AFTER, ..gives("PushEvents") },
        ("get", "/appointment-types") => gives("AppointmentTypes"),
        ("get", "/practitioners") => gives("Practitioners"),
        ("get", "/availability") => Operation { query: AVAILABILITY, ..gives("Availability") },
        ("get", "/availability/explain") => Operation { query: EXPLAIN, ..gives("Explanation") },
        ("post", "/holds") => takes("WantedSlot", 201, "Hold"),
        ("post", "/appointments/confirm") => takes("Confirmation", 201, "Confirmed"),
        ("get", "/appointments/lookup") => Operation { query: LOOKUP, ..gives("Appointments") },
        ("post", "/appointments/{id}/reschedule") => takes("WantedSlot", 200, "Rescheduled"),
        ("post", "/appointments/{id}/cancel" | "/appointments/{id}/approve" | "/appointments/{id}/decline") => {
            takes("Because", 200, "Changed")
        }
        ("get", "/clinics") => Operation { query: AFTER, ..gives("Clinics") },
        ("post", "/clinics") => takes("ClinicFields", 201, "Clinic"),
        ("get", "/clinics/{clinic_id}") => gives("Clinic"),
        ("patch", "/clinics/{clinic_id}") => takes("ClinicFields", 200, "Clinic"),
        ("get", "/keys") => gives("ApiKeys"),
        ("post", "/keys") => takes("NewApiKey", 201, "MadeApiKey"),
        ("get", "/appointments/{id}/events") => gives("History"),
        ("get", "/appointments/{id}/messages") => gives("VisitMessages"),
        ("post", "/email/bounces") => takes("Bounce", 200, "CameBack"),
        ("get", "/schedule") => gives("Schedule"),
        ("post", "/schedule/preview") => takes("Previewed", 200, "Stranded"),
        ("post", "/schedule/changes") => takes("WantedChange", 200, "Anything"),
        ("get", "/schedule/stranded") => gives("Stranded"),
        ("get", "/tasks") => Operation { query: AFTER, ..gives("Tasks") },
        ("get", "/patients/{patient_id}") => gives("Patient"),
        ("patch", "/patients/{patient_id}") => takes("PatientChange", 200, "Patient"),
        ("post", "/patients/{patient_id}/merges") => takes("NewMerge", 201, "NewlyMerged"),
        ("post", "/patients/{patient_id}/relations") => takes("NewRelation", 201, "Related"),
        ("post", "/vapi/{clinic_id}/webhook" | "/api/vapi/tools/{tool}") => takes("VapiMessage", 200, "VapiResults"),
        ("post", "/handoff/sms") => takes("NewHandoff", 202, "Handoff"),
        // What only ends something, and has nothing to say.
        _ => NOTHING,
    }
}
