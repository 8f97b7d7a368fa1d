//! Testing whether a clinic's account at Twilio works.

use serde_json::{Value, json};
use sqlx::PgPool;
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::accounts::{BY_KEY, by_key};
use super::support::*;
use crate::clinics::settings::TwilioAccount;
use crate::{Error, MIGRATOR};

const NUMBER: &str = "+15550100000";

/// Twilio, as far as it is asked about the account.
async fn twilio(status: u16, account: Value, numbers: Value) -> MockServer {
    let server = MockServer::start().await;
    let of_account = format!("/2010-04-01/Accounts/AC{}", "a".repeat(32));
    Mock::given(method("GET"))
        .and(path(format!("{of_account}.json")))
        .respond_with(ResponseTemplate::new(status).set_body_json(account))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path(format!("{of_account}/IncomingPhoneNumbers.json")))
        .and(query_param("PhoneNumber", NUMBER))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "incoming_phone_numbers": numbers })))
        .mount(&server)
        .await;
    server
}

fn active() -> Value {
    json!({ "status": "active" })
}

fn owned() -> Value {
    json!([{ "phone_number": NUMBER }])
}

/// The field that is wrong, and what is said about it; none if all is well.
async fn wrong(desk: &Desk) -> Option<(String, String)> {
    match desk.post.check_sms(desk.world.clinic).await {
        Ok(()) => None,
        Err(Error::Rejected(rejection)) => {
            let error = rejection.errors.into_iter().next().unwrap();
            Some((error.field.to_string(), error.message.to_string()))
        }
        Err(error) => panic!("{error}"),
    }
}

async fn wrong_at(pool: PgPool, server: &MockServer) -> (String, String) {
    wrong(&desk_with(pool, server).await).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_account_that_is_active_and_has_its_number_works(pool: PgPool) {
    let server = twilio(200, active(), owned()).await;
    assert_eq!(wrong(&desk_with(pool, &server).await).await, None);
    let asked = server.received_requests().await.unwrap();
    assert!(asked.iter().all(|request| request.headers.contains_key("authorization")));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn credentials_that_twilio_refuses_are_said_to_be_wrong(pool: PgPool) {
    let server = twilio(401, json!({ "code": 20003, "message": "Authenticate" }), json!([])).await;
    let (field, says) = wrong_at(pool, &server).await;
    assert_eq!(field, "twilio.auth_token");
    assert!(says.contains("does not accept"), "{says}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_account_that_is_suspended_cannot_send(pool: PgPool) {
    let server = twilio(200, json!({ "status": "suspended" }), owned()).await;
    let (field, says) = wrong_at(pool, &server).await;
    assert_eq!(field, "twilio.account_sid");
    assert!(says.contains("suspended"), "{says}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_number_of_somebody_elses_is_named(pool: PgPool) {
    let server = twilio(200, active(), json!([{ "phone_number": "+15550100001" }])).await;
    let (field, says) = wrong_at(pool, &server).await;
    assert_eq!(field, "twilio.phone_number");
    assert!(says.contains(NUMBER), "{says}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_messaging_service_of_somebody_elses_is_named(pool: PgPool) {
    let server = twilio(200, active(), owned()).await;
    let service = format!("MG{}", "b".repeat(32));
    let desk = desk_with(pool, &server).await;
    desk.use_account(&TwilioAccount {
        phone_number: None,
        messaging_service_sid: Some(service.clone()),
        ..account('a', NUMBER)
    })
    .await;
    let (field, says) = wrong(&desk).await.unwrap();
    assert_eq!(field, "twilio.messaging_service_sid");
    assert!(says.contains(&service), "{says}");
    Mock::given(method("GET"))
        .and(path(format!("/v1/Services/{service}")))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "sid": service })))
        .mount(&server)
        .await;
    assert_eq!(wrong(&desk).await, None);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_twilio_that_is_away_is_not_taken_for_a_wrong_account(pool: PgPool) {
    let desk = desk(pool).await;
    assert!(wrong(&desk).await.unwrap().1.contains("no Twilio account"));
    desk.give_account('a', NUMBER).await;
    assert!(wrong(&desk).await.unwrap().1.contains("could not be reached"));
}

/// Most keys may not see the account itself, so it is asked about by its token.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_api_key_is_tried_where_keys_may_ask(pool: PgPool) {
    let server = twilio(200, active(), owned()).await;
    let desk = desk_with(pool, &server).await;
    desk.use_account(&by_key(account('a', NUMBER))).await;
    assert_eq!(wrong(&desk).await, None);
    let asked = server.received_requests().await.unwrap();
    let by = |at: usize| asked[at].headers["authorization"].to_str().unwrap();
    assert_eq!((asked.len(), by(0) == BY_KEY, by(1)), (2, false, BY_KEY));

    server.reset().await;
    Mock::given(path(format!("/2010-04-01/Accounts/AC{}.json", "a".repeat(32))))
        .respond_with(ResponseTemplate::new(200).set_body_json(active()))
        .mount(&server)
        .await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(401)).with_priority(9).mount(&server).await;
    let (field, says) = wrong(&desk).await.unwrap();
    assert_eq!(field, "twilio.api_key.sid");
    assert!(says.contains("this API key"), "{says}");
}
