//! The same visit every week, over REST.

use serde_json::{Value, json};
use services::testing::World;
use sqlx::PgPool;

use crate::support::{Answer, Session, TestServer, ada, with_cedar};

const TWO_PM: &str = "2026-11-24T19:00:00Z";

async fn cedar(pool: PgPool) -> (TestServer, World) {
    with_cedar(pool).await
}

fn series_of(hold: &Answer, repeat: Value) -> Value {
    json!({ "hold_id": hold.json["hold_id"], "patient": ada(), "repeat": repeat })
}

async fn hold_at(visitor: &Session<'_>, starts_at: &str) -> Answer {
    visitor.hold(&visitor.slot_at(starts_at).await).await
}

fn locals(answer: &Answer) -> Vec<&str> {
    let visits = answer.json["series"]["appointments"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    visits.iter().map(|visit| visit["local"].as_str().unwrap()).collect()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_series_is_booked_at_its_local_time_and_answers_with_all_of_it(pool: PgPool) {
    let (server, cedar) = cedar(pool).await;
    let visitor = server.session_with(cedar.clinic).await;
    let hold = hold_at(&visitor, "2027-03-09T19:00:00Z").await;

    let booked = visitor.post("appointments/confirm", series_of(&hold, json!({ "count": 3 }))).await;

    assert_eq!(booked.status, 201, "{}", booked.text);
    assert_eq!(locals(&booked), ["2027-03-09T14:00", "2027-03-16T14:00", "2027-03-23T14:00"]);
    assert_eq!(booked.json["appointment"], booked.json["series"]["appointments"][0]);
    assert_eq!(booked.json["confirmation_code"], booked.json["appointment"]["confirmation_code"]);
    assert_eq!(booked.json["series"]["skipped"], json!([]));
    let told = visitor.read("push-events").await;
    assert_eq!(told.json["events"].as_array().unwrap().len(), 3);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_same_hold_again_is_the_same_series(pool: PgPool) {
    let (server, cedar) = cedar(pool).await;
    let visitor = server.session_with(cedar.clinic).await;
    let hold = hold_at(&visitor, TWO_PM).await;
    let wanted = series_of(&hold, json!({ "every_weeks": 2, "count": 4 }));
    let first = visitor.post("appointments/confirm", wanted.clone()).await;
    let again = visitor.post("appointments/confirm", wanted).await;
    assert_eq!((first.status, again.status), (201, 200), "{}", again.text);
    assert_eq!(first.json, again.json);
    assert_eq!(server.count("appointments").await, 4);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_series_that_does_not_fit_names_the_dates_and_books_nothing(pool: PgPool) {
    let (server, cedar) = cedar(pool).await;
    cedar.leave(None, "2026-12-01", "2026-12-01").await;
    let visitor = server.session_with(cedar.clinic).await;
    let hold = hold_at(&visitor, TWO_PM).await;

    let refused = visitor.post("appointments/confirm", series_of(&hold, json!({ "count": 3 }))).await;

    refused.assert_problem(409, "slot_taken");
    assert_eq!(refused.json["errors"], json!([{ "field": "2026-12-01T14:00", "message": "closed" }]));
    assert_eq!((server.count("appointments").await, server.count("patients").await), (0, 0));
    assert_eq!(visitor.confirm(&hold, ada()).await.status, 201, "the first visit can still be had");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn as_many_as_fit_says_what_was_left_out_and_says_it_again_under_a_key(pool: PgPool) {
    let (server, cedar) = cedar(pool).await;
    cedar.leave(None, "2026-12-01", "2026-12-01").await;
    let visitor = server.session_with(cedar.clinic).await;
    let hold = hold_at(&visitor, TWO_PM).await;
    let wanted = series_of(&hold, json!({ "count": 3, "take": "as_many_as_fit" }));

    let booked = visitor.post_once("appointments/confirm", wanted.clone(), "k").await;

    assert_eq!(booked.status, 201, "{}", booked.text);
    assert_eq!(locals(&booked), ["2026-11-24T14:00", "2026-12-08T14:00"]);
    assert_eq!(booked.json["series"]["skipped"], json!([{ "local": "2026-12-01T14:00", "reasons": ["closed"] }]));
    assert_eq!(visitor.post_once("appointments/confirm", wanted, "k").await.json, booked.json);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_repetition_that_makes_no_sense_is_invalid(pool: PgPool) {
    let (server, cedar) = cedar(pool).await;
    let visitor = server.session_with(cedar.clinic).await;
    let hold = hold_at(&visitor, TWO_PM).await;
    for (repeat, field) in [
        (json!({ "count": 1 }), "repeat.count"),
        (json!({ "count": 53 }), "repeat.count"),
        (json!({ "count": -9_223_372_036_854_775_808_i64 }), "repeat.count"),
        (json!({ "count": 4, "every_weeks": 0 }), "repeat.every_weeks"),
        (json!({ "count": 4, "every_weeks": 13 }), "repeat.every_weeks"),
        (json!({ "count": 4.5 }), "body"),
        (json!({ "count": "4" }), "body"),
        (json!({ "count": 4, "take": "what_you_can" }), "body"),
        (json!({ "every_weeks": 1 }), "body"),
        (json!([]), "body"),
        (json!("weekly"), "body"),
    ] {
        let refused = visitor.post("appointments/confirm", series_of(&hold, repeat.clone())).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.wrong_fields(), [field], "{repeat}");
    }
    let once = visitor.post("appointments/confirm", series_of(&hold, Value::Null)).await;
    assert_eq!(once.status, 201, "no repetition is one visit: {}", once.text);
    assert_eq!(server.count("appointments").await, 1);
}
