//! The queue does what is due, in whoever's process.

use std::time::Duration;

use serde_json::json;
use sqlx::PgPool;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{Jobs, each_minute, install};
use crate::MIGRATOR;
use crate::clinics::smtp::{SmtpAccount, SmtpSecurity};
use crate::messaging::inbound::Incoming;
use crate::messaging::smtp::Smtp;
use crate::messaging::tests::mail::{MailServer, desk_mailing};
use crate::messaging::tests::support::*;

async fn waiting(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from graphile_worker._private_jobs").fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_booking_has_its_message_sent_and_one_that_is_undone_has_not(pool: PgPool) {
    install(&pool).await.unwrap();
    let twilio = taking().await;
    let desk = desk_with(pool.clone(), &twilio).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let mut tx = desk.world.tx().await;
    crate::booking::confirm(&mut tx, desk.world.now(), &desk.world.booking(owner, hold)).await.unwrap();
    drop(tx);
    assert_eq!(waiting(&pool).await, 0);

    desk.world.confirm(owner, hold).await.unwrap();
    assert_eq!(waiting(&pool).await, 2);
    let (inbound, _tasks) = desk.inbound().await;
    let jobs = Jobs::start(inbound).await.unwrap();
    jobs.run_once().await.unwrap();
    assert_eq!(waiting(&pool).await, 0);
    assert_eq!(asked(&twilio).await.len(), 1);
    assert_eq!(desk.fates().await, [fate("confirmation", "sent", None)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_login_can_work_and_stops_when_told_to(pool: PgPool) {
    install(&pool).await.unwrap();
    install(&pool).await.unwrap();
    let options = pool.connect_options().as_ref().clone().options([("role", "frontdesk_app")]);
    let login = sqlx::postgres::PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap();
    let desk = desk(login).await;
    desk.book(TWO_PM).await;
    let (inbound, _tasks) = desk.inbound().await;
    let jobs = Jobs::start(inbound).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let working = tokio::spawn(jobs.run(async move { drop(stopped.await) }));
    let sent = async {
        while desk.text().await.status != "sent" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), sent).await.expect("the message is sent");
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(10), working).await.expect("the worker stops").unwrap().unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_the_clock_asks_for_each_minute_is_done(pool: PgPool) {
    install(&pool).await.unwrap();
    let desk = desk(pool.clone()).await;
    let (inbound, _tasks) = desk.inbound().await;
    let jobs = Jobs::start(inbound).await.unwrap();
    for asked in each_minute() {
        sqlx::query("select graphile_worker.add_job($1, $2::jsonb::json)")
            .bind(&asked.task_identifier)
            // As the clock writes it: what carries nothing carries null.
            .bind(json!(asked.payload))
            .execute(&pool)
            .await
            .unwrap();
    }
    jobs.run_once().await.unwrap();
    assert_eq!(waiting(&pool).await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_clock_asks_for_all_that_is_done_each_minute(pool: PgPool) {
    install(&pool).await.unwrap();
    let desk = desk(pool.clone()).await;
    let asked_for = async || -> Vec<String> {
        let known = "select identifier from graphile_worker._private_known_crontabs order by identifier";
        sqlx::query_scalar(known).fetch_all(&pool).await.unwrap()
    };
    work_until(&desk, async || !asked_for().await.is_empty()).await;
    assert_eq!(asked_for().await, ["collect", "follow_up", "offer_times", "remind"]);
}

/// Works until `done`, and stops.
async fn work_until(desk: &Desk, done: impl AsyncFn() -> bool) {
    let (inbound, _tasks) = desk.inbound().await;
    let jobs = Jobs::start(inbound).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let working = tokio::spawn(jobs.run(async move { drop(stopped.await) }));
    let waiting = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("the work is done");
    stop.send(()).unwrap();
    working.await.unwrap().unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clinic_with_much_to_say_does_not_keep_another_waiting(pool: PgPool) {
    install(&pool).await.unwrap();
    let twilio = MockServer::start().await;
    let slow = |request: &Request| {
        // Each text goes to another number.
        let sid = format!("SM{}", field(&fields(&request.body), "To"));
        let taken = ResponseTemplate::new(201).set_body_json(json!({ "sid": sid, "status": "queued" }));
        taken.set_delay(Duration::from_millis(60))
    };
    Mock::given(method("POST")).respond_with(slow).mount(&twilio).await;
    let (loud, quiet) = (desk_with(pool.clone(), &twilio).await, desk_with(pool, &twilio).await);
    quiet.give_account('b', "+15550199999").await;
    loud.world
        .run(
            "insert into outbox (outbox_id, key, kind, channel, address, language, body, due_at, created_at)
             select gen_random_uuid(), 'reply:' || n, 'reply', 'sms', '+155512' || (10000 + n), 'en', 'Hello', now(), now()
             from generate_series(1, 60) n",
            &[],
        )
        .await;
    quiet.book(TWO_PM).await;
    work_until(&quiet, async || quiet.text().await.status == "sent").await;
    let before = asked(&twilio).await.len() - 1;
    assert!(before < 30, "{before} of the other's 60 were sent before");
}

/// Whoever has a turn goes on with what waits, and takes out of the queue only
/// the work of what has left.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_turn_goes_on_with_what_waits_and_keeps_the_work_of_what_stays(pool: PgPool) {
    install(&pool).await.unwrap();
    let twilio = taking().await;
    let desk = desk_with(pool.clone(), &twilio).await;
    // It is quiet all day, for whoever is written to unasked.
    desk.world.run("insert into messaging_settings (quiet_from, quiet_until) values (0, 1439)", &[]).await;
    desk.world
        .run(
            "insert into outbox (outbox_id, key, kind, channel, address, language, body, due_at, created_at)
             select gen_random_uuid(), kind || n, kind, 'sms', '+155512' || (10000 + n), 'en', 'Reply STOP to opt out.',
                    '2026-11-19', '2026-11-19'
             from generate_series(1, 15) n, (values ('reply'), ('reminder')) kinds (kind)",
            &[],
        )
        .await;
    assert_eq!(waiting(&pool).await, 30);
    let count = async |status: &str| -> i64 {
        let rows = sqlx::query_scalar("select count(*) from outbox where status = $1").bind(status.to_owned());
        rows.fetch_one(&pool).await.unwrap()
    };
    // One of each of its two queues.
    let firsts: Vec<uuid::Uuid> = sqlx::query_scalar(
        "select distinct on (outbox_queue(clinic_id, channel, address)) outbox_id from outbox where kind = 'reply'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(firsts.len(), 2);
    for _ in 0..20 {
        for first in &firsts {
            desk.post.send_in_turn(desk.world.clinic, *first).await.unwrap();
        }
        if count("sent").await == 15 {
            break;
        }
    }
    assert_eq!((count("sent").await, count("queued").await), (15, 15));
    // The first ones still have the work that they were sent by.
    assert_eq!(waiting(&pool).await, 17);
}

/// The process that took the text dies before it has answered.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_text_that_nobody_answered_is_answered_by_whoever_works(pool: PgPool) {
    install(&pool).await.unwrap();
    let desk = desk(pool.clone()).await;
    let (inbound, _tasks) = desk.inbound().await;
    let text = Incoming {
        provider_id: "SM1".into(),
        to: "+15550100000".into(),
        from: ADA.into(),
        body: "Are you open on Monday?".into(),
        media: 0,
        opt_out_type: None,
    };
    let taken = inbound.take(desk.world.clinic, &text).await.unwrap();
    assert!(taken.is_some());
    assert_eq!(waiting(&pool).await, 1, "it is looked after from the start");
    desk.world.run("update inbound_texts set state = 'waiting', reply = null", &[]).await;
    sqlx::query("update graphile_worker._private_jobs set run_at = now()").execute(&pool).await.unwrap();

    let jobs = Jobs::start(inbound).await.unwrap();
    jobs.run_once().await.unwrap();
    jobs.run_once().await.unwrap();
    assert_eq!(desk.fates().await, [fate("reply", "sent", None)]);
}

/// A server that takes connections and says nothing.
async fn hanging() -> (SmtpAccount, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let account = SmtpAccount {
        host: "127.0.0.1".into(),
        port: listener.local_addr().unwrap().port(),
        security: SmtpSecurity::None,
        username: None,
        password: None,
        from_address: "desk@cedar.example.com".into(),
        from_name: None,
        reply_to: None,
    };
    let taking = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            kept.push(connection);
        }
    });
    (account, taking)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn mail_servers_that_hang_keep_no_text_waiting(pool: PgPool) {
    install(&pool).await.unwrap();
    let options = pool.connect_options().as_ref().clone();
    let wide = sqlx::postgres::PgPoolOptions::new().max_connections(32).connect_with(options).await.unwrap();
    let (twilio, (account, taking_connections)) = (taking().await, hanging().await);
    let patience = Duration::from_secs(4);
    for _ in 0..12 {
        let stuck = desk(wide.clone()).await;
        stuck.mail_by(&account).await;
        stuck.book(TWO_PM).await;
        stuck.world.run("delete from outbox where channel = 'sms'", &[]).await;
    }
    let mut texting = desk_with(wide.clone(), &twilio).await;
    texting.post.smtp = Smtp::with_patience("desk.example.com", patience);
    texting.book(TWO_PM).await;
    let began = std::time::Instant::now();
    work_until(&texting, async || {
        let is_sent = texting.text().await.status == "sent";
        assert!(is_sent || began.elapsed() < patience, "the text waited for mail servers");
        is_sent
    })
    .await;
    assert_eq!(asked(&twilio).await.len(), 1);
    let with_servers: i64 = sqlx::query_scalar("select count(*) from outbox where channel = 'email' and attempts > 0")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!((1..=4).contains(&with_servers), "{with_servers} were with mail servers at once");
    taking_connections.abort();
}

/// A message that a mail server has is not left as one of which nobody knows.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stop_waits_for_what_a_mail_server_has(pool: PgPool) {
    install(&pool).await.unwrap();
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.book(TWO_PM).await;
    desk.readdress("slow@example.com").await;
    let (inbound, _tasks) = desk.inbound().await;
    let jobs = Jobs::start(inbound).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let working = tokio::spawn(jobs.run(async move { drop(stopped.await) }));
    let handing_over = async {
        while server.asked() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), handing_over).await.expect("the server is asked");
    stop.send(()).unwrap();
    working.await.unwrap().unwrap();
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "sent", None)]);
    assert_eq!(server.got().len(), 1);
}
