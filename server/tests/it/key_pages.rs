//! The clinic's API keys in the console.

use http::Method;
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{Answer, TestServer, ask, form, page, with};

const PAGE: &str = "/console/settings/keys";

async fn send(server: &TestServer, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    server.send(with(form("/fn/save_settings", fields), "cookie", cookie)).await
}

async fn status(server: &TestServer, key: &str) -> u16 {
    let path = format!("/api/v1/clinics/{BLOOM}/practitioners");
    server.send(with(ask(Method::GET, &path), "x-admin-key", key)).await.status
}

fn key_in(text: &str) -> &str {
    let start = text.find("fdk_").expect("a key");
    &text[start..start + 47]
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_key_is_made_shown_once_and_revoked(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let look = async |path: &str| server.send(page(path, &cookie)).await.text;
    assert!(look(PAGE).await.contains("There are no keys."));

    let made =
        send(&server, &cookie, &[("what", "make_key"), ("form[name]", "Website"), ("form[scopes.read]", "on")]).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let key = key_in(&made.text).to_owned();
    assert_eq!(status(&server, &key).await, 200);
    let listed = look(PAGE).await;
    assert!(listed.contains("Website") && !listed.contains(&key) && listed.contains("Last used"), "{listed}");

    let item: String =
        sqlx::query_scalar("select api_key_id::text from api_keys").fetch_one(&server.pool).await.unwrap();
    let asked = look(&format!("{PAGE}?item={item}")).await;
    assert!(asked.contains("Revoke Website?") && asked.contains("refused from then on"), "{asked}");
    let revoked = send(&server, &cookie, &[("what", "revoke_key"), ("form[id]", &item)]).await;
    assert_eq!(revoked.status, 200, "{}", revoked.text);
    assert_eq!(status(&server, &key).await, 401);
    assert!(look(PAGE).await.contains("These open nothing any more."));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn without_javascript_the_key_is_on_the_next_page_and_on_no_other(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let fields = [("what", "make_key"), ("form[name]", "Website"), ("form[scopes.book]", "on")];
    let request = with(with(form("/fn/save_settings", &fields), "cookie", &cookie), "accept", "text/html");
    let made = server.send(request).await;
    assert_eq!((made.status, made.header("location")), (302, "/console/settings/keys?saved=yes"), "{}", made.text);
    let kept = made.header("set-cookie").to_owned();
    for attribute in ["fd_new_key=fdk_", "HttpOnly", "SameSite=Strict", "Path=/console/settings/keys", "Max-Age=120"] {
        assert!(kept.contains(attribute), "{attribute} in {kept}");
    }
    let both = format!("{cookie}; {}", kept.split(';').next().unwrap());
    let shown = server.send(page(made.header("location"), &both)).await;
    assert!(shown.text.contains("It is not shown again.") && shown.text.contains(key_in(&kept)), "{}", shown.text);
    assert!(shown.header("set-cookie").contains("Max-Age=0"), "{:?}", shown.headers);
    let next = server.send(page(PAGE, &cookie)).await.text;
    assert!(!next.contains(key_in(&kept)));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_wrong_with_a_new_key_stands_at_its_field(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let refused = send(&server, &cookie, &[("what", "make_key"), ("form[name]", " ")]).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(refused.wrong_fields(), ["name", "scopes.read"], "{}", refused.text);
    assert_eq!(server.count("api_keys").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_who_manages_the_clinic_looks_after_keys(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    server.make_key(BLOOM, &["read"]).await;
    for (role, may) in [("viewer", false), ("front_desk", false), ("manager", true), ("owner", true)] {
        sqlx::query("update members set role = $1").bind(role).execute(&server.pool).await.unwrap();
        for what in ["make_key", "revoke_key"] {
            let answer = send(&server, &cookie, &[("what", what)]).await;
            assert_eq!(answer.status != 403, may, "{role} {what}: {} {}", answer.status, answer.text);
        }
        let page = server.send(page(PAGE, &cookie)).await;
        assert_eq!((page.status, page.text.contains("Test (fdk_")), (200, may), "{role}");
    }
}
