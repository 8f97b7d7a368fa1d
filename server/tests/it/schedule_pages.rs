//! Changing the schedule from the console, and who may.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{Answer, TestServer, form, page, with};

/// Has the owner be somebody with this role.
async fn become_a(server: &TestServer, role: &str) {
    sqlx::query("update members set role = $1").bind(role).execute(&server.pool).await.unwrap();
}

async fn send(server: &TestServer, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    server.send(with(form(path, fields), "cookie", cookie)).await
}

/// The id of whoever a visit is with.
fn practitioner(visit: &Value) -> String {
    format!("practitioner:{}", visit["practitioner"]["id"].as_str().unwrap())
}

async fn rows(server: &TestServer, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&server.pool).await.unwrap()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_one_may_do_depends_on_ones_role(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let visit = server.session().await.book().await;
    let id = visit["id"].as_str().unwrap();
    let task = "00000000-0000-4000-a000-000000000009";
    let acts: [(&str, &[(&str, &str)]); 7] = [
        ("/fn/mark_visit", &[("id", id), ("status", "arrived")]),
        ("/fn/cancel_appointment", &[("id", id)]),
        ("/fn/approve_request", &[("id", id)]),
        ("/fn/decline_request", &[("id", id)]),
        ("/fn/move_appointment", &[("id", id), ("slot", "")]),
        ("/fn/repeat_visit", &[("id", id), ("count", "1")]),
        ("/fn/finish_task", &[("id", task)]),
    ];
    let changes: [(&str, &[(&str, &str)]); 2] =
        [("/fn/save_settings", &[("what", "location"), ("form[name]", "")]), ("/fn/settings_review", &[("what", "")])];
    let views: [(&str, &[(&str, &str)]); 6] = [
        ("/fn/queue_view", &[("all", "false")]),
        ("/fn/appointment_view", &[("id", id)]),
        ("/fn/settings_view", &[("tab", "hours")]),
        ("/fn/settings_view", &[("tab", "time-off")]),
        ("/fn/move_times", &[("id", id), ("day", "2026-11-25")]),
        ("/fn/time_not_shown", &[("id", id), ("at", "2026-11-25T10:00")]),
    ];
    for (role, may_act, may_change) in
        [("viewer", false, false), ("front_desk", true, false), ("manager", true, true), ("owner", true, true)]
    {
        become_a(&server, role).await;
        for (path, fields) in views {
            let answer = send(&server, &cookie, path, fields).await;
            assert_eq!(answer.status, 200, "{role} {path}: {}", answer.text);
        }
        for (these, allowed) in [(&acts[..], may_act), (&changes[..], may_change)] {
            for (path, fields) in these {
                let answer = send(&server, &cookie, path, fields).await;
                assert_eq!(answer.status != 403, allowed, "{role} {path}: {} {}", answer.status, answer.text);
            }
        }
        let page = server.send(page("/console/settings/hours", &cookie)).await;
        assert_eq!(page.text.contains("Save hours"), may_change, "{role}");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn leave_that_strands_a_visit_is_made_only_with_a_decision(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let visit = server.session().await.book().await;
    let (of, id) = (practitioner(&visit), visit["id"].as_str().unwrap());
    let leave = [
        ("what", "time_off"),
        ("form[of]", of.as_str()),
        ("form[from]", "2026-11-24"),
        ("form[to]", "2026-11-25"),
        ("form[note]", "A conference"),
    ];

    let looked = send(&server, &cookie, "/fn/save_settings", &leave).await;
    let visits = looked.json["Review"]["visits"].as_array().unwrap_or_else(|| panic!("{}", looked.text));
    assert_eq!((visits.len(), &visits[0]["id"], &visits[0]["patient"]), (1, &json!(id), &json!("Ada Lovelace")));
    assert_eq!(visits[0]["reasons"], json!(["The practitioner is away."]));
    assert_eq!(server.count("time_off").await, 0);

    let seen = format!("decisions[seen.{id}]");
    let undecided: Vec<_> = leave.iter().copied().chain([(seen.as_str(), "on"), ("decisions[all]", "each")]).collect();
    let refused = send(&server, &cookie, "/fn/save_settings", &undecided).await;
    assert_eq!(
        (refused.status, &refused.json["errors"][0]["field"]),
        (422, &json!(format!("do.{id}"))),
        "{}",
        refused.text
    );

    let (own, message) = (format!("decisions[do.{id}]"), format!("decisions[message.{id}]"));
    let decided: Vec<_> =
        undecided.into_iter().chain([(own.as_str(), "ask"), (message.as_str(), "Mia is away.")]).collect();
    let saved = send(&server, &cookie, "/fn/save_settings", &decided).await;
    assert_eq!(saved.json["Done"], "Saved. 1 patient asked to choose again.", "{}", saved.text);
    assert_eq!(rows(&server, "select count(*) from time_off where note = 'A conference'").await, 1);

    let told = send(&server, &cookie, "/fn/appointment_view", &[("id", id)]).await;
    assert!(
        told.text.contains("“Mia is away.”") && told.text.contains("by Rosa Delgado in the console"),
        "{}",
        told.text
    );
    let queue = send(&server, &cookie, "/fn/queue_view", &[]).await;
    assert_eq!(queue.json["tasks"][0]["reason"], "Stranded", "{}", queue.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_form_without_javascript_is_led_to_the_visits_it_strands(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let visit = server.session().await.book().await;
    let of = practitioner(&visit);
    let leave =
        [("what", "time_off"), ("form[of]", of.as_str()), ("form[from]", "2026-11-24"), ("form[to]", "2026-11-24")];
    let plain = with(with(form("/fn/save_settings", &leave), "cookie", &cookie), "accept", "text/html");

    let led = server.send(plain).await;
    assert_eq!(led.status, 302, "{}", led.text);
    let reviewed = server.send(page(led.header("location"), &cookie)).await;
    assert_eq!(reviewed.status, 200);
    for part in ["1 visit no longer fits", "Ada Lovelace", "name=\"form[from]\"", "Save the change"] {
        assert!(reviewed.text.contains(part), "{part} in {}", reviewed.text);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_form_without_javascript_comes_back_to_its_page(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    for (to, said) in [("2026-11-24", "The last day is before the first."), ("2026-11-26", "Saved.")] {
        let closure = [("what", "time_off"), ("form[from]", "2026-11-25"), ("form[to]", to)];
        let plain = with(with(form("/fn/save_settings", &closure), "cookie", &cookie), "accept", "text/html");
        let sent = server.send(with(plain, "referer", "http://localhost/console/settings/time-off")).await;
        assert_eq!(sent.status, 302, "{to}: {}", sent.text);
        let back = sent.header("location").trim_start_matches("http://localhost").to_owned();
        assert!(back.starts_with("/console/settings/time-off?"), "{back}");
        let page = server.send(page(&back, &cookie)).await;
        assert!(page.text.contains(&format!(">{said}")), "{said} in {}", page.text);
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_wrong_is_named_by_its_place_in_the_form(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let wrong: [(&[(&str, &str)], &str); 5] = [
        (
            &[
                ("what", "hours"),
                ("form[hours.4.weekday]", "1"),
                ("form[hours.4.from]", "18:00"),
                ("form[hours.4.to]", "09:00"),
            ],
            "hours.4.to",
        ),
        (&[("what", "time_off"), ("form[from]", "2026-11-25"), ("form[to]", "2026-11-24")], "to"),
        (&[("what", "time_off"), ("form[to]", "2026-11-24")], "from"),
        (&[("what", "exception"), ("form[date]", "2026-11-25"), ("form[stretch.1.from]", "09:00")], "stretch.1.to"),
        (&[("what", "location"), ("form[name]", "")], "name"),
    ];
    for (fields, field) in wrong {
        let refused = send(&server, &cookie, "/fn/save_settings", fields).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)), "{}", refused.text);
    }
    let before = rows(&server, "select count(*) from opening_hours").await;
    assert_eq!(before, 11, "the demonstration clinic's hours are as they were");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn every_part_of_the_settings_opens_and_saves_what_it_shows(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    for (what, fields, tab) in [
        ("room", vec![("form[name]", "Room 1"), ("form[kind]", "room"), ("form[active]", "on")], "rooms"),
        ("location", vec![("form[name]", "Uptown"), ("form[active]", "on")], "locations"),
        ("practitioner", vec![("form[name]", "Lee Park"), ("form[active]", "on")], "practitioners"),
    ] {
        let fields: Vec<_> = [("what", what)].into_iter().chain(fields).collect();
        let made = send(&server, &cookie, "/fn/save_settings", &fields).await;
        assert_eq!(made.json["Done"], "Saved. No visit is concerned.", "{what}: {}", made.text);
        let list = send(&server, &cookie, "/fn/settings_view", &[("tab", tab)]).await;
        let href =
            list.json["sections"][0]["rows"].as_array().unwrap().iter().rev().find_map(|row| row["href"].as_str());
        let page = server.send(page(href.unwrap(), &cookie)).await;
        assert_eq!(page.status, 200, "{tab}");
    }
    for path in ["hours", "time-off", "types", "types?item=new"] {
        let page = server.send(page(&format!("/console/settings/{path}"), &cookie)).await;
        assert!(page.status == 200 && page.text.contains("<h1"), "{path}: {}", page.status);
    }
    let nowhere = server.send(page("/console/settings/nonsense", &cookie)).await;
    assert_eq!(nowhere.status, 404);
    let types = send(&server, &cookie, "/fn/settings_view", &[("tab", "types")]).await;
    let href = types.json["sections"][0]["rows"][0]["href"].as_str().unwrap();
    let item = href.split("item=").nth(1).unwrap();
    let shown = send(&server, &cookie, "/fn/settings_view", &[("tab", "types"), ("item", item)]).await;

    // Sent back as it is, nothing is different.
    let before = kind(&server).await;
    let mut fields = vec![("what".to_owned(), "type".to_owned())];
    inputs(&shown.json["sections"][0]["form"], &mut fields);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let saved = send(&server, &cookie, "/fn/save_settings", &fields).await;
    assert_eq!(saved.json["Done"], "Saved. No visit is concerned.", "{}", saved.text);
    assert_eq!(kind(&server).await, before);
}

async fn kind(server: &TestServer) -> Value {
    sqlx::query_scalar("select to_jsonb(t) from appointment_types t where slug = 'haircut'")
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

/// Every field of a form with its value.
fn inputs(within: &Value, into: &mut Vec<(String, String)>) {
    if let Some(path) = within["path"].as_str() {
        let value = within["value"].as_str().unwrap();
        if !value.is_empty() {
            into.push((format!("form[{path}]"), value.to_owned()));
        }
    }
    match within {
        Value::Array(parts) => parts.iter().for_each(|part| inputs(part, into)),
        Value::Object(parts) => parts.values().for_each(|part| inputs(part, into)),
        _ => {}
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_move_a_visit_to_one_of_its_free_times(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let visit = server.session().await.book().await;
    let id = visit["id"].as_str().unwrap();

    let times = send(&server, &cookie, "/fn/move_times", &[("id", id), ("day", "2026-11-25")]).await;
    assert_eq!(times.json["heading"], "Free on Wednesday 25 November 2026", "{}", times.text);
    let slot = times.json["times"][3]["slot"].as_str().unwrap();
    let moved = send(&server, &cookie, "/fn/move_appointment", &[("id", id), ("slot", slot)]).await;
    assert!(moved.status < 400, "{}", moved.text);
    let told = send(&server, &cookie, "/fn/appointment_view", &[("id", id)]).await;
    assert_eq!(told.json["day"], "2026-11-25", "{}", told.text);

    let sunday = send(&server, &cookie, "/fn/move_times", &[("id", id), ("day", "2026-11-29")]).await;
    let heading = sunday.text_of("heading");
    assert!(heading.ends_with("The next day that has times is Monday 30 November 2026:"), "{heading}");
    let nonsense = send(&server, &cookie, "/fn/move_appointment", &[("id", id), ("slot", "whenever")]).await;
    assert_eq!(nonsense.status, 422, "{}", nonsense.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_request_is_approved_or_declined_from_the_queue(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    sqlx::query("update appointment_types set web_mode = 'request', api_mode = 'request'")
        .execute(&server.pool)
        .await
        .unwrap();
    let session = server.session().await;
    let (wanted, unwanted) = (session.book().await, session.book().await);
    assert_eq!(wanted["status"], "pending");
    let queue = send(&server, &cookie, "/fn/queue_view", &[]).await;
    assert_eq!(queue.json["tasks"].as_array().unwrap().len(), 2, "{}", queue.text);

    let (wanted, unwanted) = (wanted["id"].as_str().unwrap(), unwanted["id"].as_str().unwrap());
    assert!(send(&server, &cookie, "/fn/approve_request", &[("id", wanted)]).await.status < 400);
    let declined =
        send(&server, &cookie, "/fn/decline_request", &[("id", unwanted), ("reason", "Full that day")]).await;
    assert!(declined.status < 400, "{}", declined.text);

    let queue = send(&server, &cookie, "/fn/queue_view", &[]).await;
    assert_eq!(queue.json["tasks"], json!([]), "{}", queue.text);
    let told = send(&server, &cookie, "/fn/appointment_view", &[("id", wanted)]).await;
    assert!(told.json["status"] == "booked" && told.text.contains("Approved by Rosa Delgado"), "{}", told.text);
    let told = send(&server, &cookie, "/fn/appointment_view", &[("id", unwanted)]).await;
    assert!(told.text.contains("Declined by Rosa Delgado") && told.text.contains("Full that day"), "{}", told.text);
    let token = server.services.visits.sign(services::demo::BLOOM, unwanted.parse().unwrap());
    let patients = server.get(&format!("/m/{token}")).await;
    assert!(patients.text.contains("The clinic could not take this time"), "{}", patients.text);
    assert!(!patients.text.contains("Full that day"), "a reason for the clinic is not the patient's");
}
