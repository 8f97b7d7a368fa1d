//! Connecting a clinic's telephone from the console, and who may.

use http::Method;
use serde_json::json;
use services::demo::BLOOM;
use services::feed::{Signal, Topic};
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{Answer, TestServer, ask_with, form, page, with};
use crate::vapi::webhook;

const SECRET: &str = "a secret typed into the console";

async fn send(server: &TestServer, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    server.send(with(form("/fn/save_settings", fields), "cookie", cookie)).await
}

async fn calls_are_taken(server: &TestServer) -> bool {
    let request = ask_with(Method::POST, &webhook(BLOOM), json!({ "message": { "type": "hang" } }));
    server.send(with(request, "x-vapi-secret", SECRET)).await.status == 200
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_secret_is_set_used_and_never_shown(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let look = async || server.send(page("/console/settings/telephone", &cookie)).await.text;
    let before = look().await;
    assert!(before.contains(&format!("http://127.0.0.1:3000/vapi/{BLOOM}/webhook")), "{before}");
    assert!(before.contains("Not connected") && !before.contains("Disconnect"));

    let set = [("what", "vapi_secret"), ("form[vapi.secret]", SECRET)];
    let saved = send(&server, &cookie, &set).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let after = look().await;
    assert!(after.contains("The secret ends in sole.") && !after.contains(SECRET), "{after}");
    assert!(calls_are_taken(&server).await);

    let short = send(&server, &cookie, &[("what", "vapi_secret"), ("form[vapi.secret]", "short")]).await;
    assert_eq!(short.status, 422, "{}", short.text);
    assert!(short.text.contains("16 to 200 plain characters"), "{}", short.text);
    assert!(calls_are_taken(&server).await);

    let signed = [
        ("what", "vapi_hmac"),
        ("form[vapi.hmac.secret]", "a key that both sides know"),
        ("form[vapi.hmac.algorithm]", "sha512"),
        ("form[vapi.hmac.include_timestamp]", "on"),
        ("form[vapi.hmac.payload_format]", "{timestamp}.{body}"),
    ];
    let saved = send(&server, &cookie, &signed).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    assert!(look().await.contains("The secret ends in know."));
    assert!(!calls_are_taken(&server).await, "the secret is no longer the clinic's");
    let odd = [&signed[..4], &[("form[vapi.hmac.payload_format]", "{timestamp}")]].concat();
    assert_eq!(send(&server, &cookie, &odd).await.status, 422);

    // Without JavaScript the browser goes back to the page.
    let request =
        with(with(form("/fn/save_settings", &[("what", "vapi_forget")]), "cookie", &cookie), "accept", "text/html");
    let back = server.send(request).await;
    assert_eq!((back.status, back.header("location")), (302, "/console/settings/telephone?saved=yes"), "{}", back.text);
    assert!(look().await.contains("Not connected"));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_who_manages_the_clinic_connects_it(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    for (role, may) in [("viewer", false), ("front_desk", false), ("manager", true), ("owner", true)] {
        sqlx::query("update members set role = $1").bind(role).execute(&server.pool).await.unwrap();
        for what in ["vapi_secret", "vapi_hmac", "vapi_forget"] {
            let answer = send(&server, &cookie, &[("what", what)]).await;
            assert_eq!(answer.status != 403, may, "{role} {what}: {} {}", answer.status, answer.text);
        }
        let page = server.send(page("/console/settings/telephone", &cookie)).await;
        assert_eq!((page.status, page.text.contains("vapi.hmac.secret")), (200, may), "{role}");
    }
    let stranger = send(&server, "", &[("what", "vapi_secret"), ("form[vapi.secret]", SECRET)]).await;
    assert_eq!(stranger.status, 401, "{}", stranger.text);
    assert!(!calls_are_taken(&server).await);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_question_asked_by_phone_waits_in_the_console(pool: PgPool) {
    let server = crate::vapi::with_vapi(pool).await;
    let cookie = sign_in(&server).await;
    let mut console = server.services.feed.subscribe(Topic::Clinic(BLOOM));
    let question =
        json!({ "message": "Is there <b>parking</b>?", "patientName": "Ada", "patientPhone": "+15551234567" });
    crate::vapi::tell(&server, crate::vapi::envelope("c1", "t1", "createInquiry", &question)).await;
    let told = tokio::time::timeout(std::time::Duration::from_secs(5), async {
        while console.recv().await.unwrap() != Signal::Resync {}
    });
    assert!(told.await.is_ok(), "whoever looks at the queue sees it at once");
    let today = server.send(page("/console/today", &cookie)).await.text;
    assert!(today.contains("Question") && today.contains("Ada, +15551234567"), "{today}");
    assert!(!today.contains("<b>parking"));
    let tasks = server.program(BLOOM).get("tasks").await;
    let task = &tasks.json["tasks"][0];
    assert_eq!((&task["kind"], &task["appointment_id"]), (&json!("inquiry"), &json!(null)), "{}", tasks.text);
    let done = form("/fn/finish_task", &[("id", task["id"].as_str().unwrap())]);
    assert_eq!(server.send(with(done, "cookie", &cookie)).await.status, 200);
    assert_eq!(server.program(BLOOM).get("tasks").await.json["tasks"], json!([]));
}
