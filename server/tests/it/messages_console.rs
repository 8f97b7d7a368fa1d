//! What staff see of messages, and do about them.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{ADMIN_KEY, Answer, TestServer, ask, form, page, with};

async fn send(server: &TestServer, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    server.send(with(form(path, fields), "cookie", cookie)).await
}

/// Sends what waits, as a worker would.
async fn send_all(server: &TestServer) {
    let waiting: Vec<uuid::Uuid> =
        sqlx::query_scalar("select outbox_id from outbox where status = 'queued' order by created_at")
            .fetch_all(&server.pool)
            .await
            .unwrap();
    for id in waiting {
        server.services.post.send(services::demo::BLOOM, id).await.unwrap();
    }
}

async fn listed(server: &TestServer, cookie: &str, state: &str) -> Value {
    let answer = send(server, cookie, "/fn/messages_view", &[("state", state)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_booking_shows_what_the_patient_is_told(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    assert!(server.send(page("/console/messages", &cookie)).await.text.contains("No messages."));
    let visit = server.session().await.book().await;
    let waiting = listed(&server, &cookie, "waiting").await;
    assert_eq!(waiting["messages"].as_array().map(Vec::len), Some(2), "{waiting}");
    send_all(&server).await;
    let sent = listed(&server, &cookie, "sent").await;
    let text = sent["messages"].as_array().unwrap().iter().find(|one| one["what"] == "Confirmation, text").unwrap();
    assert_eq!((&text["state"], &text["visit"]), (&json!("Kept"), &visit["id"]));
    assert!(text["body"].as_str().unwrap().starts_with("Bloom Wellness Studio: you are booked for Tue 24 Nov"));
    let drawn = server.send(page("/console/messages", &cookie)).await;
    for part in ["Ada Lovelace", "Kept here", "no texting account", "No mail server is set"] {
        assert!(drawn.text.contains(part), "{part}");
    }
    assert!(listed(&server, &cookie, "failed").await["messages"].as_array().unwrap().is_empty());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_failed_is_sent_again_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    server.session().await.book().await;
    server.run("update outbox set status = 'failed', reason = 'refused', error_code = 30034").await;
    let failed = listed(&server, &cookie, "failed").await;
    let first = &failed["messages"][0];
    assert_eq!(first["may_retry"], true, "{failed}");
    let id = first["id"].as_str().unwrap();
    for _ in 0..2 {
        assert_eq!(send(&server, &cookie, "/fn/retry_message", &[("id", id)]).await.status, 200);
    }
    assert_eq!(server.count("outbox").await, 3);
    let failed = listed(&server, &cookie, "failed").await;
    let again = failed["messages"].as_array().unwrap().iter().find(|message| message["id"] == id).unwrap();
    assert_eq!(again["may_retry"], false, "{failed}");
    assert!(again["why"].as_str().unwrap().ends_with(" It was sent again."), "{failed}");
    let nothing = send(&server, &cookie, "/fn/retry_message", &[("id", "00000000-0000-4000-a000-000000000009")]).await;
    assert_eq!(nothing.status, 404, "{}", nothing.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_was_erased_is_not_offered_to_be_sent_again(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let visit = server.session().await.book().await;
    server.run("update outbox set status = 'failed', reason = 'refused'").await;
    let patient = visit["patient"]["id"].as_str().unwrap();
    let erase = with(ask(Method::DELETE, &format!("/api/v1/patients/{patient}")), "x-admin-key", ADMIN_KEY);
    assert_eq!(server.send(erase).await.status, 204);
    let failed = listed(&server, &cookie, "failed").await;
    let first = &failed["messages"][0];
    assert_eq!((&first["to"], &first["may_retry"]), (&json!("[erased]"), &json!(false)), "{failed}");
    let id = first["id"].as_str().unwrap();
    assert_eq!(send(&server, &cookie, "/fn/retry_message", &[("id", id)]).await.status, 404);
    assert_eq!(server.count("outbox").await, 2);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_are_told_when_fewer_than_nine_in_ten_texts_arrive(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    server.session().await.book().await;
    let ended = async |status: &str, count: i32| {
        sqlx::query(
            "insert into outbox (clinic_id, outbox_id, key, kind, channel, address, language, body, status, provider,
                                 due_at, tried_at, sent_at, settled_at, created_at)
             select clinic_id, gen_random_uuid(), gen_random_uuid()::text, 'reply', channel, address, 'en', 'Hello', $1,
                    'twilio', due_at, created_at, created_at, created_at, created_at
             from outbox, generate_series(1, $2)
             where channel = 'sms' and kind = 'confirmation'",
        )
        .bind(status)
        .bind(count)
        .execute(&server.pool)
        .await
        .unwrap();
        server.send(page("/console/messages", &cookie)).await.text
    };
    let told = "Fewer than 90 % of the texts";
    assert!(!ended("delivered", 18).await.contains(told));
    assert!(!ended("undelivered", 2).await.contains(told), "18 of 20 are nine in ten");
    assert!(ended("undelivered", 1).await.contains(told));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn messages_come_a_page_at_a_time(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    server.session().await.book().await;
    server
        .run(
            "insert into outbox (clinic_id, outbox_id, key, kind, channel, address, language, body, due_at, created_at)
             select clinic_id, gen_random_uuid(), 'reply:' || n, 'reply', 'sms', '+15551234567', 'en', 'Answer ' || n,
                    created_at, created_at + n * interval '1 second'
             from outbox, generate_series(1, 60) n
             where channel = 'sms'",
        )
        .await;
    let first = listed(&server, &cookie, "").await;
    assert_eq!(first["messages"].as_array().map(Vec::len), Some(50));
    assert_eq!(first["messages"][0]["body"], "Answer 60");
    let next = first["next"].as_str().unwrap();
    let rest = send(&server, &cookie, "/fn/messages_view", &[("after", next)]).await;
    assert_eq!(rest.json["messages"].as_array().map(Vec::len), Some(12), "{}", rest.text);
    assert!(rest.json["next"].is_null());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_note_who_wants_no_more_messages(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let noted = send(
        &server,
        &cookie,
        "/fn/note_opt_out",
        &[("address", "+1 555 123 4567"), ("words", "Please stop <b>texting</b> me")],
    )
    .await;
    assert_eq!(noted.status, 200, "{}", noted.text);
    server.session().await.book().await;
    send_all(&server).await;
    let kept_back = listed(&server, &cookie, "suppressed").await;
    assert_eq!(kept_back["messages"][0]["why"], "They said that they want no messages.", "{kept_back}");

    let ledger = send(&server, &cookie, "/fn/opt_outs_view", &[]).await;
    let lines = ledger.json["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2, "texts and calls");
    for line in lines {
        let end = send(&server, &cookie, "/fn/end_opt_out", &[("id", line["id"].as_str().unwrap())]).await;
        assert_eq!(end.status, 200);
        let again = send(&server, &cookie, "/fn/end_opt_out", &[("id", line["id"].as_str().unwrap())]).await;
        assert_eq!(again.status, 404);
    }
    let drawn = server.send(page("/console/messages/opt-outs", &cookie)).await;
    assert!(drawn.text.contains("Back since") && !drawn.text.contains("<b>texting"), "{}", drawn.text);
    let odd = send(&server, &cookie, "/fn/note_opt_out", &[("address", "nobody")]).await;
    assert_eq!((odd.status, &odd.json["errors"][0]["field"]), (422, &json!("address")), "{}", odd.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn how_and_what_is_written_is_set_in_the_settings(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let set = [
        ("what", "messaging"),
        ("form[sms]", "on"),
        ("form[reminder_minutes]", "24, 1.5"),
        ("form[quiet_from]", "20:00"),
        ("form[quiet_until]", "09:00"),
        ("form[most_a_day]", "2"),
        ("form[most_a_week]", "4"),
        ("form[inbound_an_hour]", "10"),
        ("form[segment_price]", "0.0079"),
        ("form[offer_minutes]", "95"),
    ];
    let saved = send(&server, &cookie, "/fn/save_settings", &set).await;
    assert_eq!(saved.json["Done"], "Saved.", "{}", saved.text);
    let drawn = server.send(page("/console/settings/messages", &cookie)).await;
    for part in ["24, 1.5", "20:00", "0.0079", "\"95\""] {
        assert!(drawn.text.contains(part), "{part}");
    }
    // E-mail is off now.
    server.session().await.book().await;
    assert_eq!(server.count("outbox").await, 1);

    let wrong: Vec<_> = set
        .into_iter()
        .map(|(name, value)| if name.contains("reminder") { (name, "soon") } else { (name, value) })
        .collect();
    let refused = send(&server, &cookie, "/fn/save_settings", &wrong).await;
    assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("reminder_minutes")));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn wording_is_previewed_judged_saved_and_given_up(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let say = |what: &'static str, body: &'static str| {
        [("what", what), ("form[item]", "confirmation.sms.en"), ("form[body]", body)]
    };
    let body = "{clinic}: see you {day}, {time}. Reply STOP to opt out.";
    let tried = send(&server, &cookie, "/fn/save_settings", &say("template_preview", body)).await;
    let read = tried.json["Told"].as_str().unwrap_or_else(|| panic!("{}", tried.text));
    assert!(read.contains("see you Wed 17 Mar, 2:00 PM") && read.contains("1 segment, USD 0.0083"), "{read}");
    assert_eq!(server.count("templates").await, 0, "a preview changes nothing");

    assert_eq!(send(&server, &cookie, "/fn/save_settings", &say("template", body)).await.status, 200);
    server.session().await.book().await;
    send_all(&server).await;
    let sent = listed(&server, &cookie, "sent").await;
    assert!(sent.to_string().contains("see you Tue 24 Nov, "), "{sent}");

    let refused = send(&server, &cookie, "/fn/save_settings", &say("template", "See you {whenever}")).await;
    assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("body")), "{}", refused.text);
    let page_of = server.send(page("/console/settings/wording?item=confirmation.sms.en", &cookie)).await;
    assert!(page_of.text.contains("Use these again"), "{}", page_of.text);
    assert_eq!(send(&server, &cookie, "/fn/save_settings", &say("template_reset", "")).await.status, 200);
    assert_eq!(server.count("templates").await, 0);
    for item in ["nonsense", "confirmation.fax.en", "handoff_link.email.en", "opt_out_confirmation.email.en"] {
        let none = server.send(page(&format!("/console/settings/wording?item={item}"), &cookie)).await;
        assert!(none.text.contains("There is nothing here."), "{item}");
    }
}

/// Whatever is sent by e-mail is worded for e-mail.
#[sqlx::test(migrator = "services::MIGRATOR")]
async fn every_message_that_is_mailed_has_a_wording_of_its_own(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let booked = server.session().await.book().await;
    let words = [
        ("follow_up.email.en", "{clinic} writes again. Please answer."),
        ("waitlist_offer.email.en", "{clinic}: {day}, {time} came free. {link}"),
        ("contact_change.email.en", "{clinic}: your details were changed."),
        ("one_time_code.email.en", "{clinic} says: {code} is yours."),
    ];
    let listed = server.send(page("/console/settings/wording", &cookie)).await.text;
    for (item, body) in words {
        assert!(listed.contains(item), "{item}");
        let form =
            [("what", "template"), ("form[item]", item), ("form[subject]", "From {clinic}"), ("form[body]", body)];
        let saved = send(&server, &cookie, "/fn/save_settings", &form).await;
        assert_eq!(saved.status, 200, "{item}: {}", saved.text);
    }
    let lacking =
        [("what", "template"), ("form[item]", words[3].0), ("form[subject]", "Hello"), ("form[body]", "{clinic}.")];
    let refused = send(&server, &cookie, "/fn/save_settings", &lacking).await;
    assert_eq!((refused.status, refused.wrong_fields()), (422, vec!["body"]), "{}", refused.text);

    let code = json!({ "channel": "email", "confirmation_code": booked["confirmation_code"] });
    assert_eq!(server.session().await.post("verifications", code).await.status, 202);
    let (subject, said): (String, String) =
        sqlx::query_as("select subject, body from outbox where kind = 'one_time_code'")
            .fetch_one(&server.pool)
            .await
            .unwrap();
    assert_eq!(subject, "From Bloom Wellness Studio");
    assert!(said.starts_with("Bloom Wellness Studio says: ") && said.ends_with(" is yours."), "{said}");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_account_is_set_once_and_never_shown(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let token = "0123456789abcdef0123456789abcdef";
    let account = [
        ("what", "twilio"),
        ("form[twilio.account_sid]", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("form[twilio.auth_token]", token),
        ("form[twilio.api_key.sid]", "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("form[twilio.api_key.secret]", "the secret of the key 6789"),
        ("form[twilio.phone_number]", "+15550100000"),
    ];
    let saved = send(&server, &cookie, "/fn/save_settings", &account).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let drawn = server.send(page("/console/settings/accounts", &cookie)).await;
    assert!(drawn.text.contains("ends in cdef") && !drawn.text.contains(token), "{}", drawn.text);
    assert!(drawn.text.contains("an API key whose secret ends in 6789"), "{}", drawn.text);
    assert!(!drawn.text.contains("the secret of the key"), "{}", drawn.text);
    let half: Vec<_> = account.into_iter().filter(|(name, _)| !name.ends_with("secret]")).collect();
    let refused = send(&server, &cookie, "/fn/save_settings", &half).await;
    assert_eq!((refused.status, refused.wrong_fields()), (422, vec!["twilio.api_key.secret"]));
    let mut without: Vec<_> = account.into_iter().filter(|(name, _)| !name.contains("api_key")).collect();
    for (is_kept, what) in [(true, "left empty"), (false, "forgotten")] {
        assert_eq!(send(&server, &cookie, "/fn/save_settings", &without).await.status, 200, "{what}");
        let drawn = server.send(page("/console/settings/accounts", &cookie)).await;
        assert_eq!(drawn.text.contains("an API key whose secret ends in 6789"), is_kept, "{what}");
        without.push(("form[twilio.api_key.forget]", "on"));
    }
    let checked = send(&server, &cookie, "/fn/save_settings", &[("what", "twilio_check")]).await;
    assert_eq!(checked.status, 422, "{}", checked.text);
    assert!(checked.text.contains("Twilio could not be reached"), "{}", checked.text);
    assert_eq!(send(&server, &cookie, "/fn/save_settings", &[("what", "twilio_remove")]).await.status, 200);
    assert_eq!(server.count("credentials").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn figures_are_the_platforms_alone(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.session().await.book().await;
    server.get("/metrics").await.assert_problem(401, "unauthenticated");
    let key = with(ask(Method::GET, "/metrics"), "x-admin-key", ADMIN_KEY);
    let figures = server.send(key).await;
    assert_eq!(figures.status, 200, "{}", figures.text);
    assert!(figures.text.contains(r#"frontdesk_messages_24h{channel="sms",status="queued"} 1"#), "{}", figures.text);
    assert!(figures.text.contains("frontdesk_clinics_without_texting 1"), "{}", figures.text);
    assert!(!figures.text.contains("555"), "no patient is in it");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_text_that_nobody_could_answer_is_tried_again_or_put_away(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    server.session().await.say("Are you open on Monday?").await;
    let give_up = "insert into inbound_texts (clinic_id, inbound_text_id, provider_id, sender, patient_number, body, state,
                                              message_id, received_at)
                   select clinic_id, gen_random_uuid(), 'SM' || n, '+15550100000', '+15551234567', text, 'failed', message_id,
                          created_at
                   from messages, generate_series(1, 2) n where role = 'patient'";
    server.run(give_up).await;
    let listed = listed(&server, &cookie, "").await;
    let texts = listed["unanswered"].as_array().unwrap();
    assert_eq!((texts.len(), &texts[0]["body"]), (2, &json!("Are you open on Monday?")));
    let drawn = server.send(page("/console/messages", &cookie)).await;
    assert!(drawn.text.contains("Texts without an answer"));
    for (path, text) in [("/fn/retry_text", &texts[0]), ("/fn/dismiss_text", &texts[1])] {
        let id = text["id"].as_str().unwrap();
        assert_eq!(send(&server, &cookie, path, &[("id", id)]).await.status, 200, "{path}");
        assert_eq!(send(&server, &cookie, path, &[("id", id)]).await.status, 404, "{path}");
    }
    let mut states: Vec<String> =
        sqlx::query_scalar("select state from inbound_texts").fetch_all(&server.pool).await.unwrap();
    states.sort();
    assert_eq!(states, ["answered", "promised"]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_visits_page_shows_what_its_patient_was_told_and_agreed_to(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let visit = server.session().await.book().await;
    send_all(&server).await;
    let id = visit["id"].as_str().unwrap();
    let told = send(&server, &cookie, "/fn/appointment_view", &[("id", id)]).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let messages = told.json["messages"].as_array().unwrap();
    let text = messages.iter().find(|one| one["what"] == "Confirmation, text").unwrap();
    assert_eq!((messages.len(), &text["state"]), (2, &json!("Kept")));
    let steps: Vec<_> = text["steps"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(steps[0].starts_with("Written down, ") && steps[2].starts_with("Kept here, "), "{steps:?}");
    let said = told.json["said"].as_array().unwrap();
    assert!(said.iter().any(|line| line.as_str().unwrap().starts_with("Agreed to texts to +15551234567")), "{said:?}");
    let drawn = server.send(page(&format!("/console/appointments/{id}"), &cookie)).await;
    for part in ["Messages", "Being written to", "What became of it"] {
        assert!(drawn.text.contains(part), "{part}");
    }
}
