//! What is told about e-mail and texts over the API.

use axum::body::Body;
use http::{Method, Request};
use serde_json::json;
use services::demo::BLOOM;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{ADMIN_KEY, Answer, TestServer, ask, ask_with, with};

/// A clinic that mailed a patient about a visit, as its rows say.
async fn mailed(pool: PgPool) -> (TestServer, Uuid, String) {
    let server = TestServer::new(pool).await;
    let visitor = server.session().await;
    let visit = visitor.book().await["id"].as_str().unwrap().to_owned();
    let mail = sqlx::query_scalar(
        "update outbox set status = 'sent', provider = 'smtp', sent_at = now() where channel = 'email' returning outbox_id",
    );
    let mail: Uuid = mail.fetch_one(&server.pool).await.unwrap();
    (server, mail, visit)
}

async fn post(server: &TestServer, kind: &str, body: String) -> Answer {
    let path = format!("/api/v1/clinics/{BLOOM}/email/bounces");
    let request = Request::post(path).header("content-type", kind).body(Body::from(body)).unwrap();
    server.send(with(request, "x-admin-key", ADMIN_KEY)).await
}

async fn status(server: &TestServer, mail: Uuid) -> String {
    sqlx::query_scalar("select status from outbox where outbox_id = $1")
        .bind(mail)
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_report_that_e_mail_came_back_is_taken(pool: PgPool) {
    let (server, mail, _) = mailed(pool).await;
    let report = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; ada@example.com\r\nAction: failed\r\n\
         Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 gone\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         Message-ID: <{mail}@bloom.example>\r\n\r\n--b--\r\n"
    );
    let kind = "multipart/report; report-type=delivery-status; boundary=b";
    let told = post(&server, kind, report).await;
    assert_eq!((told.status, told.json["came_back"].as_u64()), (200, Some(1)), "{}", told.text);
    assert_eq!(status(&server, mail).await, "undelivered");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_providers_own_words_are_taken_as_json(pool: PgPool) {
    let (server, mail, _) = mailed(pool).await;
    let told = |id: &str, status: &str| json!({ "message_id": id, "status": status, "diagnostic": "550" }).to_string();
    let own = format!("<{mail}@bloom.example>");
    post(&server, "application/json", told(&own, "2.0.0")).await.assert_problem(422, "invalid");
    post(&server, "application/json", "{".into()).await.assert_problem(400, "malformed");
    post(&server, "text/plain", "Hello".into()).await.assert_problem(415, "unsupported_media_type");
    post(&server, "multipart/report", "Hello".into()).await.assert_problem(400, "malformed");
    post(&server, "application/json", told("7@x.example", "5.1.1")).await.assert_problem(404, "not_found");
    assert_eq!(status(&server, mail).await, "sent");
    let told = post(&server, "application/json", told(&own, "5.2.1")).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(status(&server, mail).await, "undelivered");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_a_patient_was_written_about_a_visit_can_be_asked_for(pool: PgPool) {
    let (server, mail, visit) = mailed(pool).await;
    let path = format!("/api/v1/clinics/{BLOOM}/appointments/{visit}/messages");
    let told = server.send(with(ask(Method::GET, &path), "x-admin-key", ADMIN_KEY)).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let messages = told.json["messages"].as_array().unwrap();
    let mailed = messages.iter().find(|message| message["id"] == json!(mail)).unwrap();
    assert_eq!((&mailed["kind"], &mailed["channel"]), (&json!("confirmation"), &json!("email")));
    let steps: Vec<_> = mailed["steps"].as_array().unwrap().iter().map(|step| step["status"].clone()).collect();
    assert_eq!(steps, [json!("queued"), json!("sent")]);
    let nowhere = path.replace(&visit, "00000000-0000-4000-a000-000000000009");
    let nothing = server.send(with(ask(Method::GET, &nowhere), "x-admin-key", ADMIN_KEY)).await;
    nothing.assert_problem(404, "not_found");
    let public = server.send(ask_with(Method::GET, &path, json!({}))).await;
    public.assert_problem(401, "unauthenticated");
}
