//! A patient is forgotten: in every column of every table.

use http::Method;
use serde_json::json;
use server::erasures;
use services::demo::BLOOM;
use services::messaging::ledger::{self, Way};
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{ADMIN_KEY, Answer, Session, TestServer, ada, ask, ask_with, form, page, with};

/// What must not be found anywhere afterwards.
const PERSONAL: [&str; 5] = ["lovelace", "5551234567", "ada@example.com", "xyzzy", "1985-12-10"];

async fn erase(server: &TestServer, patient: &str) -> Answer {
    let request = ask(Method::DELETE, &format!("/api/v1/patients/{patient}"));
    server.send(with(request, "x-admin-key", ADMIN_KEY)).await
}

async fn patient(server: &TestServer) -> String {
    sqlx::query_scalar("select patient_id::text from patients where name = 'Ada Lovelace' order by patient_id limit 1")
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

/// Every table of a clinic's, and what of a person stands in it.
async fn traces(server: &TestServer) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns
         where table_schema = 'public' and column_name = 'clinic_id' order by table_name",
    )
    .fetch_all(&server.pool)
    .await
    .unwrap();
    assert!(tables.len() > 30, "{tables:?}");
    let mut found = Vec::new();
    for table in tables {
        let rows = sqlx::AssertSqlSafe(format!("select lower(t::text) from {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(&server.pool).await.unwrap();
        for row in rows {
            found.extend(
                PERSONAL.iter().filter(|what| row.contains(*what)).map(|what| format!("{what} in {table}: {row}")),
            );
        }
    }
    found
}

/// Ada was here in every way there is.
async fn ada_was_here(server: &TestServer) -> (Session<'_>, serde_json::Value) {
    let visitor = server.session().await;
    visitor.say("I am Ada Lovelace, my number is +15551234567 and my secret is xyzzy. What times are free?").await;
    let hold = visitor.hold(&visitor.free_slot().await).await;
    let confirmation = json!({ "hold_id": hold.json["hold_id"], "patient": ada(), "note": "xyzzy" });
    let booked = visitor.post_once("appointments/confirm", confirmation, "once").await;
    assert_eq!(booked.status, 201, "{}", booked.text);
    let visit = booked.json["appointment"].clone();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "update patients set birth_date = '1985-12-10' where name = 'Ada Lovelace';
         update conversations set hinted_email = 'ada@example.com', hinted_phone = '+15551234567' where conversation_id = '{chat}';
         update appointments set cancel_reason = 'xyzzy', asked_reason = 'xyzzy' where appointment_id = '{visit}';
         insert into tool_calls (clinic_id, tool_call_id, conversation_id, message_id, name, arguments, output, created_at)
         select clinic_id, gen_random_uuid(), conversation_id, message_id, 'confirm_booking', '{{\"name\":\"Ada Lovelace\"}}', '{{\"a\":\"xyzzy\"}}', now()
         from messages where conversation_id = '{chat}' limit 1;
         insert into handovers (clinic_id, handover_id, conversation_id, began_by, summary, began_at)
         values ('{BLOOM}', gen_random_uuid(), '{chat}', 'member', 'Ada Lovelace: xyzzy', now());
         insert into one_time_codes (clinic_id, one_time_code_id, conversation_id, patient_id, channel, digest, created_at, expires_at)
         select clinic_id, gen_random_uuid(), '{chat}', patient_id, 'sms', sha256('xyzzy'), now(), now() + interval '10 minutes'
         from appointments where appointment_id = '{visit}';
         insert into followups (clinic_id, followup_id, conversation_id, attempt, about, due_at, created_at)
         values ('{BLOOM}', gen_random_uuid(), '{chat}', 1, 'xyzzy', now(), now());
         insert into tasks (clinic_id, task_id, kind, conversation_id, detail, asked_by, created_at)
         values ('{BLOOM}', gen_random_uuid(), 'inquiry', '{chat}', 'xyzzy', 'Ada Lovelace, +15551234567', now());
         insert into waitlist_entries (clinic_id, waitlist_entry_id, patient_id, conversation_id, appointment_type_id, from_date, to_date, note, created_at)
         select clinic_id, gen_random_uuid(), patient_id, '{chat}', appointment_type_id, '2026-11-24', '2026-11-25', 'xyzzy', now()
         from appointments where appointment_id = '{visit}';
         insert into voice_calls (clinic_id, call_id, conversation_id, heard_at, created_at) values ('{BLOOM}', 'c1', '{chat}', now(), now());
         insert into voice_acts (clinic_id, voice_act_id, call_id, fingerprint, answer, created_at)
         values ('{BLOOM}', gen_random_uuid(), 'c1', 'x', '{{\"message\":\"Booked for Ada Lovelace\"}}', now());
         insert into inbound_texts (clinic_id, inbound_text_id, provider_id, sender, patient_number, body, reply, received_at)
         values ('{BLOOM}', gen_random_uuid(), 'SM1', '+15550001111', '+15551234567', 'STOP xyzzy', 'xyzzy', now());
         insert into sms_threads (clinic_id, sender, patient_number, conversation_id)
         values ('{BLOOM}', '+15550001111', '+15551234567', '{chat}');
         insert into opt_outs (clinic_id, opt_out_id, channel, address, via, words, created_at)
         values ('{BLOOM}', gen_random_uuid(), 'sms', '+15551234567', 'words', 'stop xyzzy', now());
         insert into consents (clinic_id, consent_id, channel, address, text_version, given_on, given_at)
         values ('{BLOOM}', gen_random_uuid(), 'email', 'ada@example.com', '1', 'web', now());
         insert into unreachable (clinic_id, channel, address, since) values ('{BLOOM}', 'email', 'ada@example.com', now());
         insert into events (clinic_id, event_id, kind, appointment_id, actor, channel, payload, created_at)
         values ('{BLOOM}', gen_random_uuid(), 'BookingAsked', '{visit}', 'member', 'console', '{{\"message\":\"xyzzy\"}}', now());",
        chat = visitor.id,
        visit = visit["id"].as_str().unwrap(),
    )))
    .execute(&server.pool)
    .await
    .unwrap();
    (visitor, visit)
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn after_an_erasure_nothing_of_the_person_is_left_in_any_column(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (visitor, visit) = ada_was_here(&server).await;
    assert!(traces(&server).await.len() >= 15, "the test looks in the right places: {:#?}", traces(&server).await);
    let (visits, messages) = (server.count("appointments").await, server.count("messages").await);
    let id = patient(&server).await;

    assert_eq!(erase(&server, &id).await.status, 204);

    assert_eq!(traces(&server).await, [""; 0]);
    assert_eq!(server.count("one_time_codes").await, 0);
    assert_eq!(
        (server.count("appointments").await, server.count("messages").await),
        (visits, messages),
        "what was stays"
    );
    let read = with(ask(Method::GET, &format!("/api/v1/patients/{id}")), "x-admin-key", ADMIN_KEY);
    let read = server.send(read).await;
    assert_eq!((read.text_of("name").as_str(), read.json["phone"].is_null()), ("Erased patient", true));
    assert!(!read.json["erased_at"].is_null());
    // The session knows no visit any more.
    let cancel = format!("appointments/{}/cancel", visit["id"].as_str().unwrap());
    visitor.post(&cancel, json!({})).await.assert_problem(404, "not_found");
    visitor.get("appointments/lookup?email=ada@example.com").await.assert_problem(403, "verification_required");
    let queued: i64 =
        sqlx::query_scalar("select count(*) from outbox where status in ('queued', 'sending', 'unknown')")
            .fetch_one(&server.pool)
            .await
            .unwrap();
    assert_eq!(queued, 0);

    assert_eq!(erase(&server, &id).await.status, 204, "again");
    assert_eq!(server.count("erasures").await, 2);
    erase(&server, "00000000-0000-4000-a000-000000000009").await.assert_problem(404, "not_found");
    let patch = ask_with(Method::PATCH, &format!("/api/v1/patients/{id}"), json!({ "name": "Ada Lovelace" }));
    server.send(with(patch, "x-admin-key", ADMIN_KEY)).await.assert_problem(404, "not_found");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn whoever_said_stop_is_not_written_to_when_they_come_back(pool: PgPool) {
    let server = TestServer::new(pool).await;
    ada_was_here(&server).await;
    assert_eq!(erase(&server, &patient(&server).await).await.status, 204);
    let stopped = async || {
        let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
        ledger::is_stopped(&mut tx, Way::Sms, "+15551234567").await.unwrap()
    };
    assert!(!stopped().await, "nobody has this number");

    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.slots().await.pop().unwrap()).await;
    let patient = json!({ "name": "Ada Byron", "phone": "+15551234567" });
    assert_eq!(visitor.confirm(&hold, patient).await.status, 201);
    assert!(stopped().await);
    assert_eq!(server.count("opt_outs").await, 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_reached_them_earlier_is_forgotten_too(pool: PgPool) {
    let server = TestServer::new(pool).await;
    ada_was_here(&server).await;
    let id = patient(&server).await;
    let changed = json!({ "phone": "+15550104444", "email": "countess@example.org" });
    let patch = ask_with(Method::PATCH, &format!("/api/v1/patients/{id}"), changed);
    let patched = server.send(with(patch, "x-admin-key", ADMIN_KEY)).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    // She texted from the old number before anybody knew that it was hers.
    let unknown = server.session().await;
    unknown.say("My secret is xyzzy.").await;
    sqlx::query("update conversations set hinted_phone = '+15551234567', hinted_email = null where conversation_id = $1::text::uuid")
        .bind(&unknown.id)
        .execute(&server.pool)
        .await
        .unwrap();

    // And a code went to it for somebody who had it before her.
    let other = server.session().await;
    let hold = other.hold(&other.slots().await.pop().unwrap()).await;
    let ben = json!({ "name": "Ben Low", "phone": "+15550102222" });
    assert_eq!(other.confirm(&hold, ben).await.status, 201);
    server
        .run(
            "insert into one_time_codes (clinic_id, one_time_code_id, conversation_id, patient_id, channel, address,
                                         digest, created_at, expires_at)
             select clinic_id, gen_random_uuid(), conversation_id, patient_id, 'sms', '+15551234567',
                    sha256('x'), now(), now() + interval '10 minutes'
             from appointments join patients using (clinic_id, patient_id) where name = 'Ben Low'",
        )
        .await;

    assert_eq!(erase(&server, &id).await.status, 204);

    assert_eq!(traces(&server).await, [""; 0]);
    let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
    assert!(!ledger::is_stopped(&mut tx, Way::Sms, "+15551234567").await.unwrap(), "nobody has this number");
    drop(tx);
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.slots().await.pop().unwrap()).await;
    let back = json!({ "name": "Ada Byron", "phone": "+15551234567" });
    assert_eq!(visitor.confirm(&hold, back).await.status, 201);
    let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
    assert!(
        ledger::is_stopped(&mut tx, Way::Sms, "+15551234567").await.unwrap(),
        "who said stop is still not written to"
    );
}

