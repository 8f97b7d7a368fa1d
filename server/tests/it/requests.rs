//! What a channel may not book, or only ask for, over REST.

use http::Method;
use serde_json::{Value, json};
use services::testing::World;
use sqlx::PgPool;

use crate::support::{ADMIN_KEY, Session, TestServer, ada, ask_with, with, with_cedar};

const TWO_PM: &str = "2026-11-24T19:00:00Z";
const THREE_PM: &str = "2026-11-24T20:00:00Z";

/// A clinic whose staff approve what is booked on the web.
async fn careful(pool: PgPool) -> (TestServer, World) {
    let (server, cedar) = with_cedar(pool).await;
    cedar.run("update appointment_types set web_mode = 'request'", &[]).await;
    (server, cedar)
}

/// A visit asked for.
async fn asked_for(visitor: &Session<'_>, starts_at: &str) -> Value {
    let hold = visitor.hold(&visitor.slot_at(starts_at).await).await;
    let asked = visitor.confirm(&hold, ada()).await;
    assert_eq!((asked.status, &asked.json["appointment"]["status"]), (201, &json!("pending")), "{}", asked.text);
    asked.json["appointment"].clone()
}

fn path(visit: &Value, what: &str) -> String {
    format!("appointments/{}/{what}", visit["id"].as_str().unwrap())
}

