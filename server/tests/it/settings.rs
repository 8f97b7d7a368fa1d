//! Clinics, made and set by key.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{ADMIN_KEY, Answer, TestServer, ask, ask_with, with};

async fn send(server: &TestServer, method: Method, path: &str, body: Option<Value>) -> Answer {
    let path = format!("/api/v1{path}");
    let request = match body {
        Some(body) => ask_with(method, &path, body),
        None => ask(method, &path),
    };
    server.send(with(request, "x-admin-key", ADMIN_KEY)).await
}

fn cedar() -> Value {
    json!({ "name": "Cedar Clinic", "slug": "cedar", "time_zone": "Europe/Lisbon", "country": "PT", "phone": "912 345 678" })
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_is_made_listed_and_set(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let made = send(&server, Method::POST, "/clinics", Some(cedar())).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json["phone"], "+351912345678");
    let path = format!("/clinics/{}", made.text_of("id"));

    let listed = send(&server, Method::GET, "/clinics", None).await;
    let slugs: Vec<_> =
        listed.json["clinics"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs.len(), 2, "{slugs:?}");

    let set = send(
        &server,
        Method::PATCH,
        &path,
        Some(json!({ "greeting": "Bom dia.", "address": "Rua 1", "hold_minutes": 10 })),
    )
    .await;
    assert_eq!((set.status, set.json["greeting"].as_str()), (200, Some("Bom dia.")), "{}", set.text);
    let cleared = send(&server, Method::PATCH, &path, Some(json!({ "address": null }))).await;
    assert_eq!((cleared.json["address"].is_null(), cleared.json["hold_minutes"].as_i64()), (true, Some(10)));
    let config = server.get("/api/v1/config?clinic=cedar").await;
    assert_eq!(config.json["greeting"], "Bom dia.");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn secrets_are_written_and_never_read_back(pool: PgPool) {
    let server = TestServer::new(pool.clone()).await;
    let made = send(&server, Method::POST, "/clinics", Some(cedar())).await;
    let path = format!("/clinics/{}", made.text_of("id"));
    assert_eq!(made.json["twilio"], json!({ "configured": false }));
    let (token, secret) = ("0123456789abcdef0123456789abcdef", "a shared secret of vapi's");
    let accounts = json!({
        "twilio": { "account_sid": format!("AC{token}"), "auth_token": token, "phone_number": "+351912345678",
                    "api_key": { "sid": format!("SK{token}"), "secret": "a secret of the API key" } },
        "vapi": { "secret": secret },
        "smtp": { "host": "mail.example.com", "port": 587, "username": "desk", "password": "a password of the mail server",
                  "from_address": "desk@example.com" },
    });
    let set = send(&server, Method::PATCH, &path, Some(accounts.clone())).await;
    assert_eq!(
        (set.json["twilio"]["configured"].as_bool(), set.json["twilio"]["last_four"].as_str()),
        (Some(true), Some("cdef")),
        "{}",
        set.text
    );
    assert_eq!(set.json["smtp"]["last_four"], "rver");
    assert_eq!(set.json["twilio"]["api_key"], json!({ "configured": true, "last_four": " key" }));
    assert!(set.json["smtp"].get("api_key").is_none(), "{}", set.text);
    for text in [set.text, send(&server, Method::GET, &path, None).await.text] {
        assert!(!text.contains(token) && !text.contains(secret) && !text.contains("a password of"), "{text}");
        assert!(!text.contains("a secret of the API"), "{text}");
    }
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select sealed from credentials").fetch_all(&pool).await.unwrap();
    assert_eq!(stored.len(), 3);
    assert!(stored.iter().all(|sealed| !String::from_utf8_lossy(sealed).contains(token)));

    let account = |letter: &str| {
        json!({ "account_sid": format!("AC{}", token.replace('0', letter)), "auth_token": token,
                "phone_number": "+351912345678" })
    };
    let mut by_token = account("0");
    by_token["api_key"] = Value::Null;
    for (twilio, key) in [
        (account("0"), json!({ "configured": true, "last_four": " key" })),
        (by_token, Value::Null),
        (accounts["twilio"].clone(), json!({ "configured": true, "last_four": " key" })),
        (account("f"), Value::Null),
    ] {
        let set = send(&server, Method::PATCH, &path, Some(json!({ "twilio": twilio }))).await;
        assert_eq!(set.json["twilio"]["api_key"], key, "{}", set.text);
    }
    let forgotten = send(&server, Method::PATCH, &path, Some(json!({ "twilio": null }))).await;
    assert_eq!(forgotten.json["twilio"], json!({ "configured": false }));
    assert_eq!(forgotten.json["vapi"]["configured"], true);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_wrong_is_said_by_field(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let empty = send(&server, Method::POST, "/clinics", Some(json!({}))).await;
    empty.assert_problem(422, "invalid");
    assert_eq!(empty.json["errors"].as_array().map(Vec::len), Some(3), "{}", empty.text);
    let taken =
        send(&server, Method::POST, "/clinics", Some(json!({ "name": "B", "slug": "bloom", "time_zone": "UTC" })))
            .await;
    assert_eq!(taken.json["errors"][0]["field"], "slug", "{}", taken.text);

    let path = format!("/clinics/{}", services::demo::BLOOM);
    for (field, value) in [
        ("name", json!("")),
        ("slug", json!("Not A Slug")),
        ("time_zone", json!("Mars/Olympus")),
        ("country", json!("Narnia")),
        ("currency", json!("dollars")),
        ("languages", json!(["tlh"])),
        ("accent", json!("blue")),
        ("allowed_origins", json!(["https://a.example/path"])),
        ("hold_minutes", json!(0)),
        ("email", json!("nobody")),
        ("phone", json!("12")),
    ] {
        let refused = send(&server, Method::PATCH, &path, Some(json!({ field: value }))).await;
        refused.assert_problem(422, "invalid");
        assert_eq!(refused.json["errors"][0]["field"], field, "{}", refused.text);
    }
    send(&server, Method::PATCH, &path, Some(json!({ "nonsense": 1 }))).await.assert_problem(422, "invalid");
    let odd =
        send(&server, Method::PATCH, &path, Some(json!({ "twilio": { "account_sid": "x", "auth_token": "y" } }))).await;
    let fields: Vec<_> =
        odd.json["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["twilio.account_sid", "twilio.auth_token", "twilio.phone_number"]);
    let account = json!({ "account_sid": format!("AC{}", "0".repeat(32)), "auth_token": "0".repeat(32),
                          "phone_number": "+15550100000", "api_key": { "sid": "AC1", "secret": "short" } });
    let refused = send(&server, Method::PATCH, &path, Some(json!({ "twilio": account }))).await;
    assert_eq!(refused.wrong_fields(), ["twilio.api_key.sid", "twilio.api_key.secret"]);
    let open = json!({ "host": "mail.example.com", "port": 25, "security": "none", "from_address": "desk" });
    let refused = send(&server, Method::PATCH, &path, Some(json!({ "smtp": open }))).await;
    assert_eq!(refused.wrong_fields(), ["smtp.security", "smtp.from_address"]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_new_time_zone_strands_nobody(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let slots = visitor.get("availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24&limit=1").await;
    let hold = visitor.hold(&slots.json["slots"][0]).await;
    assert_eq!(visitor.confirm(&hold, crate::support::ada()).await.status, 201);

    let path = format!("/clinics/{}", services::demo::BLOOM);
    let moved = send(&server, Method::PATCH, &path, Some(json!({ "time_zone": "Asia/Tokyo" }))).await;
    moved.assert_problem(422, "invalid");
    assert!(moved.json["errors"][0]["field"].as_str().unwrap().starts_with("plan."), "{}", moved.text);
    let kept = send(&server, Method::GET, &path, None).await;
    assert_eq!(kept.json["time_zone"], "America/New_York");
}
