//! Booking by voice: who may, every tool in both shapes, and once only.

use aws_lc_rs::hmac;
use domain::id::ClinicId;
use http::{Method, Request, header};
use serde_json::{Value, json};
use services::demo::BLOOM;
use services::testing::World;
use sqlx::PgPool;

use crate::support::{ADMIN_KEY, Answer, TestServer, ask_with, with, with_cedar};

pub const SECRET: &str = "a secret that only vapi knows";

/// How a clinic's Vapi proves itself.
pub async fn configure(server: &TestServer, clinic: ClinicId, vapi: Value) -> Answer {
    let path = format!("/api/v1/clinics/{clinic}");
    server.send(with(ask_with(Method::PATCH, &path, json!({ "vapi": vapi })), "x-admin-key", ADMIN_KEY)).await
}

/// Bloom, with a secret of its own.
pub async fn with_vapi(pool: PgPool) -> TestServer {
    let server = TestServer::new(pool).await;
    let set = configure(&server, BLOOM, json!({ "secret": SECRET })).await;
    assert_eq!((set.status, set.json["vapi"]["last_four"].as_str()), (200, Some("nows")), "{}", set.text);
    server
}

pub fn webhook(clinic: ClinicId) -> String {
    format!("/vapi/{clinic}/webhook")
}

/// One of Vapi's messages, with the secret it was given.
pub async fn tell(server: &TestServer, message: Value) -> Answer {
    let request = ask_with(Method::POST, &webhook(BLOOM), json!({ "message": message }));
    server.send(with(request, "x-vapi-secret", SECRET)).await
}

/// A tool in Vapi's envelope, as it really sends it: arguments in a text.
pub fn envelope(call: &str, id: &str, tool: &str, arguments: &Value) -> Value {
    json!({
        "type": "tool-calls",
        "call": { "id": call, "customer": { "number": "+15551230000" } },
        "toolCallList": [{ "id": id, "type": "function", "function": { "name": tool, "arguments": arguments.to_string() } }],
        "toolWithToolCallList": [],
    })
}

/// The older shape.
pub fn direct(call: &str, id: &str, arguments: &Value) -> Value {
    json!({ "toolCallId": id, "message": { "call": { "id": call } }, "tool": { "arguments": arguments } })
}

async fn use_tool(server: &TestServer, tool: &str, body: Value) -> Answer {
    let request = ask_with(Method::POST, &format!("/api/vapi/tools/{tool}"), body);
    server.send(with(request, "x-vapi-secret", SECRET)).await
}

