//! Texts as Twilio hands them over.

use std::time::{Duration, Instant};

use axum::body::Body;
use domain::id::ClinicId;
use futures::future::join_all;
use http::{Method, Request};
use serde_json::{Value, json};
use server::config::Config;
use server::webhooks::twiml::Twiml;
use services::Vault;
use services::demo::BLOOM;
use services::messaging::senders;
use services::messaging::signature::{self, Algorithm, body_digest};
use sqlx::PgPool;

use crate::support::{ADMIN_KEY, Answer, TestServer, ask_with, form, generous, with, with_cedar};

const INCOMING: &str = "/twilio/sms/incoming";
const BLOOMS_NUMBER: &str = "+15550109999";
const ADA: &str = "+15551234567";

/// An account at Twilio.
#[derive(Clone)]
struct Account {
    sid: String,
    token: String,
    number: String,
}

impl Account {
    /// One whose SID and token are made of one letter.
    fn of(letter: char, number: &str) -> Self {
        let thirty_two = letter.to_string().repeat(32);
        Self { sid: format!("AC{thirty_two}"), token: thirty_two, number: number.into() }
    }

    fn text(&self, id: u32, body: &str) -> Vec<(String, String)> {
        let sid = format!("SM{id:032}");
        let fields = [
            ("MessageSid", sid.as_str()),
            ("SmsSid", &sid),
            ("AccountSid", &self.sid),
            ("From", ADA),
            ("To", &self.number),
            ("Body", body),
            ("NumMedia", "0"),
            ("FromCity", ""),
        ];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    fn signature(&self, path: &str, fields: &[(String, String)]) -> String {
        let url = format!("{}{path}", Config::default().public_url);
        signature::sign(&self.token, Algorithm::Sha1, &url, signature::Body::Form(fields))
    }

    fn signed(&self, path: &str, fields: &[(String, String)]) -> Request<Body> {
        with(posted(path, fields), "x-twilio-signature", &self.signature(path, fields))
    }
}

fn posted(path: &str, fields: &[(String, String)]) -> Request<Body> {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    form(path, &fields)
}

fn set(fields: &mut [(String, String)], name: &str, value: &str) {
    fields.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| value.clone_into(old));
}

async fn give(server: &TestServer, clinic: ClinicId, twilio: Value) -> Answer {
    let path = format!("/api/v1/clinics/{clinic}");
    let request = ask_with(Method::PATCH, &path, json!({ "twilio": twilio }));
    server.send(with(request, "x-admin-key", ADMIN_KEY)).await
}

async fn give_account(server: &TestServer, clinic: ClinicId, account: &Account) {
    let twilio = json!({ "account_sid": account.sid, "auth_token": account.token, "phone_number": account.number });
    let given = give(server, clinic, twilio).await;
    assert_eq!(given.status, 200, "{}", given.text);
}

/// Bloom with an account.
async fn bloom(pool: PgPool) -> (TestServer, Account) {
    let (server, account) = (TestServer::new(pool).await, Account::of('b', BLOOMS_NUMBER));
    give_account(&server, BLOOM, &account).await;
    (server, account)
}

trait Reply {
    fn texts(&self) -> Vec<String>;
    fn assert_refused(&self);
}

impl Reply for Answer {
    #[track_caller]
    fn texts(&self) -> Vec<String> {
        assert_eq!((self.status, self.header("content-type")), (200, "text/xml"), "{}", self.text);
        Twiml::parse(&self.text).unwrap().texts().map(str::to_owned).collect()
    }

