//! The booking page's month, as any browser gets it.

use sqlx::PgPool;

use crate::support::{Answer, TestServer};

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_with_one_type_shows_its_first_free_day_at_once(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.run("update appointment_types set active = slug = 'haircut'").await;

    let page = server.get("/c/bloom/book").await;

    assert!(page.text.contains("November 2026"), "{}", page.text);
    assert_eq!(chosen_day(&page), "2026-11-20");
    assert_eq!(starts(&page)[..2], ["10:00 AM", "10:15 AM"]);
    assert!(page.text.contains("with Mia Lin"));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn anyone_has_one_button_for_each_start(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let anyone = starts(&server.get("/c/bloom/book?type=haircut&day=2026-11-24").await);
    assert!(anyone.windows(2).all(|pair| pair[0] != pair[1]), "{anyone:?}");
    assert_eq!(anyone, starts(&server.get("/c/bloom/book?type=haircut&with=any&day=2026-11-24").await));
    assert_eq!(anyone, starts(&server.get("/c/bloom/book?type=haircut&with=nobody&day=2026-11-24").await));

    let noah: String = sqlx::query_scalar("select practitioner_id::text from practitioners where name = 'Noah Reyes'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    let his = server.get(&format!("/c/bloom/book?type=haircut&with={noah}&day=2026-11-24")).await;
    assert_eq!((starts(&his), his.text.contains("with Mia Lin")), (anyone, false));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_month_without_free_times_says_so_and_leads_to_the_next_that_has_some(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.close("2026-11-20", "2027-01-10").await;

    let december = server.get("/c/bloom/book?type=haircut&month=2026-12").await;
    assert!(december.text.contains("Nothing is free in December 2026."), "{}", december.text);
    assert!(december.text.contains("Go to January 2027") && december.text.contains("month=2027-01"));
    assert_eq!(starts(&december), Vec::<String>::new());

    // Without a wish, the page opens where something is free.
    let page = server.get("/c/bloom/book?type=haircut").await;
    assert_eq!(chosen_day(&page), "2027-01-11");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_clinic_that_is_closed_for_good_sends_patients_to_the_telephone(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.run("delete from opening_hours").await;
    let page = server.get("/c/bloom/book?type=haircut").await;
    assert!(page.text.contains("Later months have nothing either."), "{}", page.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn nothing_beyond_the_types_horizon_or_before_today_is_reached(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.run("update appointment_types set horizon_days = 20").await;

    let last = server.get("/c/bloom/book?type=haircut&month=2027-06").await;
    assert!(last.text.contains("December 2026") && !last.text.contains("Next month"), "{}", last.text);
    assert!(last.text.contains("Previous month, November 2026"));
    let first = server.get("/c/bloom/book?type=haircut&month=2026-01").await;
    assert!(first.text.contains("Next month, December 2026") && !first.text.contains("Previous month"));
    for day in ["2026-11-19", "2026-12-11", "2026-02-30"] {
        let page = server.get(&format!("/c/bloom/book?type=haircut&day={day}")).await;
        assert_eq!(chosen_day(&page), "2026-11-20", "{day}");
    }
    let full = server.get("/c/bloom/book?type=haircut&day=2026-11-22").await;
    assert!(full.text.contains("Nothing is free on Sunday 22 November."), "{}", full.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_morning_an_afternoon_and_an_evening_stand_apart(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let page = server.get("/c/bloom/book?type=haircut&day=2026-11-24").await;
    let order: Vec<usize> = [">Morning<", ">9:00 AM<", ">Afternoon<", ">1:00 PM<", ">Evening<", ">5:00 PM<"]
        .map(|part| page.text.find(part).unwrap_or_else(|| panic!("{part}")))
        .to_vec();
    assert!(order.is_sorted(), "{order:?}");
    let saturday = server.get("/c/bloom/book?type=haircut&day=2026-11-21").await;
    assert!(!saturday.text.contains(">Evening<"));
}

/// The times on the buttons, in order.
fn starts(page: &Answer) -> Vec<String> {
    let buttons = page.text.split("<span class=\"figures\">").skip(1);
    buttons.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// The date of the one day marked as chosen.
#[track_caller]
fn chosen_day(page: &Answer) -> &str {
    let links =
        page.text.split("<a ").filter(|link| link.contains("month-day") && link.contains("aria-current=\"true\""));
    let [link] = links.collect::<Vec<_>>()[..] else { panic!("{}", page.text) };
    link.split("day=").nth(1).unwrap().split(['#', '&']).next().unwrap()
}