/// The one result of an envelope.
#[track_caller]
pub fn result(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let results = answer.json["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "{}", answer.text);
    let said = results[0]["result"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
    assert!(!said.contains(['\n', '\r']) && said.split_whitespace().count() <= 60, "{said}");
    said
}

pub fn ada_at(date: &str, time: &str) -> Value {
    json!({
        "patientName": "Ada Lovelace", "patientPhone": "+1 555 123 4567", "patientEmail": "ada@example.com",
        "birthDate": "1985-12-10",
        "appointmentDate": date, "appointmentTime": time, "serviceType": "haircut",
    })
}

fn and(one: &Value, other: &Value) -> Value {
    let fields = [one, other].into_iter().flat_map(|value| value.as_object().unwrap().clone());
    Value::Object(fields.collect())
}

/// A message signed as `key` would sign it at `timestamp`.
fn signed(path: &str, body: &str, key: &str, timestamp: i64) -> Request<axum::body::Body> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp}.{body}").as_bytes());
    let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let request = Request::builder().method(Method::POST).uri(path).header(header::CONTENT_TYPE, "application/json");
    let request = request.header("x-timestamp", timestamp).header("x-signature", tag);
    request.body(axum::body::Body::from(body.to_owned())).unwrap()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_visit_is_booked_in_vapis_own_shape(pool: PgPool) {
    let server = with_vapi(pool).await;
    let book = envelope("c1", "tc_1", "bookClinicAppointment", &ada_at("2026-12-01", "15:00"));
    let booked = tell(&server, book.clone()).await;
    let said = result(&booked);
    assert!(
        said.starts_with("Booked: Haircut with Mia Lin, Tuesday, December first, at 3 PM. Your confirmation code is"),
        "{said}"
    );
    let entry = &booked.json["results"][0];
    assert_eq!((&entry["toolCallId"], &entry["name"]), (&json!("tc_1"), &json!("bookClinicAppointment")));

    let at_its_own_address = use_tool(&server, "bookClinicAppointment", json!({ "message": book })).await;
    assert_eq!(at_its_own_address.json, booked.json);
    assert_eq!(server.count("appointments").await, 1);
    let code: String =
        sqlx::query_scalar("select confirmation_code from appointments").fetch_one(&server.pool).await.unwrap();
    assert!(said.ends_with(&format!(
        "is {}.",
        code.split("").filter(|letter| !letter.is_empty()).collect::<Vec<_>>().join(", ")
    )));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_visit_is_booked_in_the_older_shape(pool: PgPool) {
    let server = with_vapi(pool).await;
    let booked = use_tool(&server, "bookClinicAppointment", direct("c1", "tc_1", &ada_at("2026-12-01", "15:00"))).await;
    assert_eq!(booked.status, 200, "{}", booked.text);
    assert_eq!(booked.json["toolCallId"], "tc_1");
    let given = &booked.json["result"];
    assert_eq!((&given["success"], &given["smsStatus"]), (&json!(true), &json!("failed_but_booked")));
    assert!(given["message"].as_str().unwrap().starts_with("Booked: Haircut"), "{}", booked.text);
    let row: (uuid::Uuid, String, String) =
        sqlx::query_as("select appointment_id, confirmation_code, channel from appointments")
            .fetch_one(&server.pool)
            .await
            .unwrap();
    assert_eq!(given["appointmentId"], row.0.to_string());
    assert_eq!((&given["confirmationCode"], row.2.as_str()), (&json!(row.1), "voice"));

    let refused = use_tool(&server, "bookClinicAppointment", direct("c2", "tc_1", &json!({}))).await;
    assert_eq!(refused.status, 200);
    let given = &refused.json["result"];
    assert_eq!(given["success"], false);
    for field in ["appointmentId", "confirmationCode", "smsStatus"] {
        assert!(given[field].is_null(), "{}", refused.text);
    }
    assert!(given["message"].as_str().unwrap().starts_with("Which kind of visit is it?"), "{}", refused.text);
}

/// Nothing is written down until staff approve it, and the caller is not told
/// that no text will come.
#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_text_about_a_visit_that_staff_must_approve_is_taken_for_sending(pool: PgPool) {
    let server = with_vapi(pool).await;
    server.run("update appointment_types set voice_mode = 'request'").await;
    let account = json!({ "account_sid": format!("AC{}", "b".repeat(32)), "auth_token": "b".repeat(32),
                          "phone_number": "+15550109999" });
    let request = ask_with(Method::PATCH, &format!("/api/v1/clinics/{BLOOM}"), json!({ "twilio": account }));
    assert_eq!(server.send(with(request, "x-admin-key", ADMIN_KEY)).await.status, 200);
    let asked = use_tool(&server, "bookClinicAppointment", direct("c1", "tc_1", &ada_at("2026-12-01", "15:00"))).await;
    assert_eq!(asked.json["result"]["smsStatus"], "queued", "{}", asked.text);
    assert_eq!(server.count("outbox").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn every_tool_answers_in_both_shapes(pool: PgPool) {
    let server = with_vapi(pool).await;
    let ada = json!({ "patientName": "Ada Lovelace", "birthDate": "1985-12-10" });
    let moved = |time: &str| and(&ada, &json!({ "newDate": "2026-12-02", "newTime": time }));
    let steps = [
        (
            "checkAvailability",
            json!({ "serviceType": "Haircut", "date": "2026-12-01" }),
            "For Haircut these times are free",
        ),
        ("holdSlot", ada_at("2026-12-01", "15:00"), "I am keeping Haircut"),
        ("bookClinicAppointment", ada_at("2026-12-01", "15:00"), "Booked: Haircut"),
        ("lookupAppointment", ada.clone(), "Booked: Haircut"),
        ("rescheduleAppointment", moved("10:00"), "Moved. It is now Haircut"),
        ("cancelAppointment", ada.clone(), "Cancelled: Haircut"),
        ("createInquiry", and(&ada, &json!({ "message": "Is there parking?" })), "I have passed that on"),
    ];
    for (place, (tool, arguments, said)) in steps.iter().enumerate() {
        let answer = tell(&server, envelope("c1", &format!("tc_{place}"), tool, arguments)).await;
        assert!(result(&answer).starts_with(said), "{tool}: {}", answer.text);
    }
    for (place, (tool, arguments, said)) in steps.iter().enumerate() {
        let answer = use_tool(&server, tool, direct("c2", &format!("tc_{place}"), arguments)).await;
        let given = &answer.json["result"];
        assert_eq!((answer.status, &given["success"]), (200, &json!(true)), "{tool}: {}", answer.text);
        assert!(given["message"].as_str().unwrap().starts_with(said), "{tool}: {}", answer.text);
    }
    assert_eq!((server.count("appointments").await, server.count("tasks").await), (2, 2));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn several_calls_in_one_message_are_answered_in_order(pool: PgPool) {
    let server = with_vapi(pool).await;
    let call = |id: &str, name: &str, arguments: Value| json!({ "id": id, "name": name, "parameters": arguments });
    let answer = tell(
        &server,
        json!({ "type": "tool-calls", "call": { "id": "c1" }, "toolCallList": [
            call("a", "bookClinicAppointment", ada_at("2026-12-01", "15:00")),
            call("b", "orderPizza", json!({})),
            call("c", "bookClinicAppointment", ada_at("2026-12-01", "15:00")),
            json!({ "id": "d", "function": { "name": "lookupAppointment", "arguments": "{broken" } }),
            json!({ "function": { "name": "createInquiry", "arguments": { "message": "Hello?" } } }),
        ] }),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let results = answer.json["results"].as_array().unwrap();
    let ids: Vec<_> = results.iter().map(|result| result["toolCallId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c", "d", ""]);
    assert_eq!(results[0]["result"], results[2]["result"], "the same meaning");
    assert_eq!(
        (results[1]["name"].as_str(), results[1]["error"].as_str()),
        (Some("orderPizza"), Some("There is no such tool."))
    );
    assert_eq!(results[3]["error"], "The arguments could not be read. Please send them again.");
    assert!(results[4]["result"].as_str().unwrap().starts_with("I have passed that on"));
    assert_eq!(server.count("appointments").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn nothing_is_done_without_the_clinics_own_secret(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    assert_eq!(configure(&server, BLOOM, json!({ "secret": SECRET })).await.status, 200);
    let book = json!({ "message": envelope("c1", "t1", "bookClinicAppointment", &ada_at("2026-12-01", "15:00")) });
    let own = |name: &'static str, value: &'static str| (name, value);
    let wrong = [
        own("x-nothing", "nothing"),
        own("x-vapi-secret", "another secret of that length"),
        own("x-vapi-secret", ""),
        own("authorization", "Bearer another secret of that length"),
        own("authorization", "Basic a secret that only vapi knows"),
        own("authorization", "a secret that only vapi knows too"),
    ];
    for path in [webhook(BLOOM), "/api/vapi/tools/bookClinicAppointment".to_owned()] {
        for (name, value) in wrong {
            let answer = server.send(with(ask_with(Method::POST, &path, book.clone()), name, value)).await;
            answer.assert_problem(401, "unauthenticated");
        }
        // The right one in the wrong place does not make a wrong one right.
        let both = with(ask_with(Method::POST, &path, book.clone()), "x-vapi-secret", "another secret of that length");
        let both = with(both, "authorization", &format!("Bearer {SECRET}"));
        server.send(both).await.assert_problem(401, "unauthenticated");
    }
    // Clinics without one, with another, or that are not there.
    for clinic in [cedar.clinic, ClinicId::new()] {
        let request = with(ask_with(Method::POST, &webhook(clinic), book.clone()), "x-vapi-secret", SECRET);
        server.send(request).await.assert_problem(401, "unauthenticated");
    }
    let taken = configure(&server, cedar.clinic, json!({ "secret": SECRET })).await;
    taken.assert_problem(422, "invalid");
    assert_eq!(taken.wrong_fields(), ["vapi.secret"]);
    assert_eq!(configure(&server, cedar.clinic, json!({ "secret": "cedar's own secret of vapi" })).await.status, 200);
    for clinic in ["no-clinic".to_owned(), cedar.clinic.to_string()] {
        let path = format!("/vapi/{clinic}/webhook");
        let request = with(ask_with(Method::POST, &path, book.clone()), "x-vapi-secret", SECRET);
        server.send(request).await.assert_problem(401, "unauthenticated");
        let path = format!("/api/vapi/tools/bookClinicAppointment?clinic={clinic}");
        let request = with(ask_with(Method::POST, &path, book.clone()), "x-vapi-secret", SECRET);
        server.send(request).await.assert_problem(401, "unauthenticated");
    }
    assert_eq!((server.count("appointments").await, server.count("voice_calls").await), (0, 0));

    for (name, value) in [
        ("x-vapi-secret", SECRET.to_owned()),
        ("authorization", format!("Bearer {SECRET}")),
        ("authorization", format!("bearer {SECRET}")),
        ("authorization", SECRET.to_owned().replace(' ', "_")),
    ] {
        configure(&server, BLOOM, json!({ "secret": if value.contains('_') { value.as_str() } else { SECRET } })).await;
        for path in [webhook(BLOOM), "/api/vapi/tools/bookClinicAppointment".to_owned()] {
            let answer = server.send(with(ask_with(Method::POST, &path, book.clone()), name, &value)).await;
            assert!(result(&answer).starts_with("Booked"), "{path} {name}");
        }
    }
    assert_eq!(server.count("appointments").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_clinic_is_whose_secret_it_is(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    for (clinic, secret) in [(BLOOM, SECRET), (cedar.clinic, "cedar's own secret of vapi")] {
        assert_eq!(configure(&server, clinic, json!({ "secret": secret })).await.status, 200);
    }
    let named = and(&ada_at("2026-12-01", "15:00"), &json!({ "organizationId": BLOOM }));
    let request = ask_with(Method::POST, "/api/vapi/tools/bookClinicAppointment", direct("c1", "t1", &named));
    let booked = server.send(with(request, "x-vapi-secret", "cedar's own secret of vapi")).await;
    assert_eq!(booked.json["result"]["success"], true, "{}", booked.text);
    let clinic: uuid::Uuid =
        sqlx::query_scalar("select clinic_id from appointments").fetch_one(&server.pool).await.unwrap();
    assert_eq!(clinic, cedar.clinic.uuid());
    let audited: (uuid::Uuid, String) =
        sqlx::query_as("select clinic_id, detail->>'organization_id' from audit_entries")
            .fetch_one(&server.pool)
            .await
            .unwrap();
    assert_eq!(audited, (cedar.clinic.uuid(), BLOOM.to_string()));
    // A secret that was taken away opens nothing any more.
    configure(&server, cedar.clinic, Value::Null).await;
    let request = ask_with(Method::POST, "/api/vapi/tools/lookupAppointment", direct("c1", "t2", &json!({})));
    let after = server.send(with(request, "x-vapi-secret", "cedar's own secret of vapi")).await;
    after.assert_problem(401, "unauthenticated");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_signed_request_is_good_once_lately_and_unchanged(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let key = "a key that both sides know";
    assert_eq!(configure(&server, BLOOM, json!({ "hmac": { "secret": key } })).await.status, 200);
    let now = server.services.clock.now().timestamp();
    let book = json!({ "message": envelope("c1", "t1", "bookClinicAppointment", &ada_at("2026-12-01", "15:00")) });
    let book = book.to_string();
    let tools = format!("/api/vapi/tools/bookClinicAppointment?clinic={BLOOM}");
    for path in [webhook(BLOOM), tools.clone()] {
        for wrong in [
            signed(&path, &book, "a key that nobody knows", now),
            signed(&path, &book, key, now - 301),
            signed(&path, &book, key, now + 301),
            with(signed(&path, &book, key, now), "x-timestamp", &(now + 1).to_string()),
            with(ask_with(Method::POST, &path, json!({})), "x-vapi-secret", key),
        ] {
            server.send(wrong).await.assert_problem(401, "unauthenticated");
        }
        let mut changed = signed(&path, &book, key, now);
        *changed.body_mut() = axum::body::Body::from(book.replace("15:00", "16:00"));
        server.send(changed).await.assert_problem(401, "unauthenticated");
    }
    // A signature does not say whose it is.
    let nameless = signed("/api/vapi/tools/bookClinicAppointment", &book, key, now);
    server.send(nameless).await.assert_problem(401, "unauthenticated");
    assert_eq!((server.count("appointments").await, server.count("voice_calls").await), (0, 0));

    let first = server.send(signed(&webhook(BLOOM), &book, key, now)).await;
    let replayed = server.send(signed(&webhook(BLOOM), &book, key, now)).await;
    let elsewhere = server.send(signed(&tools, &book, key, now - 299)).await;
    assert!(result(&first).starts_with("Booked"));
    assert_eq!((&replayed.json, &elsewhere.json), (&first.json, &first.json));
    assert_eq!(server.count("appointments").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn settings_of_a_signature_are_checked_and_kept_secret(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let wrong = json!({ "hmac": { "secret": "short", "algorithm": "md5", "payload_format": "{timestamp}" } });
    let refused = configure(&server, BLOOM, wrong).await;
    refused.assert_problem(422, "invalid");
    assert_eq!(refused.wrong_fields(), ["vapi.hmac.secret", "vapi.hmac.algorithm", "vapi.hmac.payload_format"]);
    configure(&server, BLOOM, json!({ "hmac": { "secret": SECRET, "nonsense": 1 } }))
        .await
        .assert_problem(422, "invalid");
    let set = configure(
        &server,
        BLOOM,
        json!({ "hmac": { "secret": SECRET, "algorithm": "sha512", "signature_encoding": "base64", "signature_prefix": "v1," } }),
    )
    .await;
    assert_eq!((set.status, set.json["vapi"]["configured"].as_bool()), (200, Some(true)), "{}", set.text);
    assert!(!set.text.contains(SECRET));
    let stored: Vec<u8> = sqlx::query_scalar("select sealed from credentials").fetch_one(&server.pool).await.unwrap();
    assert!(!String::from_utf8_lossy(&stored).contains(SECRET));
    assert_eq!(server.count("voice_keys").await, 0);
    configure(&server, BLOOM, json!({ "secret": SECRET })).await;
    let digest: Vec<u8> = sqlx::query_scalar("select digest from voice_keys").fetch_one(&server.pool).await.unwrap();
    assert!(digest.len() == 32 && !String::from_utf8_lossy(&digest).contains(SECRET));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn duplicates_at_once_answer_the_same_visit(pool: PgPool) {
    let server = with_vapi(pool).await;
    let wish = ada_at("2026-12-01", "15:00");
    let answers =
        futures::future::join_all(
            (0..6).map(|place| {
                // The same request again, and the same wish in others.
                let id = if place % 2 == 0 { "t1".to_owned() } else { format!("t{place}") };
                let (server, wish) = (&server, &wish);
                async move {
                    use_tool(server, "bookClinicAppointment", direct("c1", &id, wish)).await.json["result"].clone()
                }
            }),
        )
        .await;
    assert_eq!(answers[0]["success"], true, "{}", answers[0]);
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!((server.count("appointments").await, server.count("voice_calls").await), (1, 1));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_cannot_be_read_is_refused_and_does_nothing(pool: PgPool) {
    let server = with_vapi(pool).await;
    let raw = |path: &str, body: Vec<u8>| {
        let request = Request::builder().method(Method::POST).uri(path).header("x-vapi-secret", SECRET);
        request.body(axum::body::Body::from(body)).unwrap()
    };
    for path in [webhook(BLOOM), "/api/vapi/tools/createInquiry".to_owned()] {
        for broken in [&b"{"[..], b"", b"\xff\xfe", b"{\"message\":"] {
            server.send(raw(&path, broken.to_vec())).await.assert_problem(400, "malformed");
        }
        server.send(raw(&path, vec![b' '; 3 * 1024 * 1024])).await.assert_problem(413, "too_large");
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        server.send(raw(&path, deep.into_bytes())).await.assert_problem(400, "malformed");
    }
    for odd in ["[]", "7", "null", "{}", "{\"message\":\"hello\"}"] {
        server.send(raw(&webhook(BLOOM), odd.into())).await.assert_problem(422, "invalid");
        let direct = server.send(raw("/api/vapi/tools/createInquiry", odd.into())).await;
        assert_eq!((direct.status, &direct.json["result"]["success"]), (200, &json!(false)), "{odd}: {}", direct.text);
    }
    let unknown = use_tool(&server, "orderPizza", direct("c1", "t1", &json!({}))).await;
    unknown.assert_problem(404, "not_found");
    let get = server.send(with(crate::support::ask(Method::GET, &webhook(BLOOM)), "x-vapi-secret", SECRET)).await;
    assert!([404, 405].contains(&get.status), "{}", get.status);
    assert_eq!(server.count("tasks").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn one_clinics_visits_are_no_business_of_anothers_vapi(pool: PgPool) {
    let (server, cedar): (TestServer, World) = with_cedar(pool).await;
    for (clinic, secret) in [(BLOOM, SECRET), (cedar.clinic, "cedar's own secret of vapi")] {
        configure(&server, clinic, json!({ "secret": secret })).await;
    }
    let booked = use_tool(&server, "bookClinicAppointment", direct("c1", "t1", &ada_at("2026-12-01", "15:00"))).await;
    let code = &booked.json["result"]["confirmationCode"];
    for tool in ["lookupAppointment", "cancelAppointment"] {
        let proof = json!({ "confirmationCode": code, "patientName": "Ada Lovelace", "birthDate": "1985-12-10" });
        let request = ask_with(Method::POST, &format!("/api/vapi/tools/{tool}"), direct("c1", "t1", &proof));
        let answer = server.send(with(request, "x-vapi-secret", "cedar's own secret of vapi")).await;
        assert_eq!(answer.json["result"]["success"], false, "{}", answer.text);
        assert!(answer.json["result"]["message"].as_str().unwrap().starts_with("I could not find that visit."));
    }
}
