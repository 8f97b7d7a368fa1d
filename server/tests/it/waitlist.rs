//! A time that came free: the page it is taken on, and what staff see.

use domain::id::PatientId;
use services::demo::BLOOM;
use services::jobs::offer_all;
use services::messaging::inbound::Inbound;
use services::waitlist::{self, Wish};
use sqlx::PgPool;
use uuid::Uuid;

use crate::sign_in::sign_in;
use crate::support::{TestServer, form, page, with};

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
