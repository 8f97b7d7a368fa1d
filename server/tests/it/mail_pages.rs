//! Setting the mail server from the console.

use serde_json::Value;
use services::clinics::smtp::SmtpAccount;
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{Answer, TestServer, form, page, with};

const FORM: [(&str, &str); 8] = [
    ("what", "smtp"),
    ("form[smtp.host]", "127.0.0.1"),
    ("form[smtp.port]", "9"),
    ("form[smtp.security]", "none"),
    ("form[smtp.username]", "desk"),
    ("form[smtp.password]", "a password of the mail server"),
    ("form[smtp.from_address]", "desk@example.com"),
    ("form[smtp.from_name]", ""),
];

/// The form with another value in one of its fields.
fn but(field: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    FORM.iter().map(|(name, known)| if *name == field { (*name, value) } else { (*name, *known) }).collect()
}

async fn save(server: &TestServer, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    server.send(with(form("/fn/save_settings", fields), "cookie", cookie)).await
}

async fn kept(server: &TestServer) -> Option<SmtpAccount> {
    let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
    server.services.vault.as_ref().unwrap().get(&mut tx, "smtp").await.unwrap()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_manager_sets_a_mail_server_and_its_password_is_never_shown(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let before = server.send(page("/console/settings/email", &cookie)).await;
    assert!(before.text.contains("No mail server is set."), "{}", before.text);

    let saved = save(&server, &cookie, &FORM).await;
    assert_eq!((saved.status, &saved.json), (200, &serde_json::json!({ "Done": "Saved." })), "{}", saved.text);
    let after = server.send(page("/console/settings/email", &cookie)).await;
    assert!(after.text.contains("leaves by 127.0.0.1, from desk@example.com."), "{}", after.text);
    assert!(after.text.contains("Send a test message to myself") && !after.text.contains("a password of"));

    let mut changed = but("form[smtp.password]", "");
    changed.push(("form[smtp.reply_to]", "hi@example.com"));
    assert_eq!(save(&server, &cookie, &changed).await.status, 200);
    let account = kept(&server).await.unwrap();
    assert_eq!(account.password.as_deref(), Some("a password of the mail server"));
    assert_eq!(account.reply_to.as_deref(), Some("hi@example.com"));

    let tried = save(&server, &cookie, &[("what", "try_email")]).await;
    assert!(
        tried.status == 503 && tried.text.contains("could not be reached safely"),
        "{} {}",
        tried.status,
        tried.text
    );
    assert_eq!(save(&server, &cookie, &[("what", "forget_smtp")]).await.status, 200);
    assert_eq!(kept(&server).await, None);
    let tried = save(&server, &cookie, &[("what", "try_email")]).await;
    assert!(tried.text.contains("No mail server is set, so e-mail stays here."), "{}", tried.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_wrong_with_a_mail_server_is_said_at_its_field(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    for (wrong, field) in [
        (but("form[smtp.host]", "mail example"), "smtp.host"),
        (but("form[smtp.host]", "mail.example.com"), "smtp.security"),
        (but("form[smtp.port]", "many"), "smtp.port"),
        (but("form[smtp.password]", ""), "smtp.password"),
        (but("form[smtp.from_address]", "desk"), "smtp.from_address"),
    ] {
        let refused = save(&server, &cookie, &wrong).await;
        let fields: Vec<&Value> =
            refused.json["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
        assert!(fields.contains(&&field.into()), "{field}: {}", refused.text);
    }
    assert_eq!(kept(&server).await, None);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn who_may_not_change_settings_neither_sets_nor_tries_a_mail_server(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    save(&server, &cookie, &FORM).await;
    sqlx::query("update members set role = 'front_desk'").execute(&server.pool).await.unwrap();
    for what in ["smtp", "forget_smtp", "try_email"] {
        assert_eq!(save(&server, &cookie, &but("what", what)).await.status, 403, "{what}");
    }
    assert!(kept(&server).await.is_some());
    let page = server.send(page("/console/settings/email", &cookie)).await;
    assert!(page.text.contains("leaves by 127.0.0.1") && !page.text.contains("Send a test message"), "{}", page.text);
}
