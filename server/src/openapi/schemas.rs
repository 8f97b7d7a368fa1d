//! The shapes of what is sent and answered (JSON Schema, draft 2020-12).

use serde_json::{Map, Value, json};

/// A plain value: `uuid`, `date`, `instant`, `email?` and so on. A question
/// mark allows null.
pub fn plain(kind: &str) -> Value {
    let (kind, may_be_null) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
    if let Some(of) = kind.strip_suffix("[]") {
        return json!({ "type": "array", "items": plain(of) });
    }
    let (kind, format) = match kind {
        "uuid" => ("string", Some("uuid")),
        "date" => ("string", Some("date")),
        "instant" => ("string", Some("date-time")),
        "string" | "integer" | "boolean" | "number" | "object" => (kind, None),
        named if may_be_null => return json!({ "anyOf": [super::reference(named), { "type": "null" }] }),
        named => return super::reference(named),
    };
    let mut schema = if may_be_null { json!({ "type": [kind, "null"] }) } else { json!({ "type": kind }) };
    if let Some(format) = format {
        schema["format"] = json!(format);
    }
    schema
}

/// An object with these fields; those whose name ends in a question mark may
/// be left out.
fn object(fields: &[(&str, &str)]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, kind) in fields {
        match name.strip_suffix('?') {
            Some(name) => drop(properties.insert(name.to_owned(), plain(kind))),
            None => {
                properties.insert((*name).to_owned(), plain(kind));
                required.push(*name);
            }
        }
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

/// Every shape, by name.
pub fn all() -> Value {
    let mut all = Map::new();
    for (name, fields) in OBJECTS {
        all.insert((*name).to_owned(), object(fields));
    }
    all.insert("Anything".into(), json!({ "type": "object" }));
    all.insert("Code".into(), one_of(CODES));
    all.insert(
        "AppointmentStatus".into(),
        one_of(&["pending", "booked", "arrived", "fulfilled", "cancelled", "noshow"]),
    );
    all.insert("SmsStatus".into(), one_of(&["queued", "sent", "failed_but_booked", "error_but_booked"]));
    all.insert("Role".into(), one_of(&["patient", "receptionist", "member"]));
    all.insert("Scope".into(), one_of(&services::keys::Scope::ALL.map(services::keys::Scope::as_str)));
    all.insert(
        "Relation".into(),
        one_of(&services::identity::relating::Relation::ALL.map(services::identity::relating::Relation::as_str)),
    );
    Value::Object(all)
}

const CODES: &[&str] = &[
    "malformed",
    "unauthenticated",
    "forbidden",
    "verification_required",
    "origin_not_allowed",
    "bad_signature",
    "not_found",
    "slot_taken",
    "cutoff_passed",
    "idempotency_conflict",
    "already_cancelled",
    "hold_expired",
    "too_large",
    "unsupported_media_type",
    "invalid",
    "rate_limited",
    "unavailable",
];

type Fields = &'static [(&'static str, &'static str)];

#[rustfmt::skip]
const OBJECTS: &[(&str, Fields)] = &[
    ("Problem", &[
        ("type", "string"), ("title", "string"), ("status", "integer"), ("code", "Code"), ("detail", "string"),
        ("request_id", "string?"), ("errors?", "FieldError[]"),
    ]),
    ("FieldError", &[("field", "string"), ("message", "string")]),
    ("Config", &[
        ("clinic_id", "uuid"), ("name", "string"), ("slug", "string"), ("time_zone", "string"),
        ("languages", "string[]"), ("greeting", "string"), ("theme", "object"), ("features", "object"),
    ]),
    ("NewSession", &[("clinic_id", "uuid"), ("email?", "string?"), ("phone?", "string?")]),
    ("Session", &[("token", "string"), ("session_id", "uuid"), ("expires_at", "instant")]),
    ("OldToken", &[("token", "string")]),
    ("Refreshed", &[("token", "string"), ("expires_at", "instant")]),
    ("Said", &[("message", "string"), ("client_message_id?", "string?")]),
    ("Reply", &[("session_id", "uuid"), ("message_id", "uuid"), ("reply", "Words")]),
    ("Words", &[("text", "string"), ("cards", "object[]")]),
    ("NewCode", &[
        ("channel", "string"), ("confirmation_code?", "string?"), ("name?", "string?"), ("birth_date?", "date?"),
    ]),
    ("CodeSent", &[("sent_to", "string"), ("expires_at", "instant")]),
    ("Code", &[("code", "string")]),
    ("Shown", &[("level", "integer")]),
    ("Message", &[
        ("id", "uuid"), ("role", "Role"), ("text", "string"), ("cards", "object[]"), ("created_at", "instant"),
        ("client_message_id?", "string"),
    ]),
    ("Messages", &[("messages", "Message[]"), ("next", "uuid?")]),
    ("PushEvent", &[("id", "uuid"), ("kind", "string"), ("payload", "object"), ("created_at", "instant")]),
    ("PushEvents", &[("events", "PushEvent[]")]),
    ("AppointmentType", &[
        ("id", "uuid"), ("slug", "string"), ("name", "string"), ("description", "string?"), ("minutes", "integer"),
        ("price_minor", "integer?"), ("currency", "string"),
    ]),
    ("AppointmentTypes", &[("appointment_types", "AppointmentType[]"), ("next", "string?")]),
    ("Practitioner", &[("id", "uuid"), ("name", "string"), ("offers", "uuid[]")]),
    ("Practitioners", &[("practitioners", "Practitioner[]"), ("next", "string?")]),
    ("Named", &[("id", "uuid"), ("name", "string")]),
    ("TypeRef", &[("id", "uuid"), ("slug", "string"), ("name", "string")]),
    ("Slot", &[
        ("slot", "string"), ("starts_at", "instant"), ("ends_at", "instant"), ("practitioner", "Named"),
        ("appointment_type", "TypeRef"), ("verified", "boolean"), ("label", "string"),
    ]),
    ("Availability", &[("clinic_id", "uuid"), ("time_zone", "string"), ("slots", "Slot[]"), ("degraded", "boolean")]),
    ("Reason", &[("code", "string"), ("detail", "string")]),
    ("Explanation", &[("offered", "boolean"), ("reasons", "Reason[]"), ("time_zone", "string")]),
    ("WantedSlot", &[("slot", "string")]),
    ("Hold", &[
        ("hold_id", "uuid"), ("starts_at", "instant"), ("ends_at", "instant"), ("time_zone", "string"),
        ("practitioner", "Named"), ("appointment_type", "TypeRef"), ("expires_at", "instant"), ("label", "string"),
    ]),
    ("NewPatient", &[("name", "string"), ("phone?", "string?"), ("email?", "string?")]),
    ("Confirmation", &[("hold_id", "uuid"), ("patient", "NewPatient"), ("note?", "string?"), ("repeat?", "object")]),
    ("PatientCard", &[("id", "uuid"), ("name", "string"), ("phone", "string?"), ("email", "string?")]),
    ("Appointment", &[
        ("id", "uuid"), ("status", "AppointmentStatus"), ("starts_at", "instant"), ("ends_at", "instant"),
        ("time_zone", "string"), ("practitioner", "Named"), ("appointment_type", "TypeRef"),
        ("patient?", "PatientCard"), ("confirmation_code", "string"), ("created_at", "instant"), ("label", "string"),
    ]),
    ("Appointments", &[("appointments", "Appointment[]"), ("next", "string?")]),
    ("Confirmed", &[
        ("appointment", "Appointment"), ("confirmation_code", "string"), ("sms_status", "SmsStatus"), ("series?", "object"),
    ]),
    ("Replaced", &[("starts_at", "instant"), ("ends_at", "instant"), ("practitioner", "Named")]),
    ("Rescheduled", &[("appointment", "Appointment"), ("replaces", "Replaced")]),
    ("Because", &[("reason?", "string?")]),
    ("Changed", &[("appointment", "Appointment")]),
    ("KnownClinic", &[
        ("id", "uuid"), ("slug", "string"), ("name", "string"), ("time_zone", "string"), ("created_at", "instant"),
    ]),
    ("Clinics", &[("clinics", "KnownClinic[]"), ("next", "uuid?")]),
    ("ClinicFields", &[
        ("name?", "string"), ("slug?", "string"), ("time_zone?", "string"), ("country?", "string"),
        ("currency?", "string"), ("languages?", "string[]"), ("greeting?", "string"), ("address?", "string?"),
        ("phone?", "string?"), ("email?", "string?"), ("accent?", "string"), ("allowed_origins?", "string[]"),
        ("hold_minutes?", "integer"), ("twilio?", "TwilioAccount?"), ("vapi?", "object?"), ("smtp?", "object?"),
        ("receptionist?", "object"),
    ]),
    ("TwilioAccount", &[
        ("account_sid", "string"), ("auth_token", "string"), ("api_key?", "TwilioKey?"), ("phone_number?", "string?"),
        ("messaging_service_sid?", "string?"), ("webhook_keys?", "WebhookKey[]"),
    ]),
    ("TwilioKey", &[("sid", "string"), ("secret", "string")]),
    ("WebhookKey", &[("id", "string"), ("secret", "string")]),
    ("Account", &[
        ("configured", "boolean"), ("last_four?", "string"), ("api_key?", "KnownKey"), ("updated_at?", "instant"),
    ]),
    ("KnownKey", &[("configured", "boolean"), ("last_four?", "string")]),
    ("Clinic", &[
        ("id", "uuid"), ("slug", "string"), ("name", "string"), ("time_zone", "string"), ("country", "string"),
        ("currency", "string"), ("languages", "string[]"), ("greeting", "string"), ("address", "string?"),
        ("phone", "string?"), ("email", "string?"), ("accent", "string"), ("allowed_origins", "string[]"),
        ("hold_minutes", "integer"), ("twilio", "Account"), ("vapi", "Account"), ("smtp", "Account"),
        ("created_at", "instant"),
    ]),
    ("ApiKey", &[
        ("id", "uuid"), ("name", "string"), ("prefix", "string"), ("scopes", "Scope[]"), ("created_at", "instant"),
        ("last_used_at", "instant?"), ("revoked_at", "instant?"),
    ]),
    ("ApiKeys", &[("keys", "ApiKey[]"), ("next", "string?")]),
    ("NewApiKey", &[("name", "string"), ("scopes", "Scope[]")]),
    ("MadeApiKey", &[
        ("id", "uuid"), ("name", "string"), ("prefix", "string"), ("scopes", "Scope[]"), ("created_at", "instant"),
        ("last_used_at", "instant?"), ("revoked_at", "instant?"), ("key", "string"),
    ]),
    ("Happened", &[
        ("id", "uuid"), ("kind", "string"), ("actor", "string"), ("actor_id", "uuid?"), ("channel", "string"),
        ("payload", "object"), ("created_at", "instant"),
    ]),
    ("History", &[("events", "Happened[]"), ("next", "string?")]),
    ("VisitMessages", &[("messages", "object[]"), ("next", "string?")]),
    ("Bounce", &[("message_id", "string"), ("status", "string"), ("diagnostic?", "string?")]),
    ("CameBack", &[("came_back", "integer")]),
    ("Schedule", &[]),
    ("Previewed", &[("change", "object")]),
    ("WantedChange", &[("change", "object"), ("plan?", "object")]),
    ("Stranded", &[("stranded", "object[]"), ("time_zone", "string")]),
    ("Tasks", &[("tasks", "object[]"), ("next", "uuid?")]),
    ("Patient", &[
        ("id", "uuid"), ("name", "string"), ("phone", "string?"), ("email", "string?"), ("birth_date", "date?"),
        ("language", "string?"), ("time_zone", "string?"), ("created_at", "instant"), ("merged_into", "uuid?"),
        ("erased_at", "instant?"), ("merges", "Merge[]"), ("alike", "uuid[]"), ("proxies", "Proxy[]"),
    ]),
    ("PatientChange", &[
        ("name?", "string"), ("phone?", "string?"), ("email?", "string?"), ("birth_date?", "date?"),
        ("language?", "string?"), ("time_zone?", "string?"),
    ]),
    ("Merge", &[
        ("id", "uuid"), ("from", "uuid"), ("into", "uuid"), ("name", "string"), ("phone", "string?"),
        ("email", "string?"), ("via", "string"), ("merged_at", "instant"), ("undone_at", "instant?"),
    ]),
    ("NewMerge", &[("from", "uuid")]),
    ("NewlyMerged", &[("id", "uuid"), ("from", "uuid"), ("into", "uuid"), ("merged_at", "instant")]),
    ("Proxy", &[("id", "uuid"), ("name", "string"), ("relation", "Relation")]),
    ("NewRelation", &[("proxy", "uuid"), ("relation", "Relation")]),
    ("Related", &[("proxy", "uuid"), ("patient", "uuid"), ("relation", "Relation")]),
    ("NewHandoff", &[("session_id", "uuid"), ("phone", "string")]),
    ("Handoff", &[("expires_at", "instant")]),
    ("VapiMessage", &[("message", "object")]),
    ("VapiResult", &[("toolCallId", "string"), ("name?", "string"), ("result", "string")]),
    ("VapiResults", &[("results?", "VapiResult[]")]),
];
