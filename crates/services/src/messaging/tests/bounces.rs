//! E-mail that comes back after a mail server took it.

use sqlx::PgPool;

use super::mail::*;
use super::support::*;
use crate::MIGRATOR;
use crate::messaging::reports::Report;
use crate::messaging::sending::came_back;

async fn tell(desk: &Desk, message_id: &str, status: &str, diagnostic: Option<&str>) -> bool {
    let report = Report {
        message_id: message_id.to_owned(),
        status: status.to_owned(),
        diagnostic: diagnostic.map(str::to_owned),
    };
    let mut tx = desk.world.tx().await;
    let known = came_back(&mut tx, desk.world.now(), &report).await.unwrap();
    tx.commit().await.unwrap();
    known
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_address_that_turns_out_to_be_gone_is_left_alone_and_staff_are_told(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let id = server.only().header("message-id").trim_matches(['<', '>']).to_owned();
    for _ in 0..2 {
        assert!(tell(&desk, &id, "5.1.1", Some("smtp; 550 5.1.1 Nobody of that name")).await);
    }
    let mail = desk.emails().await.remove(0);
    assert_eq!((mail.status.as_str(), mail.reason.as_deref()), ("undelivered", Some("not_delivered")));
    assert_eq!(mail.error_code, Some(550));
    assert_eq!(desk.steps(mail.id).await, ["queued", "sending", "sent", "undelivered"]);
    let tasks = desk.tasks().await;
    assert!(tasks.len() == 1 && tasks[0].1.contains("ask the patient for another"), "{tasks:?}");
    desk.book(THREE_PM).await;
    desk.send_all().await;
    assert_eq!(desk.mail_fates().await[1], fate("confirmation", "suppressed", Some("unreachable")));
    assert_eq!(server.asked(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_mailbox_that_is_full_is_no_reason_to_give_up_its_address(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let id = server.only().header("message-id").to_owned();
    assert!(tell(&desk, &id, "5.2.2", None).await);
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "undelivered", Some("not_delivered"))]);
    assert_eq!((desk.world.count("unreachable").await, desk.tasks().await.len()), (0, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_not_the_clinics_is_not_known(pool: PgPool) {
    let server = MailServer::start().await;
    let (desk, other) = (desk_mailing(pool.clone(), &server).await, desk(pool).await);
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let (mail, text) = (desk.emails().await.remove(0).id, desk.text().await.id);
    assert!(!tell(&other, &format!("{mail}@cedar.example.com"), "5.1.1", None).await);
    for unknown in [format!("{text}@cedar.example.com"), "7@elsewhere.example.com".into(), String::new()] {
        assert!(!tell(&desk, &unknown, "5.1.1", None).await, "{unknown}");
    }
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "sent", None)]);
}