async fn told(visitor: &Session<'_>) -> Vec<String> {
    let events = visitor.read("push-events").await;
    let events = events.json["events"].as_array().unwrap().clone();
    events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

async fn history(server: &TestServer) -> Vec<(String, String, String)> {
    sqlx::query_as("select kind, actor, channel from events where kind <> 'SlotOpened' order by event_id")
        .fetch_all(&server.pool)
        .await
        .unwrap()
}

fn lines(history: &[(String, String, String)]) -> Vec<(&str, &str, &str)> {
    history.iter().map(|(kind, actor, channel)| (kind.as_str(), actor.as_str(), channel.as_str())).collect()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_the_web_may_not_book_is_forbidden_there_and_open_to_a_program(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    let (visitor, program) = (server.session_with(cedar.clinic).await, server.program(cedar.clinic));
    let shown = visitor.free_slot().await;
    cedar.run("update appointment_types set web_mode = 'off'", &[]).await;

    let tuesday = "appointment_type=haircut&from=2026-11-24&to=2026-11-24";
    visitor.get(&format!("availability?{tuesday}")).await.assert_problem(403, "forbidden");
    visitor.get("availability?appointment_type=haircut&days=3").await.assert_problem(403, "forbidden");
    let asked = format!("availability/explain?appointment_type=haircut&at={TWO_PM}");
    visitor.get(&asked).await.assert_problem(403, "forbidden");
    visitor.hold(&shown).await.assert_problem(403, "forbidden");

    assert_eq!(program.get(&format!("availability?{tuesday}")).await.status, 200);
    assert_eq!(program.get(&asked).await.json["offered"], true);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_a_program_may_not_book_is_forbidden_to_it(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    cedar.run("update appointment_types set api_mode = 'off'", &[]).await;
    let program = server.program(cedar.clinic);
    let tuesday = "availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24";
    program.get(tuesday).await.assert_problem(403, "forbidden");
    assert!(!server.session_with(cedar.clinic).await.slots().await.is_empty());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_request_is_approved_once_and_its_chat_told(pool: PgPool) {
    let (server, cedar) = careful(pool).await;
    let (visitor, program) = (server.session_with(cedar.clinic).await, server.program(cedar.clinic));
    let visit = asked_for(&visitor, TWO_PM).await;
    assert_eq!(told(&visitor).await, ["BookingRequested"]);
    assert!(visitor.slots().await.iter().all(|slot| slot["starts_at"] != TWO_PM), "nobody else gets it meanwhile");

    let approved = program.post(&path(&visit, "approve"), json!({})).await;
    assert_eq!((approved.status, &approved.json["appointment"]["status"]), (200, &json!("booked")));
    assert_eq!(program.post(&path(&visit, "approve"), json!({})).await.status, 200);

    assert_eq!(told(&visitor).await, ["BookingRequested", "BookingCreated"]);
    assert_eq!(
        lines(&history(&server).await),
        [("BookingRequested", "patient", "web"), ("BookingCreated", "member", "api")],
        "not the patient approves it"
    );
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_request_is_declined_once_and_its_time_is_free(pool: PgPool) {
    let (server, cedar) = careful(pool).await;
    let (visitor, program) = (server.session_with(cedar.clinic).await, server.program(cedar.clinic));
    let visit = asked_for(&visitor, TWO_PM).await;

    let declined = program.post(&path(&visit, "decline"), json!({ "reason": "Fully booked" })).await;

    assert_eq!((declined.status, &declined.json["appointment"]["status"]), (200, &json!("cancelled")));
    assert_eq!(told(&visitor).await, ["BookingRequested", "BookingCancelled"]);
    assert_eq!(lines(&history(&server).await)[1], ("BookingCancelled", "member", "api"));
    visitor.slot_at(TWO_PM).await;
    program.post(&path(&visit, "decline"), json!({})).await.assert_problem(409, "already_cancelled");
    program.post(&path(&visit, "approve"), json!({})).await.assert_problem(409, "already_cancelled");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_booked_is_not_declined(pool: PgPool) {
    let (server, cedar) = careful(pool).await;
    let (visitor, program) = (server.session_with(cedar.clinic).await, server.program(cedar.clinic));
    let visit = asked_for(&visitor, TWO_PM).await;
    program.post(&path(&visit, "approve"), json!({})).await;
    program.post(&path(&visit, "decline"), json!({})).await.assert_problem(422, "invalid");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_the_clinic_decides_and_only_about_its_own(pool: PgPool) {
    let (server, cedar) = careful(pool).await;
    let visitor = server.session_with(cedar.clinic).await;
    let visit = asked_for(&visitor, TWO_PM).await;
    for what in ["approve", "decline"] {
        visitor.post(&path(&visit, what), json!({})).await.assert_problem(403, "forbidden");
        let bloom = server.program(services::demo::BLOOM);
        bloom.post(&path(&visit, what), json!({})).await.assert_problem(404, "not_found");
        let unknown = json!({ "id": "00000000-0000-4000-a000-000000000009" });
        server.program(cedar.clinic).post(&path(&unknown, what), json!({})).await.assert_problem(404, "not_found");
    }
    assert_eq!(told(&visitor).await, ["BookingRequested"]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_decision_under_a_key_is_taken_once(pool: PgPool) {
    let (server, cedar) = careful(pool).await;
    let (visitor, program) = (server.session_with(cedar.clinic).await, server.program(cedar.clinic));
    let visit = asked_for(&visitor, TWO_PM).await;
    let first = program.post_once(&path(&visit, "decline"), json!({}), "k").await;
    let again = program.post_once(&path(&visit, "decline"), json!({}), "k").await;
    assert_eq!((first.status, &first.json), (again.status, &again.json));
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_visit_moved_on_the_web_is_asked_for_again(pool: PgPool) {
    let (server, cedar) = careful(pool).await;
    let (visitor, program) = (server.session_with(cedar.clinic).await, server.program(cedar.clinic));
    let visit = asked_for(&visitor, TWO_PM).await;
    program.post(&path(&visit, "approve"), json!({})).await;

    let slot = visitor.slot_at(THREE_PM).await;
    let moved = visitor.post(&path(&visit, "reschedule"), json!({ "slot": slot["slot"] })).await;

    assert_eq!((moved.status, &moved.json["appointment"]["status"]), (200, &json!("pending")), "{}", moved.text);
    assert_eq!(moved.json["replaces"]["starts_at"], TWO_PM);
    visitor.slot_at(TWO_PM).await;
    let offered = program.get("availability?appointment_type=haircut&from=2026-11-25&to=2026-11-25").await;
    let slot = json!({ "slot": offered.json["slots"][0]["slot"] });
    program.post(&path(&visit, "approve"), json!({})).await;
    let moved = program.post(&path(&visit, "reschedule"), slot).await;
    assert_eq!(moved.json["appointment"]["status"], "booked", "a program books at once");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_page_of_a_request_does_not_say_booked(pool: PgPool) {
    let (server, cedar) = careful(pool).await;
    let visit = asked_for(&server.session_with(cedar.clinic).await, TWO_PM).await;
    let token = server.services.visits.sign(cedar.clinic, visit["id"].as_str().unwrap().parse().unwrap());
    let page = server.get(&format!("/m/{token}")).await;
    assert!(page.text.contains("You have asked for this time"), "{}", page.text);
    assert!(!page.text.contains("Your visit is booked"));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_text_about_a_request_is_taken_for_sending_unless_it_cannot_be_sent(pool: PgPool) {
    let (server, cedar) = careful(pool).await;
    let visitor = server.session_with(cedar.clinic).await;
    let hold = visitor.hold(&visitor.slot_at(TWO_PM).await).await;
    assert_eq!(visitor.confirm(&hold, ada()).await.json["sms_status"], "failed_but_booked", "there is no account");
    let account = json!({ "account_sid": format!("AC{}", "c".repeat(32)), "auth_token": "c".repeat(32),
                          "phone_number": "+15550108888" });
    let request = ask_with(Method::PATCH, &format!("/api/v1/clinics/{}", cedar.clinic), json!({ "twilio": account }));
    assert_eq!(server.send(with(request, "x-admin-key", ADMIN_KEY)).await.status, 200);
    let hold = visitor.hold(&visitor.slot_at(THREE_PM).await).await;
    let asked = visitor.confirm(&hold, ada()).await;
    assert_eq!(
        (&asked.json["appointment"]["status"], &asked.json["sms_status"]),
        (&json!("pending"), &json!("queued"))
    );
}
