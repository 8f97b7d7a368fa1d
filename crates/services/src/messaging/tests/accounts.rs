//! By which account a text leaves, and where it is looked for.

use chrono::Duration;
use serde_json::{Value, json};
use sqlx::PgPool;
use wiremock::matchers::{method, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::support::*;
use crate::MIGRATOR;
use crate::clinics::settings::{ApiKey, TwilioAccount};

const NUMBER: &str = "+15550100000";

/// A server that fails after it may have taken the text; the text, and the
/// words of it.
async fn lost(pool: PgPool) -> (MockServer, Desk, uuid::Uuid, String) {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    let desk = desk_with(pool, &server).await;
    desk.book(TWO_PM).await;
    let text = desk.text().await.id;
    desk.send(text).await;
    let body = desk.text().await.body.unwrap();
    (server, desk, text, body)
}

fn page(texts: &[Value], next: Option<&str>) -> ResponseTemplate {
    let next = next.map(|token| format!("/2010-04-01/Accounts/AC{}/Messages.json?Page={token}", "a".repeat(32)));
    ResponseTemplate::new(200).set_body_json(json!({ "messages": texts, "next_page_uri": next }))
}

/// How often Twilio was asked what it has.
async fn looks(server: &MockServer) -> usize {
    let requests = server.received_requests().await.unwrap();
    requests.iter().filter(|request| request.method.as_str() == "GET").count()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_may_have_left_by_one_account_is_not_sent_again_by_another(pool: PgPool) {
    let (server, desk, text, _) = lost(pool).await;
    Mock::given(method("GET")).respond_with(page(&[], None)).mount(&server).await;
    desk.give_account('b', "+15550199999").await;
    desk.world.wait(Duration::minutes(5));
    desk.send(text).await;
    assert_eq!(desk.fates().await, [fate("confirmation", "failed", Some("unanswered"))]);
    desk.world.wait(Duration::minutes(5));
    desk.send_all().await;
    assert_eq!((asked(&server).await.len(), looks(&server).await), (1, 0));
    assert_eq!(desk.tasks().await[0].0, "message_failed");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_that_still_waits_at_the_provider_is_found_on_whichever_page(pool: PgPool) {
    let (server, desk, text, body) = lost(pool).await;
    let created = desk.world.now().to_rfc2822();
    let other = json!({ "sid": "SMother", "status": "delivered", "body": "Something else", "date_created": created });
    let waits = json!({ "sid": "SMwaits", "status": "queued", "body": body, "date_created": created,
                        "date_sent": null });
    Mock::given(method("GET"))
        .and(query_param("To", ADA))
        // What waits has no date of sending, so whoever asks for one is not told of it.
        .and(query_param_is_missing("DateSent>"))
        .respond_with(page(&[other], Some("2")))
        .mount(&server)
        .await;
    Mock::given(method("GET")).and(query_param("Page", "2")).respond_with(page(&[waits], None)).mount(&server).await;
    desk.world.wait(Duration::seconds(70));
    desk.send(text).await;
    assert_eq!(desk.text().await.status, "sent");
    assert_eq!(looks(&server).await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_more_texts_than_are_looked_through_none_is_said_to_be_missing(pool: PgPool) {
    let (server, desk, text, _) = lost(pool).await;
    Mock::given(method("GET")).respond_with(page(&[], Some("again"))).mount(&server).await;
    desk.world.wait(Duration::minutes(5));
    desk.send(text).await;
    assert_eq!(desk.text().await.status, "unknown");
    assert_eq!((asked(&server).await.len(), looks(&server).await), (1, 5));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_leaves_by_the_messaging_service_where_there_is_one(pool: PgPool) {
    let twilio = taking().await;
    let desk = desk_with(pool, &twilio).await;
    let service = format!("MG{}", "b".repeat(32));
    desk.use_account(&TwilioAccount { messaging_service_sid: Some(service.clone()), ..account('a', NUMBER) }).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let asked = asked(&twilio).await;
    assert_eq!((field(&asked[0], "MessagingServiceSid"), field(&asked[0], "From")), (service.as_str(), ""));
}

/// An account that is asked by a key: `SKkk…` and `a secret of the key`.
pub fn by_key(account: TwilioAccount) -> TwilioAccount {
    let key = ApiKey { sid: format!("SK{}", "k".repeat(32)), secret: "a secret of the key".into() };
    TwilioAccount { api_key: Some(Some(key)), ..account }
}

/// What `SKkk…` and its secret make in a header.
pub const BY_KEY: &str = "Basic U0tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2trazphIHNlY3JldCBvZiB0aGUga2V5";

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_leaves_and_is_looked_for_by_the_api_key_where_there_is_one(pool: PgPool) {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    Mock::given(method("GET")).respond_with(page(&[], None)).mount(&server).await;
    let desk = desk_with(pool, &server).await;
    desk.use_account(&by_key(account('a', NUMBER))).await;
    desk.book(TWO_PM).await;
    desk.send(desk.text().await.id).await;
    desk.world.wait(Duration::seconds(70));
    desk.send(desk.text().await.id).await;
    let requests = server.received_requests().await.unwrap();
    let path = format!("/2010-04-01/Accounts/AC{}/Messages.json", "a".repeat(32));
    for request in &requests {
        assert_eq!((request.url.path(), request.headers["authorization"].to_str().unwrap()), (path.as_str(), BY_KEY));
    }
    assert_eq!(requests.len(), 2);
}
