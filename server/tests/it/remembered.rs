//! The booking page from memory is, to the letter, the page made anew, and
//! what is one visitor's stays theirs.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::caller::Template;
use axum::body::Body;
use axum::extract::Extension;
use axum::routing::get;
use axum::{Router, middleware};
use flate2::read::GzDecoder;
use futures::future::join_all;
use http::{Method, StatusCode};
use server::booking_pages::{self, BookingPages};
use services::booking::Owner;
use services::demo::BLOOM;
use sqlx::PgPool;
use tower::ServiceExt;

use crate::support::{Answer, TestServer, ask, form, page, with};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_remembered_page_is_the_page_made_anew(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.close("2026-12-01", "2027-01-10").await;
    let mia: String = sqlx::query_scalar("select practitioner_id::text from practitioners where name = 'Mia Lin'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    let cookie = cookie_of(&server.get("/c/bloom/book").await);
    for steps in [
        "",
        "type=haircut",
        "type=haircut&with=any",
        "type=haircut&with=choose",
        &format!("type=haircut&with={mia}&month=2027-01"),
        "type=haircut&month=2026-12",
        "type=haircut&day=2026-11-24",
        "type=haircut&day=2026-11-22",
        "type=consultation",
        "type=nonsense&day=yesterday",
    ] {
        let anew = format!("/c/bloom/book?{steps}&__made=anew");
        let remembered = format!("/c/bloom/book?{steps}");
        for cookie in ["", cookie.as_str(), "fd_chat_bloom=forged"] {
            let anew = server.send(page(&anew, cookie)).await;
            assert!(!is_remembered(&anew));
            for time in ["first", "second"] {
                let remembered = server.send(page(&remembered, cookie)).await;
                assert!(is_remembered(&remembered), "{time} {steps}");
                assert_eq!(
                    plain(&server, &remembered, cookie),
                    plain(&server, &anew, cookie),
                    "{time} {steps} {cookie}"
                );
            }
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_remembered_page_needs_nothing_but_the_clinics_stamp(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.get("/c/bloom/book?type=haircut").await;
    // Everything but the stamp is read through the pool.
    server.pool.close().await;

    assert_eq!(server.get("/c/bloom/book?type=haircut").await.status, 200);
    for other in ["/c/bloom/book?type=facial", "/c/bloom/book?type=haircut&hold=x", "/c/bloom"] {
        assert_eq!(server.get(other).await.status, 503, "{other}");
    }
    assert_eq!(server.send(ask(Method::HEAD, "/c/bloom/book?type=haircut")).await.status, 503);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn every_visitor_has_a_session_and_offers_of_their_own(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let address = "/c/bloom/book?type=haircut";
    let (ada, grace) = (server.get(address).await, server.get(address).await);
    for own in [token_of(&ada), nonce_of(&ada), slots_of(&ada)[0].clone()] {
        assert!(ada.text.contains(&own) && !grace.text.contains(&own), "{own}");
    }

    let refused = hold(&server, &token_of(&grace), &slots_of(&ada)[0]).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("was not offered here"), "{}", refused.text);
    assert_eq!(server.count("holds").await, 0);
    let held = hold(&server, &token_of(&ada), &slots_of(&ada)[0]).await;
    assert!(held.status < 400, "{} {}", held.status, held.text);
    assert_eq!(server.count("holds").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_browser_keeps_its_session_and_no_other_clinics_or_forged_one_counts(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let address = "/c/bloom/book?type=haircut";
    let first = server.get(address).await;
    let cookie = cookie_of(&first);
    assert!(first.header("set-cookie").ends_with("; Path=/; Max-Age=14400; HttpOnly; SameSite=Lax"));

    let again = server.send(page(address, &cookie)).await;
    assert_eq!((token_in(&again), again.header("set-cookie")), (token_of(&first), ""));

    let forged = format!("{cookie}x");
    let elsewhere = cookie.replace("fd_chat_bloom", "fd_chat_cedar");
    for cookie in [forged, elsewhere] {
        let stranger = server.send(page(address, &cookie)).await;
        assert_ne!(token_of(&stranger), token_of(&first));
        assert!(!stranger.text.contains(&token_of(&first)));
    }
    server.wait(chrono::Duration::hours(4));
    assert_ne!(token_of(&server.send(page(address, &cookie)).await), token_of(&first), "it has run out");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn whoever_makes_the_page_leaves_nothing_of_theirs_in_it(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = cookie_of(&server.get("/c/bloom/book").await);
    // The first to ask has it made.
    let made = server.send(page("/c/bloom/book?type=facial", &cookie)).await;
    let (_, token) = cookie.split_once('=').unwrap();
    assert!(made.text.contains(token));
    let other = server.get("/c/bloom/book?type=facial").await;
    assert!(!other.text.contains(token) && slots_of(&other).iter().all(|slot| !made.text.contains(slot.as_str())));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_page_unpacks_to_the_same_however_it_was_sent(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let address = "/c/bloom/book?type=haircut";
    let cookie = cookie_of(&server.get(address).await);
    let identity = server.send(page(address, &cookie)).await;
    let packed = server.send(with(page(address, &cookie), "accept-encoding", "gzip, deflate, br")).await;

    assert_eq!((packed.header("content-encoding"), identity.header("content-encoding")), ("gzip", ""));
    assert!(packed.headers.get_all("vary").iter().any(|vary| vary == "accept-encoding"));
    assert!(packed.bytes.len() * 2 < identity.bytes.len(), "{} of {}", packed.bytes.len(), identity.bytes.len());
    let mut text = String::new();
    GzDecoder::new(&packed.bytes[..]).read_to_string(&mut text).unwrap();
    let unpacked = Answer { text, ..packed.clone() };
    let (unpacked, identity) = (plain(&server, &unpacked, &cookie), plain(&server, &identity, &cookie));
    assert_same(&[unpacked.last().unwrap().clone()], &[identity.last().unwrap().clone()], "gzip");

    // Every browser that takes Brotli takes gzip too; who takes only Brotli is
    // sent the page as it is.
    let brotli = server.send(with(page(address, &cookie), "accept-encoding", "br")).await;
    assert_eq!((brotli.status, brotli.header("content-encoding")), (200, ""));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn of_many_who_ask_at_once_one_has_the_page_made(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let counter = Counter::over(&server, StatusCode::OK);
    let answers = join_all((0..50).map(|_| counter.get("/c/bloom/book"))).await;
    assert!(answers.iter().all(|status| *status == 200));
    assert_eq!(counter.made(), (1, 0));

    server.run("update clinics set name = 'Rose'").await;
    join_all((0..50).map(|_| counter.get("/c/bloom/book"))).await;
    assert_eq!(counter.made(), (2, 0));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn whoever_leaves_while_the_page_is_made_keeps_nobody_waiting(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let counter = Counter::over(&server, StatusCode::OK);
    let leaving = async {
        tokio::select! {
            biased;
            () = counter.has_begun() => {}
            status = counter.get("/c/bloom/book") => panic!("{status} before anybody could leave"),
        }
    };
    let staying = async {
        counter.has_begun().await;
        counter.get("/c/bloom/book").await
    };
    let ((), stayed) = tokio::join!(leaving, staying);
    assert_eq!(stayed, 200);
    assert_eq!(counter.made(), (2, 0));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_page_that_fails_is_not_remembered(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let counter = Counter::over(&server, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(counter.get("/c/bloom/book").await, 503);
    assert_eq!(counter.get("/c/bloom/book").await, 503);
    assert_eq!(counter.made(), (2, 2), "for nobody, and then for the visitor");
    assert_eq!(counter.get("/c/nowhere/book").await, 503);
    assert_eq!(counter.made(), (2, 3));
}

/// A site of one page that counts how often it is made: for nobody, and for a
/// visitor.
struct Counter {
    router: Router,
    made: Arc<(AtomicUsize, AtomicUsize)>,
}

impl Counter {
    /// Until the page is being made for the first time.
    async fn has_begun(&self) {
        while self.made().0 == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    fn over(server: &TestServer, status: StatusCode) -> Self {
        let made: Arc<(AtomicUsize, AtomicUsize)> = Arc::default();
        let counted = made.clone();
        let handler = async move |template: Option<Extension<Arc<Template>>>| {
            let Some(Extension(template)) = template else {
                counted.1.fetch_add(1, Ordering::Relaxed);
                return (status, "for a visitor".to_owned());
            };
            counted.0.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            (status, template.token())
        };
        let pages = Arc::new(BookingPages::new(server.services.clone(), false));
        let remembering = middleware::from_fn_with_state(pages, booking_pages::remembered);
        Self { router: Router::new().route("/c/{slug}/book", get(handler)).layer(remembering), made }
    }

    async fn get(&self, address: &str) -> u16 {
        let request = http::Request::builder().uri(address).body(Body::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap().status().as_u16()
    }

    fn made(&self) -> (usize, usize) {
        (self.made.0.load(Ordering::Relaxed), self.made.1.load(Ordering::Relaxed))
    }
}

async fn hold(server: &TestServer, token: &str, slot: &str) -> Answer {
    server.send(form("/fn/hold_time", &[("slug", "bloom"), ("token", token), ("slot", slot)])).await
}

/// What the page says to everyone, headers first and the body last: the
/// visitor's session, nonce and offers are replaced by what they stand for.
pub fn plain(server: &TestServer, answer: &Answer, cookie: &str) -> Vec<String> {
    assert_eq!(answer.status, 200);
    let (token, nonce) = (token_in(answer), nonce_of(answer));
    let is_known = cookie == format!("fd_chat_bloom={token}");
    assert_eq!(answer.header("set-cookie").is_empty(), is_known, "{cookie}");
    let now = server.services.clock.now();
    let session = server.services.sessions.read(&token, now).expect("a good session");
    assert_eq!(session.clinic, BLOOM);
    let replace = |text: &str| {
        let mut text = text.replace(&token, "TOKEN").replace(&nonce, "NONCE");
        for slot in slots_of(answer) {
            let claim = server.services.slots.verify(BLOOM, Owner::Session(session.conversation), &slot, now);
            text = text.replace(&slot, &format!("{:?}", claim.expect("an offer to this visitor")));
        }
        text
    };
    let headers =
        answer.headers.iter().filter(|(name, _)| !["content-length", "x-request-id"].contains(&name.as_str()));
    let mut plain: Vec<String> =
        headers.map(|(name, value)| format!("{name}: {}", replace(value.to_str().unwrap()))).collect();
    plain.sort();
    plain.push(replace(&answer.text));
    plain
}

/// Whether the page came from memory: its length is known before it is sent.
pub fn is_remembered(answer: &Answer) -> bool {
    answer.headers.contains_key("content-length")
}

/// Says where two differ, because whole pages say too much.
#[track_caller]
pub fn assert_same(left: &[String], right: &[String], what: &str) {
    assert_eq!(left.len(), right.len(), "{what}: {:?} {:?}", &left[..left.len() - 1], &right[..right.len() - 1]);
    for (left, right) in left.iter().zip(right) {
        let same = left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count();
        let around = |text: &str| {
            let from = text.floor_char_boundary(same.saturating_sub(80));
            text[from..].chars().take(200).collect::<String>()
        };
        assert!(left == right, "{what}: {}\n{}", around(left), around(right));
    }
}

/// `name=value`, as the browser sends back what it was told to keep.
fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

fn token_of(answer: &Answer) -> String {
    let cookie = cookie_of(answer);
    if cookie.is_empty() { token_in(answer) } else { cookie.split_once('=').unwrap().1.to_owned() }
}

/// The token in the page itself.
fn token_in(answer: &Answer) -> String {
    let after = answer.text.split("\\\"token\\\":\\\"").nth(1).unwrap_or_else(|| panic!("{}", answer.text));
    after.split('\\').next().unwrap().to_owned()
}

fn nonce_of(answer: &Answer) -> String {
    let policies = answer.headers.get_all("content-security-policy").iter().map(|policy| policy.to_str().unwrap());
    let policy = policies.into_iter().find(|policy| policy.contains("'nonce-")).expect("a nonce");
    policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned()
}

fn slots_of(answer: &Answer) -> Vec<String> {
    let buttons = answer.text.split("name=\"slot\" value=\"").skip(1);
    buttons.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}
