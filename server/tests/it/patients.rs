//! Who a visit is booked for: everything people type, and some they would not.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{TestServer, ada, page};
use crate::{console, sign_in};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_cannot_be_a_patient_is_named_field_by_field_and_not_stored(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let email = "ada@example.com";
    let cases: [(Value, &[&str]); 14] = [
        (json!({ "name": "a".repeat(10_000), "email": email }), &["patient.name"]),
        (json!({ "name": "a".repeat(201), "email": email }), &["patient.name"]),
        (json!({ "name": "🙂🙂", "email": email }), &["patient.name"]),
        (json!({ "name": "", "email": email }), &["patient.name"]),
        (json!({ "name": " \n\t ", "email": email }), &["patient.name"]),
        (json!({ "name": "\u{202E}\u{2066}", "email": email }), &["patient.name"]),
        (json!({ "name": "Ada", "phone": "555-1234", "email": email }), &["patient.phone"]),
        (json!({ "name": "Ada", "phone": "+1 055 123 4567" }), &["patient.phone"]),
        (json!({ "name": "Ada", "phone": "call me" }), &["patient.phone"]),
        (json!({ "name": "Ada", "email": "ada@localhost" }), &["patient.email"]),
        (json!({ "name": "Ada", "email": "ada@exa mple.com" }), &["patient.email"]),
        (json!({ "name": "Ada" }), &["patient.phone"]),
        (json!({ "name": "Ada", "phone": " ", "email": "" }), &["patient.phone"]),
        (json!({ "name": "🙂", "phone": "12", "email": "nope" }), &["patient.name", "patient.phone", "patient.email"]),
    ];
    for (patient, fields) in cases {
        let refused = visitor.confirm(&hold, patient.clone()).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.wrong_fields(), fields, "{patient}");
    }
    for wrong_shape in [json!(null), json!("Ada"), json!({ "email": email }), json!({ "name": 7, "email": email })] {
        visitor.confirm(&hold, wrong_shape).await.assert_problem(422, "invalid");
    }

    assert_eq!((server.count("patients").await, server.count("appointments").await), (0, 0));
    let booked = visitor.confirm(&hold, ada()).await;
    assert_eq!(booked.status, 201, "the hold is still good: {}", booked.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn names_of_every_script_are_kept_as_they_are(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for name in ["محمد علي", "אביגיל כהן", "李小龍", "Zoë O’Neil-D'Arcy 🙂", "Robert'); drop table patients;--", "%s{}"]
    {
        let visitor = server.session().await;
        let hold = visitor.hold(&visitor.free_slot().await).await;
        let booked = visitor.confirm(&hold, json!({ "name": name, "phone": "(555) 123-4567" })).await;
        assert_eq!(booked.status, 201, "{}", booked.text);
        assert_eq!(booked.json["appointment"]["patient"]["name"], name);
        assert_eq!(booked.json["appointment"]["patient"]["phone"], "+15551234567");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_name_cannot_turn_the_direction_of_what_stands_beside_it(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let patient = json!({ "name": "\u{202E}Ada\u{0} Love\u{7}lace\u{2069}", "email": "Ada@Example.COM" });
    let booked = visitor.confirm(&hold, patient).await;
    assert_eq!(booked.json["appointment"]["patient"]["name"], "Ada Lovelace", "{}", booked.text);
    assert_eq!(booked.json["appointment"]["patient"]["email"], "ada@example.com");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_script_for_a_name_is_only_a_name_to_staff(pool: PgPool) {
    const SCRIPT: &str = "</title></style><script>alert(1)</script>";
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let today = visitor.get("availability?appointment_type=haircut&from=2026-11-20&to=2026-11-20").await;
    let hold = visitor.hold(&today.json["slots"][0]).await;
    let wanted = json!({
        "hold_id": hold.json["hold_id"], "note": format!("{SCRIPT}\"'>"),
        "patient": { "name": SCRIPT, "email": "ada@example.com" },
    });
    let booked = visitor.post("appointments/confirm", wanted).await;
    assert_eq!(booked.json["appointment"]["patient"]["name"], SCRIPT, "{}", booked.text);

    let cookie = sign_in::sign_in(&server).await;
    let visit = format!("/console/appointments/{}", booked.json["appointment"]["id"].as_str().unwrap());
    for path in ["/console/today", &visit] {
        let page = server.send(page(path, &cookie)).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("alert(1)"), "{path} shows the name");
        assert!(!page.text.contains("<script>alert"), "{path} runs it");
    }
    let told = console::call(&server, "/fn/appointment_view", Some(&cookie), &visit["/console/appointments/".len()..]);
    assert_eq!(told.await.json["patient"], SCRIPT);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_same_person_twice_is_one_patient(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for name in ["Ada Lovelace", "ada lovelace", "Ada  Lovelace "] {
        let visitor = server.session().await;
        let hold = visitor.hold(&visitor.free_slot().await).await;
        let patient = json!({ "name": name, "phone": "+15551234567", "email": "ada@example.com" });
        assert_eq!(visitor.confirm(&hold, patient).await.status, 201);
    }
    assert_eq!((server.count("patients").await, server.count("appointments").await), (1, 3));
}
