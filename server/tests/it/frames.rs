//! Who may frame a page, run scripts in it, or call from another site.

use http::Method;
use sqlx::PgPool;

use crate::support::{Answer, TestServer, ask, with};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_the_clinics_own_sites_may_frame_its_chat(pool: PgPool) {
    let server = TestServer::new(pool).await;
    assert_eq!(ancestors(&server.get("/embed/bloom").await), "frame-ancestors 'self' http://localhost:4173");
    assert_eq!(ancestors(&server.get("/embed/nowhere").await), "frame-ancestors 'self'");
    for path in ["/c/bloom", "/c/bloom/book", "/c/nowhere", "/m/forged", "/console/sign-in", "/console/today"] {
        assert_eq!(ancestors(&server.get(path).await), "frame-ancestors 'none'", "{path}");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_origin_cannot_smuggle_in_another_directive(pool: PgPool) {
    let server = TestServer::new(pool).await;
    sqlx::query("update clinics set allowed_origins = $1")
        .bind([
            "https://ok.example",
            "https://evil.example; script-src *",
            "a b",
            "'unsafe-inline'",
            "x,y",
            "a\nb",
            "https://bücher.example",
        ])
        .execute(&server.pool)
        .await
        .unwrap();
    let page = server.get("/embed/bloom").await;
    assert_eq!(ancestors(&page), "frame-ancestors 'self' https://ok.example");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn pages_run_the_scripts_they_were_rendered_with_and_no_others(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let mut nonces = Vec::new();
    for path in ["/c/bloom", "/embed/bloom", "/c/bloom/book", "/console/sign-in", "/c/nowhere", "/m/forged"] {
        let page = server.get(path).await;
        let policy = policies(&page).into_iter().find(|policy| policy.contains("script-src")).expect(path);
        let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0.to_owned();
        let scripts = policy.split(';').find(|directive| directive.trim().starts_with("script-src")).unwrap();
        assert!(nonce.len() >= 16 && !scripts.contains("unsafe-inline") && !scripts.contains('*'), "{scripts}");
        for tag in page.text.split("<script").skip(1).map(|rest| rest.split('>').next().unwrap()) {
            assert!(tag.contains("src=") || tag.contains(&nonce), "{path} has a script that will not run: {tag}");
        }
        for attribute in [" onclick=", " onload=", "javascript:"] {
            assert!(!page.text.contains(attribute), "{path}: {attribute}");
        }
        nonces.push(nonce);
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 6, "a nonce is used once");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn pages_are_not_kept_or_sniffed(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for path in ["/c/bloom", "/c/bloom/book", "/console/sign-in", "/m/forged"] {
        let page = server.get(path).await;
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
    }
    let asset = server.get("/favicon.svg").await;
    assert_eq!((asset.status, asset.header("cross-origin-resource-policy")), (200, "cross-origin"));
    for outside in ["/../Cargo.toml", "/..%2fCargo.toml", "/%2e%2e/Cargo.toml", "/..%5cCargo.toml", "//etc/passwd"] {
        assert_ne!(server.get(outside).await.status, 200, "{outside}");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn any_site_may_ask_before_it_calls_the_api(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for path in ["/api/v1/auth/session", "/ws/"] {
        let preflight = with(ask(Method::OPTIONS, path), "origin", ANYWHERE);
        let preflight = with(preflight, "access-control-request-method", "POST");
        let preflight = with(preflight, "access-control-request-headers", "authorization,content-type,idempotency-key");
        let allowed = server.send(preflight).await;
        assert!(allowed.status == 200 && is_readable(&allowed), "{path}: {:?}", allowed.headers);
        let headers = allowed.header("access-control-allow-headers").to_lowercase();
        assert!(["authorization", "content-type", "idempotency-key"].iter().all(|name| headers.contains(name)));
        assert!(allowed.header("access-control-allow-methods").contains("DELETE"));
        assert_eq!(allowed.header("access-control-allow-credentials"), "", "cookies are not for other sites");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn any_site_may_read_what_the_api_answers_and_no_page(pool: PgPool) {
    let server = TestServer::new(pool).await;
    for (path, status) in [
        ("/api/v1/config?clinic=bloom", 200),
        ("/api/v1/config?clinic=nowhere", 404),
        ("/api/v1/config", 422),
        ("/api/v1/sessions/00000000-0000-4000-a000-000000000009/messages", 401),
    ] {
        let answer = server.send(with(ask(Method::GET, path), "origin", ANYWHERE)).await;
        assert!(answer.status == status && is_readable(&answer), "{path}: {} {:?}", answer.status, answer.headers);
    }
    for path in ["/c/bloom", "/console/sign-in", "/health"] {
        let page = server.send(with(ask(Method::GET, path), "origin", ANYWHERE)).await;
        assert!(!is_readable(&page), "{path}");
    }
}

const ANYWHERE: &str = "https://anywhere.example";

/// Whether a browser lets a script of [`ANYWHERE`] read the answer.
fn is_readable(answer: &Answer) -> bool {
    ["*", ANYWHERE].contains(&answer.header("access-control-allow-origin"))
}

fn policies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("content-security-policy").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// The one directive that says who may frame the page.
#[track_caller]
fn ancestors(answer: &Answer) -> String {
    let policies = policies(answer).join("; ");
    let found: Vec<&str> =
        policies.split(';').map(str::trim).filter(|part| part.starts_with("frame-ancestors")).collect();
    assert_eq!(found.len(), 1, "{policies}");
    found[0].to_owned()
}
