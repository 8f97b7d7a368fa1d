//! The calendar file and the page behind the link to a visit.

use services::demo::BLOOM;
use sqlx::PgPool;

use crate::support::TestServer;

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_link_to_a_visit_gives_a_calendar_file_any_calendar_reads(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visit = server.session().await.book().await;
    assert_eq!(visit["starts_at"], "2026-11-24T14:00:00Z");
    let token = server.services.visits.sign(BLOOM, visit["id"].as_str().unwrap().parse().unwrap());

    let file = server.get(&format!("/m/{token}/calendar.ics")).await;

    assert_eq!((file.status, file.header("content-type")), (200, "text/calendar; charset=utf-8"), "{}", file.text);
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert!(file.text.ends_with("\r\n") && !file.text.replace("\r\n", "").contains(['\r', '\n']), "{:?}", file.text);
    let lines: Vec<&str> = file.text.split("\r\n").collect();
    assert!(lines.iter().all(|line| line.len() <= 75), "RFC 5545 folds at 75 octets: {lines:#?}");
    let id = visit["id"].as_str().unwrap();
    let unfolded = file.text.replace("\r\n ", "");
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        &format!("UID:{id}@frontdesk"),
        "DTSTAMP:20261120T150000Z",
        "DTSTART:20261124T140000Z",
        "DTEND:20261124T144500Z",
        "SUMMARY:Haircut at Bloom Wellness Studio",
        "END:VEVENT",
        "END:VCALENDAR",
    ] {
        assert_eq!(unfolded.split("\r\n").filter(|there| *there == line).count(), 1, "{line} in {unfolded}");
    }
    assert!(unfolded.contains("\r\nPRODID:") && unfolded.contains(visit["confirmation_code"].as_str().unwrap()));
    assert!(unfolded.contains("LOCATION:214 Willow Street\\, Brooklyn\\, NY 11201"), "{unfolded}");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_link_nobody_was_given_opens_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let visit = server.session().await.book().await;
    let token = server.services.visits.sign(BLOOM, visit["id"].as_str().unwrap().parse().unwrap());
    let unknown = server.services.visits.sign(BLOOM, domain::id::AppointmentId::new());
    let mut edited = token.clone();
    edited.replace_range(30..31, if &token[30..31] == "A" { "B" } else { "A" });

    for forged in [edited.as_str(), &unknown, visit["id"].as_str().unwrap(), "x", "%00", "%ff"] {
        let file = server.get(&format!("/m/{forged}/calendar.ics")).await;
        assert!([400, 404].contains(&file.status) && !file.text.contains("VCALENDAR"), "{forged}: {}", file.text);
        let page = server.get(&format!("/m/{forged}")).await;
        assert_eq!(page.status, 404, "{forged}");
        assert!(page.text.contains("This link does not open a visit."), "{forged}: {}", page.text);
        assert!(!page.text.contains(visit["confirmation_code"].as_str().unwrap()));
    }
    let page = server.get(&format!("/m/{token}")).await;
    assert!(page.status == 200 && page.text.contains(visit["confirmation_code"].as_str().unwrap()));
}
