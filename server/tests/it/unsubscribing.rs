//! The link in an e-mail that ends them.

use http::{Method, header};
use services::demo::BLOOM;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Answer, TestServer, ask, form, with};

/// The token in the last e-mail that was written.
async fn token(server: &TestServer) -> String {
    let id: Uuid =
        sqlx::query_scalar("select outbox_id from outbox where channel = 'email' order by outbox_id desc limit 1")
            .fetch_one(&server.pool)
            .await
            .unwrap();
    server.services.post.links.unsubscribing.sign(BLOOM, id)
}

async fn stopped(server: &TestServer) -> Vec<(String, String, bool)> {
    sqlx::query_as("select channel || ' ' || address, via, ended_at is not null from opt_outs order by opt_out_id")
        .fetch_all(&server.pool)
        .await
        .unwrap()
}

fn stop(is_over: bool) -> (String, String, bool) {
    ("email ada@example.com".into(), "link".into(), is_over)
}

/// As a mail program asks, which may be one that runs in a browser.
async fn one_click(server: &TestServer, path: &str) -> Answer {
    let asked = form(path, &[("List-Unsubscribe", "One-Click")]);
    let asked = with(with(asked, "origin", "https://mail.example.com"), "sec-fetch-site", "cross-site");
    server.send(asked).await
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn one_click_in_a_mail_program_is_enough_and_opening_the_page_is_not(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.session().await.book().await;
    let path = format!("/unsubscribe/{}", token(&server).await);

    let page = server.get(&path).await;
    assert!(
        page.status == 200 && page.text.contains("Get no more e-mail from Bloom Wellness Studio?"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("ada@example.com"), "mail gets forwarded");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(stopped(&server).await.is_empty());

    for _ in 0..2 {
        let answer = one_click(&server, &path).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "You get no more e-mail from Bloom Wellness Studio."));
        assert_eq!(answer.header("set-cookie"), "");
    }
    assert_eq!(stopped(&server).await, [stop(false)]);
    let page = server.get(&path).await;
    assert!(page.text.contains("You get no more e-mail from Bloom Wellness Studio."), "{}", page.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_page_ends_them_and_takes_it_back_without_javascript(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.session().await.book().await;
    let token = token(&server).await;
    let path = format!("/unsubscribe/{token}");
    let post = async |function: &str| {
        let asked = with(form(function, &[("token", &token)]), "accept", "text/html");
        server.send(with(asked, "referer", "http://127.0.0.1:3000/unsubscribe/x")).await
    };
    for (function, is_over) in [("/fn/stop_mail", false), ("/fn/start_mail", true)] {
        let before = server.get(&path).await;
        assert!(before.text.contains(&format!("action=\"{function}\"")), "{}", before.text);
        let answer = post(function).await;
        assert_eq!((answer.status, answer.header("location")), (302, path.as_str()), "{}", answer.text);
        assert_eq!(stopped(&server).await, [stop(is_over)]);
    }
    sqlx::query("update outbox set language = 'es'").execute(&server.pool).await.unwrap();
    assert!(server.get(&path).await.text.contains("¿No quiere recibir más correos de Bloom Wellness Studio?"));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_link_that_came_with_no_message_ends_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visit = server.session().await.book().await;
    let token = token(&server).await;
    let mut edited = token.clone();
    edited.replace_range(30..31, if &token[30..31] == "A" { "B" } else { "A" });
    let visits = server.services.visits.sign(BLOOM, visit["id"].as_str().unwrap().parse().unwrap());
    let unknown = server.services.post.links.unsubscribing.sign(BLOOM, Uuid::from_u128(7));
    let elsewhere = server.services.post.links.unsubscribing.sign(domain::id::ClinicId::new(), Uuid::from_u128(7));
    for forged in [edited.as_str(), &visits, &unknown, &elsewhere, "x", "%00"] {
        let answer = one_click(&server, &format!("/unsubscribe/{forged}")).await;
        assert!([400, 404].contains(&answer.status), "{forged}: {} {}", answer.status, answer.text);
        let page = server.get(&format!("/unsubscribe/{forged}")).await;
        assert_eq!(page.status, 404, "{forged}");
    }
    assert!(stopped(&server).await.is_empty());
    let other_method = server.send(ask(Method::DELETE, &format!("/unsubscribe/{token}"))).await;
    assert_eq!(other_method.status, 405);
    assert!(other_method.headers.contains_key(header::ALLOW));
}