/// A number that somebody else has by now is theirs.
#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_earlier_number_that_is_anothers_now_stays_theirs(pool: PgPool) {
    let server = TestServer::new(pool).await;
    ada_was_here(&server).await;
    let id = patient(&server).await;
    server.run("update patients set phone = '+15550104444', email = null where name = 'Ada Lovelace'").await;
    let visitor = server.session().await;
    let hold = visitor.hold(&visitor.slots().await.pop().unwrap()).await;
    let booked = visitor.confirm(&hold, json!({ "name": "Ben Low", "phone": "+15551234567" })).await;
    assert_eq!(booked.status, 201, "{}", booked.text);

    assert_eq!(erase(&server, &id).await.status, 204);

    let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
    assert!(ledger::is_stopped(&mut tx, Way::Sms, "+15551234567").await.unwrap());
    let kept: i64 = sqlx::query_scalar("select count(*) from outbox where address = '+15551234567'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(kept, 1, "what was written to the other, and nothing else");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_a_household_shares_stays_the_others(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (parent, child) = (server.session().await, server.session().await);
    parent.book().await;
    let hold = child.hold(&child.slots().await.pop().unwrap()).await;
    let booked = child.confirm(&hold, json!({ "name": "Annabella King", "phone": "+15551234567" })).await;
    let id = booked.json["appointment"]["patient"]["id"].as_str().unwrap().to_owned();
    sqlx::query(
        "insert into opt_outs (clinic_id, opt_out_id, channel, address, via, created_at)
         values ($1, gen_random_uuid(), 'sms', '+15551234567', 'keyword', now())",
    )
    .bind(BLOOM.uuid())
    .execute(&server.pool)
    .await
    .unwrap();

    assert_eq!(erase(&server, &id).await.status, 204);

    let names: Vec<String> =
        sqlx::query_scalar("select name from patients order by name").fetch_all(&server.pool).await.unwrap();
    assert!(names.contains(&"Ada Lovelace".to_owned()) && !names.contains(&"Annabella King".to_owned()), "{names:?}");
    let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
    assert!(ledger::is_stopped(&mut tx, Way::Sms, "+15551234567").await.unwrap());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn whom_an_older_copy_brought_back_is_erased_again(pool: PgPool) {
    let server = TestServer::new(pool).await;
    ada_was_here(&server).await;
    let id = patient(&server).await;
    assert_eq!(erase(&server, &id).await.status, 204);
    let db = &server.services.db;
    let exported: String =
        erasures::every(db).await.unwrap().iter().map(|erasure| format!("{}\n", json!(erasure))).collect();
    assert!(!PERSONAL.iter().any(|what| exported.to_lowercase().contains(what)), "{exported}");

    // As it was before, which knows of no erasure either.
    sqlx::query("update patients set name = 'Ada Lovelace', phone = '+15551234567', erased_at = null where patient_id = $1::text::uuid")
        .bind(&id)
        .execute(&server.pool)
        .await
        .unwrap();
    server.run("update messages set text = 'xyzzy'").await;
    server.run("delete from erasures").await;

    assert_eq!(erasures::replay_on(db, erasures::read(&exported).unwrap()).await.unwrap(), 1);
    assert_eq!(traces(&server).await, [""; 0]);
    assert_eq!(server.count("erasures").await, 1);
    assert_eq!(erasures::replay_on(db, Vec::new()).await.unwrap(), 1, "its own list is enough");
    assert!(erasures::read("nonsense").is_err());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_patient_is_erased_from_the_page_of_a_visit_by_whoever_manages(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visit = server.session().await.book().await;
    let cookie = sign_in(&server).await;
    let path = format!("/console/appointments/{}", visit["id"].as_str().unwrap());
    let look = async || server.send(page(&path, &cookie)).await.text;
    let id = patient(&server).await;
    for (role, may) in [("viewer", false), ("front_desk", false), ("manager", true), ("owner", true)] {
        sqlx::query("update members set role = $1").bind(role).execute(&server.pool).await.unwrap();
        assert_eq!(look().await.contains("Erase this patient"), may, "{role}");
        let unknown = [("patient", "00000000-0000-4000-a000-000000000009")];
        let answer = server.send(with(form("/fn/erase_patient", &unknown), "cookie", &cookie)).await;
        assert_eq!(answer.status, if may { 404 } else { 403 }, "{role}: {}", answer.text);
    }
    assert!(look().await.contains("Ada Lovelace is forgotten: name, phone, email and birth date"));
    let erased = server.send(with(form("/fn/erase_patient", &[("patient", &id)]), "cookie", &cookie)).await;
    assert_eq!(erased.status, 200, "{}", erased.text);
    let after = look().await;
    assert!(after.contains("Erased patient") && !after.contains("Lovelace"), "{after}");
    assert!(!after.contains("Erase this patient"));
}
