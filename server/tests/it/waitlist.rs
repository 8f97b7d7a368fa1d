//! A time that came free: the page it is taken on, and what staff see.

use domain::id::PatientId;
use services::demo::BLOOM;
use services::jobs::offer_all;
use services::messaging::inbound::Inbound;
use services::waitlist::{self, Wish};
use sqlx::PgPool;
use uuid::Uuid;

use crate::sign_in::sign_in;
use crate::support::{Answer, TestServer, form, page, with};

/// Somebody who waits for whatever comes free in the next weeks.
async fn waits(server: &TestServer) -> Uuid {
    let kind: Uuid = sqlx::query_scalar("select appointment_type_id from appointment_types where slug = 'haircut'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    let now = server.services.clock.now();
    let mut tx = server.services.db.clinic(BLOOM).await.unwrap();
    let input =
        services::identity::PatientInput { name: "Ben Low".into(), phone: Some("+15550000001".into()), email: None };
    let details = services::identity::read_input(&mut tx, &input).await.unwrap();
    let patient: PatientId = services::identity::resolve(&mut tx, now, &details, None).await.unwrap().patient;
    let today = now.date_naive();
    let wish = Wish {
        patient,
        conversation: None,
        appointment_type: kind.into(),
        practitioner: None,
        from: today,
        to: today + chrono::Days::new(30),
        earliest: None,
        latest: None,
        note: Some("Any day".into()),
    };
    let id = waitlist::join(&mut tx, now, today, &wish).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Has a visit called off and its time offered; the offer's page.
async fn offered(server: &TestServer) -> String {
    let visitor = server.session().await;
    let booked = visitor.book().await;
    let cancel = format!("appointments/{}/cancel", booked["id"].as_str().unwrap());
    assert_eq!(visitor.post(&cancel, serde_json::json!({})).await.status, 200);
    let inbound = Inbound::new(server.services.post.clone(), server.services.receptionist.clone());
    offer_all(&inbound).await.unwrap();
    let id: Uuid = sqlx::query_scalar("select waitlist_offer_id from waitlist_offers where state = 'open'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    format!("/w/{}", server.services.post.links.offers.sign(BLOOM, id))
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_offer_is_taken_on_its_page_and_opening_it_takes_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    waits(&server).await;
    let path = offered(&server).await;
    for _ in 0..2 {
        let shown = server.get(&path).await;
        assert!(shown.status == 200 && shown.text.contains("Take this time"), "{}", shown.text);
        assert!(!shown.text.contains("+15550000001") && !shown.text.contains("Ben Low"), "links get forwarded");
        assert_eq!(shown.header("cache-control"), "no-store");
    }
    let token = path.trim_start_matches("/w/").to_owned();
    for _ in 0..2 {
        let taken = server.send(form("/fn/take_offer", &[("token", &token)])).await;
        assert!(taken.status < 400, "{}", taken.text);
    }
    let booked: Vec<String> = sqlx::query_scalar(
        "select p.name from appointments a join patients p using (clinic_id, patient_id) where a.status = 'booked'",
    )
    .fetch_all(&server.pool)
    .await
    .unwrap();
    assert_eq!(booked, ["Ben Low"]);
    let shown = server.get(&path).await;
    assert!(shown.text.contains("This time is yours") && shown.text.contains("/m/"), "{}", shown.text);
    let forged = server.get("/w/forged").await;
    assert!(forged.text.contains("This link does not belong to an offer."), "{}", forged.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_offer_that_is_declined_or_late_says_so(pool: PgPool) {
    let server = TestServer::new(pool).await;
    waits(&server).await;
    let path = offered(&server).await;
    let token = path.trim_start_matches("/w/").to_owned();
    assert!(server.send(form("/fn/decline_offer", &[("token", &token)])).await.status < 400);
    let shown = server.get(&path).await;
    assert!(
        shown.text.contains("You let that time go") && shown.text.contains("The next one free is"),
        "{}",
        shown.text
    );
    assert!(server.send(form("/fn/take_offer", &[("token", &token)])).await.status < 400);
    let booked: i64 = sqlx::query_scalar("select count(*) from appointments where status = 'booked'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(booked, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_see_who_waits_and_what_they_were_offered(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let empty = server.send(page("/console/waitlist", &cookie)).await;
    assert!(empty.status == 200 && empty.text.contains("Nobody is waiting."), "{}", empty.text);
    let id = waits(&server).await.to_string();
    offered(&server).await;
    let shown = server.send(page("/console/waitlist", &cookie)).await;
    for words in ["Ben Low", "Any day", "kept for them until", "the only one it suited", "Take off the list"] {
        assert!(shown.text.contains(words), "{words}: {}", shown.text);
    }
    let closed = server.send(with(form("/fn/close_wait", &[("id", &id)]), "cookie", &cookie)).await;
    assert!(closed.status < 400, "{}", closed.text);
    let shown = server.send(page("/console/waitlist", &cookie)).await;
    assert!(shown.text.contains("Nobody is waiting."), "{}", shown.text);
    let open: i64 = sqlx::query_scalar("select count(*) from waitlist_offers where state = 'open'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(open, 0);
}

/// What staff fill in for somebody new, of whom `changes` says otherwise.
fn filled_in(kind: &str, changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let usual = [
        ("form[patient]", ""),
        ("form[name]", "Cleo Day"),
        ("form[phone]", "(555) 000-0002"),
        ("form[email]", ""),
        ("form[type]", kind),
        ("form[practitioner]", ""),
        ("form[from]", "2026-11-23"),
        ("form[to]", "2026-11-27"),
        ("form[earliest]", "13:00"),
        ("form[latest]", "16:00"),
        ("form[note]", "Rang at noon"),
    ];
    let changed = |name: &str| changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
    usual.into_iter().map(|(name, value)| (name, changed(name).unwrap_or(value).to_owned())).collect()
}

async fn add(server: &TestServer, cookie: &str, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    server
        .send(with(with(form("/fn/add_wait", &fields), "cookie", cookie), "referer", "/console/waitlist?add=who"))
        .await
}

async fn id_of(server: &TestServer, what: &'static str) -> String {
    let id: Uuid = sqlx::query_scalar(what).fetch_one(&server.pool).await.unwrap();
    id.to_string()
}

const HAIRCUT: &str = "select appointment_type_id from appointment_types where slug = 'haircut'";

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_add_somebody_new_or_known_and_are_told_what_is_wrong_where(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let kind = id_of(&server, HAIRCUT).await;
    let added = add(&server, &cookie, &filled_in(&kind, &[])).await;
    assert!(added.status < 400, "{}", added.text);
    let shown = server.send(page("/console/waitlist?done=added", &cookie)).await.text;
    for words in
        ["Added to the waitlist.", "Cleo Day", "Added by Rosa Delgado", "starting 1:00 PM to 4:00 PM", "Rang at noon"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }

    let found = server.send(page("/console/waitlist?add=who&find=cleo", &cookie)).await.text;
    let cleo = id_of(&server, "select patient_id from patients where name = 'Cleo Day'").await;
    assert!(found.contains(&cleo), "{found}");
    for _ in 0..2 {
        let known = filled_in(&kind, &[("form[patient]", &cleo), ("form[name]", ""), ("form[to]", "2026-11-30")]);
        assert!(add(&server, &cookie, &known).await.status < 400);
    }
    let entries: i64 =
        sqlx::query_scalar("select count(*) from waitlist_entries").fetch_one(&server.pool).await.unwrap();
    assert_eq!(entries, 2, "the same wish is there once");

    let nobodys = "00000000-0000-4000-a000-000000000009";
    for (field, value, wrong) in [
        ("form[name]", "", "patient.name"),
        ("form[phone]", "12", "patient.phone"),
        ("form[phone]", "", "patient.phone"),
        ("form[email]", "nobody", "patient.email"),
        ("form[patient]", nobodys, "patient"),
        ("form[patient]", "x", "patient"),
        ("form[type]", "", "type"),
        ("form[type]", nobodys, "type"),
        ("form[practitioner]", nobodys, "practitioner"),
        ("form[from]", "soon", "from"),
        ("form[to]", "2026-11-01", "to"),
        ("form[to]", "9999-01-01", "to"),
        ("form[earliest]", "25:00", "earliest"),
        ("form[latest]", "12:00", "latest"),
        ("form[note]", &"n".repeat(2_001), "note"),
    ] {
        let refused = add(&server, &cookie, &filled_in(&kind, &[(field, value)])).await;
        assert_eq!(refused.status, 422, "{field} {value}: {}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], wrong, "{field} {value}: {}", refused.text);
    }
    let patients: i64 = sqlx::query_scalar("select count(*) from patients where name = 'Cleo Day'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(patients, 1, "what is refused leaves nobody behind");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_form_that_was_refused_without_javascript_says_why_where_it_stands(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let kind = id_of(&server, HAIRCUT).await;
    let fields = filled_in(&kind, &[("form[phone]", "12")]);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request = with(with(form("/fn/add_wait", &fields), "cookie", &cookie), "accept", "text/html");
    let refused = server.send(with(request, "referer", "http://localhost/console/waitlist?add=who")).await;
    assert_eq!(refused.status, 302, "{}", refused.text);
    let back = refused.header("location").trim_start_matches("http://localhost");
    let shown = server.send(page(back, &cookie)).await.text;
    assert!(shown.contains("Add somebody to the waitlist"), "{shown}");
    assert!(shown.contains(r#"aria-describedby="wait-phone-error""#), "{shown}");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn staff_offer_a_time_they_choose_and_it_is_kept(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let id = waits(&server).await.to_string();
    let shown = server.send(page(&format!("/console/waitlist?offer={id}"), &cookie)).await.text;
    let (_, slot) = shown.split_once(r#"name="slot" value=""#).expect("times to choose from");
    let slot = slot.split('"').next().unwrap();
    for (id, slot, status) in [
        (&*id, "nonsense", 422),
        ("00000000-0000-4000-a000-000000000009", slot, 404),
        (&*id, slot, 0),
        (&*id, slot, 422),
    ] {
        let request = form("/fn/offer_time", &[("id", id), ("slot", slot)]);
        let answer = server.send(with(request, "cookie", &cookie)).await;
        assert!(answer.status == status || status == 0 && answer.status < 400, "{slot}: {}", answer.text);
    }
    let shown = server.send(page("/console/waitlist?done=offered-sms", &cookie)).await.text;
    for words in ["a text about it is on its way", "kept for them until", "chosen by Rosa Delgado"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_who_works_at_the_desk_acts_on_the_list(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let id = waits(&server).await.to_string();
    for (role, may) in [("viewer", false), ("front_desk", true), ("manager", true), ("owner", true)] {
        sqlx::query("update members set role = $1").bind(role).execute(&server.pool).await.unwrap();
        for path in ["/fn/wait_choices", "/fn/add_wait", "/fn/suiting_times", "/fn/offer_time", "/fn/close_wait"] {
            // An entry that is not there, so that nothing comes of it.
            let request = form(path, &[("id", "00000000-0000-4000-a000-000000000009")]);
            let answer = server.send(with(request, "cookie", &cookie)).await;
            assert_eq!(answer.status != 403, may, "{role} {path}: {} {}", answer.status, answer.text);
        }
        let shown = server.send(page("/console/waitlist", &cookie)).await.text;
        assert!(shown.contains("Ben Low"), "{role} may look");
        for words in ["Add somebody", "Offer a time", "Take off the list"] {
            assert_eq!(shown.contains(words), may, "{role} {words}");
        }
        let searched = server.send(page("/console/waitlist?add=who&find=ben", &cookie)).await.text;
        assert_eq!(searched.contains("form[patient]"), may, "{role} looks for patients");
        let offering = server.send(page(&format!("/console/waitlist?offer={id}"), &cookie)).await.text;
        assert_eq!(offering.contains(r#"name="slot""#), may, "{role} looks for times");
    }
}