    #[track_caller]
    fn assert_refused(&self) {
        assert_eq!((self.status, self.text.as_str()), (403, ""));
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_text_is_answered_in_the_reply(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let texts = server.send(account.signed(INCOMING, &account.text(1, "What are your opening hours?"))).await.texts();
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("automated assistant of Bloom Wellness Studio"), "{texts:?}");
    assert!(texts[0].contains("9:00 AM"), "{texts:?}");
    let channel: String =
        sqlx::query_scalar("select channel from conversations").fetch_one(&server.pool).await.unwrap();
    assert_eq!(channel, "sms");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_not_signed_by_the_clinics_account_is_refused(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    let (ours, theirs) = (Account::of('b', BLOOMS_NUMBER), Account::of('c', "+15550108888"));
    give_account(&server, BLOOM, &ours).await;
    give_account(&server, cedar.clinic, &theirs).await;
    let text = ours.text(1, "Hello ☎ & +1");
    let mut refused = vec![
        posted(INCOMING, &text),
        with(posted(INCOMING, &text), "x-twilio-signature", ""),
        // The other clinic's secret, on our number.
        theirs.signed(INCOMING, &text),
        // Another account, signed by our secret.
        ours.signed(INCOMING, &Account { sid: theirs.sid.clone(), ..ours.clone() }.text(1, "Hello")),
        // Another query than was signed.
        with(posted(&format!("{INCOMING}?a=1"), &text), "x-twilio-signature", &ours.signature(INCOMING, &text)),
        // The host is not what whoever asks says it is.
        with(
            with(posted(INCOMING, &text), "host", "evil.example"),
            "x-twilio-signature",
            &signature::sign(
                &ours.token,
                Algorithm::Sha1,
                &format!("https://evil.example{INCOMING}"),
                signature::Body::Form(&text),
            ),
        ),
        // Keys that the clinic does not have.
        with(ours.signed(INCOMING, &text), "x-twilio-webhooks-signature-settings", "key=K1,algorithm=HMAC_SHA256"),
    ];
    for (name, value) in [("Body", "Hello"), ("From", "+15557654321"), ("FromCity", "Boston")] {
        let mut changed = text.clone();
        set(&mut changed, name, value);
        refused.push(with(posted(INCOMING, &changed), "x-twilio-signature", &ours.signature(INCOMING, &text)));
    }
    for request in refused {
        server.send(request).await.assert_refused();
    }
    assert_eq!((server.count("inbound_texts").await, server.count("messages").await), (0, 0));
    assert_eq!(server.send(ours.signed(INCOMING, &text)).await.texts().len(), 1, "it is taken as it was signed");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_number_that_nobody_has_gets_nothing(pool: PgPool) {
    let (server, _) = bloom(pool).await;
    let nobody = Account::of('a', "+15550107777");
    let answer = server.send(nobody.signed(INCOMING, &nobody.text(1, "Hello"))).await;
    assert_eq!(answer.texts(), [""; 0]);
    assert!(answer.text.ends_with("<Response></Response>"), "{}", answer.text);
    assert_eq!(server.count("inbound_texts").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn every_letter_arrives_and_comes_back(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let odd = ["☎ & +1 <b> ]]>", "  leading and trailing  ", "👩‍👩‍👧 ¿Ábren? \u{202e}", "a\u{0}b", "=&%20+%2B;", "你好"];
    for (id, body) in (1..).zip(odd) {
        let mut text = account.text(id, body);
        text.push(("Unknown é".into(), String::new()));
        text.push(("Twice".into(), "2".into()));
        text.push(("Twice".into(), "1".into()));
        let path = format!("{INCOMING}?q=caf%C3%A9+%26&it='s");
        assert_eq!(server.send(account.signed(&path, &text)).await.texts().len(), 1, "{body}");
    }
    let kept: Vec<String> = sqlx::query_scalar("select body from inbound_texts order by provider_id")
        .fetch_all(&server.pool)
        .await
        .unwrap();
    assert_eq!(kept, odd.map(|body| body.replace('\0', "")));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_same_text_at_once_and_again_is_taken_once(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let text = account.text(1, "Can I have a haircut next Tuesday afternoon?");
    let answers = join_all((0..6).map(|_| server.send(account.signed(INCOMING, &text)))).await;
    let again = server.send(account.signed(INCOMING, &text)).await;
    for answer in answers {
        assert_eq!((answer.status, &answer.text), (200, &again.text));
    }
    assert_eq!(again.texts().len(), 1);
    assert_eq!((server.count("inbound_texts").await, server.count("messages").await), (1, 2));

    let stop = account.text(2, "Please stop texting me");
    join_all((0..4).map(|_| server.send(account.signed(INCOMING, &stop)))).await;
    assert_eq!(server.count("opt_outs").await, 1);
    let confirmations: i64 = sqlx::query_scalar("select count(*) from outbox where kind = 'opt_out_confirmation'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(confirmations, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_no_text_is_refused_and_nothing_breaks(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let huge = account.text(1, &"a".repeat(100_000));
    assert_eq!(server.send(account.signed(INCOMING, &huge)).await.status, 413);
    let body = json!({ "To": BLOOMS_NUMBER });
    let path = format!("{INCOMING}?bodySHA256={}", body_digest(body.to_string().as_bytes()));
    assert_eq!(server.send(ask_with(Method::POST, &path, body)).await.status, 415);
    let missing = |name: &str| -> Vec<_> {
        account.text(2, "Hello").into_iter().filter(|(known, _)| !known.contains(name)).collect()
    };
    for name in ["Sid", "From", "To"] {
        let mut fields = missing(name);
        fields.push(("AccountSid".into(), account.sid.clone()));
        let answer = server.send(account.signed(INCOMING, &fields)).await;
        // Without a number nobody knows whose secret would have signed it.
        let expected = if name == "To" { 200 } else { 400 };
        assert_eq!((answer.status, answer.text.contains("Message")), (expected, false), "{name}");
    }
    for body in ["", "%", "%FF=%FE", "To=%2B15550109999&To=x", "&&&&", "=="] {
        let request = Request::post(INCOMING).header("content-type", "application/x-www-form-urlencoded");
        let answer = server.send(request.body(Body::from(body)).unwrap()).await;
        assert!(matches!(answer.status, 200 | 400 | 403 | 422), "{body}: {}", answer.status);
        assert!(!answer.text.contains("Message"), "{body}");
    }
    let mut short_code = account.text(3, "Hello");
    set(&mut short_code, "From", "24273");
    assert_eq!(server.send(account.signed(INCOMING, &short_code)).await.texts(), [""; 0]);
    assert_eq!(server.count("inbound_texts").await, 0);
    assert_eq!(server.send(account.signed(INCOMING, &account.text(4, "Hello"))).await.texts().len(), 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn where_texts_are_not_taken_their_address_does_not_exist(pool: PgPool) {
    let server = TestServer::with(pool, Config { sms_inbound_enabled: false, ..generous() }).await;
    let account = Account::of('b', BLOOMS_NUMBER);
    give_account(&server, BLOOM, &account).await;
    assert_eq!(server.send(account.signed(INCOMING, &account.text(1, "Hello"))).await.status, 404);
    assert_eq!(server.send(posted(INCOMING, &account.text(1, "Hello"))).await.status, 404);
    assert_eq!(server.count("inbound_texts").await, 0);
}

/// A receptionist that thinks for longer than Twilio should wait.
#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_answer_that_takes_too_long_follows_as_a_text_once(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    server.send(account.signed(INCOMING, &account.text(1, "Hello"))).await;
    server.run("update conversations set turn_id = gen_random_uuid(), turn_expires_at = 'infinity'").await;
    let text = account.text(2, "Are you open on Monday?");
    let asked = Instant::now();
    let both = tokio::join!(server.send(account.signed(INCOMING, &text)), server.send(account.signed(INCOMING, &text)));
    assert!((8..12).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
    assert_eq!((both.0.texts(), both.1.texts()), (vec![], vec![]));
    server.run("update conversations set turn_id = null, turn_expires_at = null").await;
    let replies = || async {
        let replies = sqlx::query_scalar("select body from outbox where kind = 'reply'");
        replies.fetch_all(&server.pool).await.unwrap()
    };
    let mut sent: Vec<String> = Vec::new();
    for _ in 0..250 {
        sent = replies().await;
        if !sent.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("open"), "{sent:?}");
    assert_eq!(server.send(account.signed(INCOMING, &text)).await.texts(), [""; 0]);
    assert_eq!(replies().await.len(), 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn who_said_stop_hears_nothing_until_they_start_again(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let say = async |id, body: &str| server.send(account.signed(INCOMING, &account.text(id, body))).await.texts();
    assert_eq!(say(1, "STOP").await, [""; 0]);
    assert_eq!(say(2, "Are you open on Monday?").await, [""; 0]);
    assert_eq!(server.count("messages").await, 0);
    assert_eq!(say(3, "Start!").await.len(), 1);
    assert_eq!(say(4, "Are you open on Monday?").await.len(), 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn several_visits_are_confirmed_by_number(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let visitor = server.session().await;
    let (first, second) = (visitor.book().await, visitor.book().await);
    let say = async |id, body: &str| server.send(account.signed(INCOMING, &account.text(id, body))).await.texts();
    let which = say(1, "C").await.remove(0);
    assert!(which.contains("1 Ada Tue 24 Nov") && which.contains(", 2 Ada Tue 24 Nov"), "{which}");
    assert!(say(2, "2").await[0].contains("is confirmed"));
    let program = server.program(BLOOM);
    let history = async |visit: &Value| -> Vec<String> {
        let path = format!("appointments/{}/events", visit["id"].as_str().unwrap());
        let events = program.get(&path).await.json["events"].clone();
        events.as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert!(!history(&first).await.contains(&"BookingConfirmed".to_owned()));
    assert!(history(&second).await.contains(&"BookingConfirmed".to_owned()));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_number_is_one_clinics(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    give_account(&server, BLOOM, &Account::of('b', "(555) 010-9999")).await;
    let sender: String = sqlx::query_scalar("select sender from sms_senders").fetch_one(&server.pool).await.unwrap();
    assert_eq!(sender, BLOOMS_NUMBER);
    let service = format!("MG{}", "0".repeat(32));
    let account = |number: Option<&str>, service: Option<&str>| {
        json!({ "account_sid": format!("AC{}", "c".repeat(32)), "auth_token": "c".repeat(32),
                "phone_number": number, "messaging_service_sid": service })
    };
    let refused = give(&server, cedar.clinic, account(Some("+1 555 010 9999"), None)).await;
    refused.assert_problem(422, "invalid");
    assert_eq!(refused.wrong_fields(), ["twilio.phone_number"]);
    assert!(refused.text.contains("Another clinic uses this number."), "{}", refused.text);
    assert_eq!(server.count("sms_senders").await, 1);
    let wrong = give(&server, cedar.clinic, account(Some("call me"), None)).await;
    assert_eq!(wrong.wrong_fields(), ["twilio.phone_number"]);

    assert_eq!(give(&server, cedar.clinic, account(None, Some(&service))).await.status, 200);
    let theirs = Account::of('c', "+15550106666");
    let mut text = theirs.text(1, "Hello");
    text.push(("MessagingServiceSid".into(), service));
    assert_eq!(server.send(theirs.signed(INCOMING, &text)).await.texts().len(), 1, "a number of its service");

    assert_eq!(give(&server, BLOOM, Value::Null).await.status, 200);
    assert_eq!(give(&server, cedar.clinic, account(Some(BLOOMS_NUMBER), None)).await.status, 200);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_token_counts_for_a_day_after_it_was_replaced(pool: PgPool) {
    let (server, old) = bloom(pool).await;
    let new = Account { token: "n".repeat(32), ..old.clone() };
    give_account(&server, BLOOM, &new).await;
    let say = async |account: &Account, id| server.send(account.signed(INCOMING, &account.text(id, "Hello"))).await;
    assert_eq!(say(&new, 1).await.texts().len(), 1);
    assert_eq!(say(&old, 2).await.texts().len(), 1);
    // Saving the same again keeps both.
    give_account(&server, BLOOM, &new).await;
    server.wait(chrono::Duration::hours(23));
    assert_eq!(say(&old, 3).await.texts().len(), 1);
    server.wait(chrono::Duration::hours(1));
    say(&old, 4).await.assert_refused();
    assert_eq!(say(&new, 5).await.texts().len(), 1);
    let given = json!({ "account_sid": new.sid, "auth_token": new.token, "phone_number": new.number,
                        "previous": { "auth_token": "mine", "until": "2099-01-01T00:00:00Z" } });
    assert_eq!(give(&server, BLOOM, given).await.wrong_fields(), ["twilio.previous"]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_with_shared_keys_is_not_talked_down_to_its_token(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let twilio = json!({ "account_sid": account.sid, "auth_token": account.token, "phone_number": account.number,
                         "webhook_keys": [{ "id": "K1", "secret": "a secret that both know" }] });
    assert_eq!(give(&server, BLOOM, twilio).await.status, 200);
    let text = account.text(1, "Hello");
    server.send(account.signed(INCOMING, &text)).await.assert_refused();
    let url = format!("{}{INCOMING}", Config::default().public_url);
    let body = signature::Body::Form(&text);
    let signed = signature::sign("a secret that both know", Algorithm::Sha256, &url, body);
    let by_key = |settings: &str| {
        let request = with(posted(INCOMING, &text), "x-twilio-signature", &signed);
        with(request, "x-twilio-webhooks-signature-settings", settings)
    };
    server.send(by_key("key=K2,algorithm=HMAC_SHA256")).await.assert_refused();
    assert_eq!(server.send(by_key("key=K1,algorithm=HMAC_SHA256")).await.texts().len(), 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_without_an_account_has_a_local_one_behind_the_same_door(pool: PgPool) {
    let (server, cedar) = with_cedar(pool).await;
    let vault = Vault::new(b"a master key of forty characters, for tests", &[]);
    let local = async |clinic| {
        let mut tx = server.services.db.clinic(clinic).await.unwrap();
        let account = senders::account_or_local(&mut tx, &vault, server.services.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        Account { sid: account.account_sid, token: account.auth_token, number: account.phone_number.unwrap() }
    };
    let (ours, theirs) = tokio::join!(local(BLOOM), local(cedar.clinic));
    assert_ne!(ours.number, theirs.number);
    assert!(ours.number.contains("55501"), "{}", ours.number);
    assert_eq!(local(BLOOM).await.token, ours.token, "it is made once");
    assert_eq!(server.send(ours.signed(INCOMING, &ours.text(1, "Hello"))).await.texts().len(), 1);
    let forged = Account { token: theirs.token, ..ours.clone() };
    server.send(forged.signed(INCOMING, &forged.text(2, "Hello"))).await.assert_refused();

    give_account(&server, BLOOM, &Account::of('b', BLOOMS_NUMBER)).await;
    assert_eq!(server.send(ours.signed(INCOMING, &ours.text(3, "Hello"))).await.texts(), [""; 0], "it is over");
    assert_eq!(local(BLOOM).await.number, BLOOMS_NUMBER);
}

/// Puts a text of Bloom's in front of Twilio, which has it.
async fn sent(server: &TestServer) -> String {
    sqlx::query_scalar(
        "insert into outbox (clinic_id, outbox_id, key, kind, channel, address, language, body, status, provider,
                             provider_id, due_at, created_at)
         values ($1, gen_random_uuid(), 'a text', 'reply', 'sms', '+15551234567', 'en', 'Hello', 'sent', 'twilio',
                 'SM1', now(), now())
         returning outbox_id::text",
    )
    .bind(BLOOM.uuid())
    .fetch_one(&server.pool)
    .await
    .unwrap()
}

fn news(account: &Account, sid: &str, status: &str) -> Vec<(String, String)> {
    let fields = [
        ("MessageSid", sid),
        ("MessageStatus", status),
        ("AccountSid", &account.sid),
        ("From", &account.number),
        ("To", ADA),
    ];
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn news_of_a_text_is_believed_from_its_own_account_only(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let outbox = sent(&server).await;
    let path = format!("/twilio/status?outbox={outbox}");
    let status =
        async || -> String { sqlx::query_scalar("select status from outbox").fetch_one(&server.pool).await.unwrap() };
    let delivered = news(&account, "SM1", "delivered");
    let other = Account::of('c', BLOOMS_NUMBER);
    server.send(posted(&path, &delivered)).await.assert_refused();
    for forged in [other.signature(&path, &delivered), account.signature("/twilio/status", &delivered)] {
        server.send(with(posted(&path, &delivered), "x-twilio-signature", &forged)).await.assert_refused();
    }
    assert_eq!(status().await, "sent");

    assert_eq!(server.send(account.signed(&path, &delivered)).await.status, 200);
    assert_eq!(status().await, "delivered");
    // News come in any order, and without our address for the text.
    for (path, late) in [(path.as_str(), "sent"), ("/twilio/status", "queued"), (path.as_str(), "delivered")] {
        assert_eq!(server.send(account.signed(path, &news(&account, "SM1", late))).await.status, 200);
    }
    assert_eq!(status().await, "delivered");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn news_of_an_unknown_text_is_taken_quietly(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let unknown = "/twilio/status?outbox=00000000-0000-4000-a000-000000000009";
    for path in ["/twilio/status", unknown, "/twilio/status?outbox=nonsense", "/twilio/status?outbox="] {
        let answer = server.send(account.signed(path, &news(&account, "SM9", "delivered"))).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{path}");
    }
    let nobody = Account::of('a', "+15550107777");
    assert_eq!(server.send(posted("/twilio/status", &news(&nobody, "SM9", "delivered"))).await.status, 200);
    let empty: Vec<_> = news(&account, "", "");
    assert_eq!(server.send(account.signed("/twilio/status", &empty)).await.status, 400);
    assert_eq!(server.count("outbox").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_new_token_leaves_the_shared_keys_as_they_are(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let with_keys = |keys: Option<Value>, token: &str| {
        let mut twilio = json!({ "account_sid": account.sid, "auth_token": token, "phone_number": account.number });
        if let Some(keys) = keys {
            twilio["webhook_keys"] = keys;
        }
        twilio
    };
    let keys = json!([{ "id": "K1", "secret": "a secret that both know" }]);
    assert_eq!(give(&server, BLOOM, with_keys(Some(keys), &account.token)).await.status, 200);
    let new = Account { token: "n".repeat(32), ..account.clone() };
    assert_eq!(give(&server, BLOOM, with_keys(None, &new.token)).await.status, 200);
    // Had the keys been forgotten, the token alone would do.
    server.send(new.signed(INCOMING, &new.text(1, "Hello"))).await.assert_refused();
    assert_eq!(give(&server, BLOOM, with_keys(Some(json!([])), &new.token)).await.status, 200);
    assert_eq!(server.send(new.signed(INCOMING, &new.text(2, "Hello"))).await.texts().len(), 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_text_in_json_is_taken_if_it_is_signed(pool: PgPool) {
    let (server, account) = bloom(pool).await;
    let fields: serde_json::Map<String, Value> =
        account.text(1, "What are your opening hours?").into_iter().map(|(name, value)| (name, json!(value))).collect();
    let body = serde_json::to_string(&fields).unwrap();
    let posted = |path: &str, body: &str| {
        let request = Request::post(path).header("content-type", "application/json; charset=utf-8");
        request.body(Body::from(body.to_owned())).unwrap()
    };
    let path = format!("{INCOMING}?bodySHA256={}", body_digest(body.as_bytes()));
    let url = format!("{}{path}", Config::default().public_url);
    let signature = signature::sign(&account.token, Algorithm::Sha1, &url, signature::Body::Json(body.as_bytes()));
    let signed = |path: &str, body: &str| with(posted(path, body), "x-twilio-signature", &signature);
    server.send(posted(&path, &body)).await.assert_refused();
    server.send(signed(&path, &body.replace("opening", "closing"))).await.assert_refused();
    server.send(signed(INCOMING, &body)).await.assert_refused();
    assert_eq!(server.send(signed(&path, "[]")).await.status, 400);
    assert_eq!(server.send(signed(&path, &body)).await.texts().len(), 1);
}
