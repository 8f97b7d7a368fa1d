//! E-mail: what it says, and what becomes of it.

use chrono::Duration;
use sqlx::PgPool;

use super::mail::*;
use super::support::*;
use crate::MIGRATOR;
use crate::booking::confirm_series;
use crate::booking::series::{Repeat, Take};
use crate::clinics::smtp::{SmtpAccount, SmtpSecurity};
use crate::messaging::reminding::remind;
use crate::messaging::trying::NotSent;
use crate::messaging::unsubscribing;

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_e_mail_leaves_by_the_clinics_own_server_once(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.world
        .run(
            "update clinics set phone = '+15550100000', address = '12 Elm Street', email = 'hi@cedar.example.com'",
            &[],
        )
        .await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    desk.send_all().await;

    let mail = server.only();
    let row = desk.emails().await.remove(0);
    assert_eq!((row.status.as_str(), row.provider.as_deref(), row.segments), ("sent", Some("smtp"), None));
    assert_eq!(desk.steps(row.id).await, ["queued", "sending", "sent"]);
    assert_eq!((mail.from(), mail.to()), ("desk@cedar.example.com", row.address.as_str()));
    assert_eq!(mail.header("from"), "Cedar Clinic <desk@cedar.example.com>");
    assert_eq!(mail.header("reply-to"), "hi@cedar.example.com");
    assert_eq!(mail.header("subject"), "Booked: Tue 24 Nov, 2:00 PM, at Cedar Clinic");
    assert_eq!(mail.header("message-id"), format!("<{}@cedar.example.com>", row.id));
    assert_eq!(mail.header("date"), "Fri, 20 Nov 2026 15:00:00 +0000");
    assert_eq!(mail.header("auto-submitted"), "auto-generated");
    assert_eq!(mail.header("list-unsubscribe"), "", "it is about a visit that the patient booked");
    let types = mail.types();
    let expected =
        ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"];
    assert_eq!(types, expected);

    let text = mail.text();
    assert!(
        text.starts_with(
            "Hello Ada Lovelace,\n\nYou are booked at Cedar Clinic: Tuesday 24 November 2026, 2:00 PM, with Mia Lin.\n"
        ),
        "{text}"
    );
    assert!(text.contains("\nhttps://desk.example.com/m/"), "{text}");
    assert!(text.ends_with("\n-- \nCedar Clinic\n12 Elm Street\n(555) 010-0000"), "{text}");
    assert!(!text.contains("STOP"));
    let html = mail.html();
    assert_eq!(html.matches("<a ").count(), 1, "{html}");
    assert!(html.contains(">See or change your visit</a>") && html.contains("12 Elm Street<br>"), "{html}");
    assert!(html.contains("prefers-color-scheme: dark"));
    for remote in ["<img", "src=", "url(", "@import", "<link", "<script"] {
        assert!(!html.contains(remote), "{remote} in {html}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_visit_that_moves_moves_in_the_patients_calendar(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    let id = desk.book(TWO_PM).await;
    desk.send_all().await;
    desk.world.wait(Duration::minutes(1));
    desk.reschedule(id, THREE_PM).await;
    desk.send_all().await;
    desk.world.wait(Duration::minutes(1));
    desk.reschedule(id, "2026-11-25T16:00:00Z").await;
    desk.send_all().await;
    desk.cancel(id).await;
    desk.send_all().await;

    let mails = server.got();
    let told: Vec<_> = mails.iter().map(|mail| (mail.method(), mail.visit()["starts"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("REQUEST", "2026-11-24T19:00:00+0000"),
            ("REQUEST", "2026-11-24T20:00:00+0000"),
            ("REQUEST", "2026-11-25T16:00:00+0000"),
            ("CANCEL", "2026-11-25T16:00:00+0000"),
        ]
    );
    for (number, mail) in mails.iter().enumerate() {
        let visit = mail.visit();
        assert_eq!((&visit["uid"], &visit["sequence"]), (&format!("{id}@frontdesk").into(), &number.into()));
        assert_eq!(
            (&visit["organizer"], &visit["organizer_name"]),
            (&"mailto:desk@cedar.example.com".into(), &"Cedar Clinic".into())
        );
        assert_eq!(
            (&visit["attendee"], &visit["attendee_name"]),
            (&format!("mailto:{}", mail.to()).into(), &"Ada Lovelace".into())
        );
        assert_eq!(visit["summary"], "Haircut at Cedar Clinic");
        assert!(!visit.to_string().contains("/m/"), "a calendar that is shared must not open the visit");
    }
    let statuses: Vec<_> = mails.iter().map(|mail| mail.visit()["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]);
    assert_eq!(mails[1].visit()["ends"], "2026-11-24T20:45:00+0000");
    assert_eq!(mails[1].visit()["stamp"], "2026-11-20T15:01:00+0000");
    assert!(mails[3].text().contains("is cancelled"), "{}", mails[3].text());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_a_sensitive_visit_is_for_stays_out_of_mail_and_calendar(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.world.run("update appointment_types set sensitive = true", &[]).await;
    desk.world
        .run(
            "insert into templates (kind, channel, language, subject, body, updated_at)
             values ('confirmation', 'email', 'en', '{clinic}: {type}', '{clinic} expects you for {type} on {day}, {time}.', now())",
            &[],
        )
        .await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let mail = server.only();
    assert_eq!(mail.header("subject"), "Cedar Clinic: your visit");
    assert_eq!(mail.visit()["summary"], "Visit at Cedar Clinic");
    let everything = mail.everything().to_lowercase();
    assert!(!everything.contains("haircut"), "{everything}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clinics_own_words_get_the_link_and_are_text_whatever_is_in_them(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.world.run("update clinics set name = 'Ada & \"Sons\" <i>', address = e'12 Elm\\nStreet'", &[]).await;
    desk.world
        .run(
            "insert into templates (kind, channel, language, subject, body, updated_at)
             values ('confirmation', 'email', 'en', '{clinic} – é',
                     e'<script>alert(1)</script> {clinic}\\r\\n\\r\\n{day}, {time}\\r\\n“Ça va?”', now())",
            &[],
        )
        .await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    let mail = server.only();
    assert_eq!(mail.header("subject"), "Ada & \"Sons\" <i> – é");
    assert!(mail.text().contains("<script>alert(1)</script>") && mail.text().contains("“Ça va?”"));
    assert!(mail.text().contains("See or change your visit:\n\nhttps://desk.example.com/m/"), "{}", mail.text());
    assert!(mail.text().contains("12 Elm Street"));
    let html = mail.html();
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; Ada &amp; &quot;Sons&quot; &lt;i&gt;</p>"), "{html}");
    assert!(html.contains("Tue 24 Nov, 2:00 PM<br>"), "{html}");
    assert!(!html.contains("<script") && !html.contains("<i>") && html.contains(">See or change your visit</a>"));
    assert_eq!(mail.visit()["organizer_name"], "Ada &  Sons  <i>");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patient_is_mailed_in_their_language(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.book(TWO_PM).await;
    desk.world.run("update outbox set language = 'es'", &[]).await;
    desk.send_all().await;
    let mail = server.only();
    assert_eq!(mail.header("subject"), "Su cita en Cedar Clinic: mar 24 nov, 2:00 p. m.");
    assert!(mail.text().contains("Su código de confirmación es"), "{}", mail.text());
    assert!(mail.html().contains("<html lang=\"es\">") && mail.html().contains(">Ver o cambiar su cita</a>"));
    assert_eq!(mail.visit()["summary"], "Haircut en Cedar Clinic");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_address_that_does_not_exist_is_written_to_once(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    for (start, address) in [(TWO_PM, "nobody@example.com"), (THREE_PM, "gone@example.com")] {
        desk.book(start).await;
        desk.readdress(address).await;
        desk.send_all().await;
        let mail = desk.emails().await.pop().unwrap();
        assert_eq!(
            (mail.status.as_str(), mail.reason.as_deref(), mail.error_code),
            ("failed", Some("refused"), Some(550))
        );
    }
    assert_eq!((server.asked(), desk.world.count("unreachable").await), (2, 2));
    assert!(desk.tasks().await[0].1.contains("ask the patient for another"), "{:?}", desk.tasks().await);
    desk.book("2026-11-24T21:00:00Z").await;
    desk.readdress("gone@example.com").await;
    desk.send_all().await;
    assert_eq!(desk.mail_fates().await.pop().unwrap(), fate("confirmation", "suppressed", Some("unreachable")));
    assert_eq!(server.asked(), 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refusal_that_is_not_about_the_address_leaves_the_address_alone(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    for (start, address, code, says) in [
        (TWO_PM, "stranger@example.com", Some(550), "check the e-mail settings"),
        (THREE_PM, "full@example.com", Some(552), "refused the message"),
        ("2026-11-24T21:00:00Z", "spam@example.com", Some(554), "refused the message"),
        ("2026-11-25T19:00:00Z", "josé@example.com", None, "refused the message"),
    ] {
        desk.book(start).await;
        desk.readdress(address).await;
        desk.send_all().await;
        let mail = desk.emails().await.pop().unwrap();
        assert_eq!((mail.status.as_str(), mail.error_code), ("failed", code), "{address}");
        let tasks = desk.tasks().await;
        assert!(tasks.last().unwrap().1.contains(says), "{address}: {tasks:?}");
    }
    assert_eq!((desk.world.count("unreachable").await, server.got().len()), (0, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_busy_server_is_asked_again_with_growing_pauses_and_not_for_ever(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.book(TWO_PM).await;
    desk.readdress("busy@example.com").await;
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let before = desk.world.now();
        desk.send_all().await;
        let mail = desk.emails().await.remove(0);
        assert_eq!((mail.error_code, mail.reason.as_deref()), (Some(451), Some("not_taken")));
        pauses.push(mail.due_at - before);
        desk.world.wait(Duration::minutes(20));
    }
    assert!(pauses[..7].windows(2).all(|pair| pair[0] < pair[1]), "{pauses:?}");
    desk.send_all().await;
    assert_eq!(server.asked(), 8);
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "failed", Some("not_taken"))]);
    assert!(desk.tasks().await[0].1.contains("however often we tried"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_server_that_is_away_or_wants_it_later_gets_it_when_it_is_back(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.mail_by(&SmtpAccount { port: 9, ..server.account() }).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "queued", Some("not_taken"))]);
    desk.mail_by(&server.account()).await;
    desk.readdress("later@example.com").await;
    desk.world.wait(Duration::minutes(1));
    desk.send_all().await;
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "queued", Some("not_taken"))]);
    desk.readdress("ada@example.com").await;
    desk.world.wait(Duration::minutes(1));
    desk.send_all().await;
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "sent", None)]);
    assert_eq!(server.only().header("subject"), "Booked: Tue 24 Nov, 2:00 PM, at Cedar Clinic");
    assert!(desk.tasks().await.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_may_have_been_taken_is_not_sent_again_and_staff_are_told(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.book(TWO_PM).await;
    desk.readdress("hangup@example.com").await;
    desk.send_all().await;
    desk.world.wait(Duration::hours(1));
    desk.send_all().await;
    let mail = desk.emails().await.remove(0);
    assert_eq!(desk.steps(mail.id).await, ["queued", "sending", "unknown", "failed"]);
    assert_eq!(mail.reason.as_deref(), Some("unanswered"));
    assert_eq!(server.asked(), 1);
    assert!(desk.tasks().await[0].1.contains("nobody knows"), "{:?}", desk.tasks().await);
    assert_eq!(desk.world.count("unreachable").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_a_process_that_died_was_sending_is_not_sent_again(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    desk.book(TWO_PM).await;
    let id = desk.emails().await[0].id;
    desk.world
        .run(
            "update outbox set status = 'sending', provider = 'smtp', attempts = 1, body = 'Hello', subject = 'Hello',
                    tried_at = '2026-11-20T15:00:00Z'
             where outbox_id = $1",
            &[id],
        )
        .await;
    desk.world.wait(Duration::seconds(30));
    desk.send(id).await;
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "unknown", Some("unanswered"))], "it may still go on");
    desk.world.wait(Duration::seconds(31));
    desk.send(id).await;
    assert_eq!(desk.mail_fates().await, [fate("confirmation", "failed", Some("unanswered"))]);
    assert_eq!((server.asked(), desk.tasks().await.len()), (0, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_word_of_a_patient_goes_to_a_server_nobody_vouches_for(pool: PgPool) {
    let (open, forged) = (MailServer::start().await, MailServer::start_with(&["--tls"]).await);
    let desk = desk(pool).await;
    desk.book(TWO_PM).await;
    for (server, security) in [
        // It offers no TLS, or somebody between has taken the offer away.
        (&open, SmtpSecurity::StartTls),
        (&open, SmtpSecurity::Tls),
        (&forged, SmtpSecurity::StartTls),
    ] {
        let account = SmtpAccount {
            security,
            username: Some("desk".into()),
            password: Some("secret".into()),
            ..server.account()
        };
        desk.mail_by(&account).await;
        desk.send_all().await;
        assert_eq!(desk.mail_fates().await, [fate("confirmation", "queued", Some("not_taken"))]);
        desk.world.wait(Duration::minutes(5));
    }
    assert_eq!((open.asked(), forged.asked()), (0, 0));
    // Both would have taken it.
    desk.mail_by(&forged.account()).await;
    desk.send_all().await;
    assert_eq!(forged.got().len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_server_that_wants_a_sign_in_gets_one(pool: PgPool) {
    let server = MailServer::start_with(&["--auth", "desk:right"]).await;
    let desk = desk(pool).await;
    let with = |password: Option<&str>| SmtpAccount {
        username: password.map(|_| "desk".into()),
        password: password.map(str::to_owned),
        ..server.account()
    };
    for (start, wrong) in [(TWO_PM, Some("wrong")), (THREE_PM, None)] {
        desk.mail_by(&with(wrong)).await;
        desk.book(start).await;
        desk.send_all().await;
        assert_eq!(desk.mail_fates().await.pop().unwrap(), fate("confirmation", "failed", Some("refused")));
        assert!(desk.tasks().await.last().unwrap().1.contains("check the e-mail settings"));
    }
    assert_eq!((server.asked(), desk.world.count("unreachable").await), (0, 0));
    desk.mail_by(&with(Some("right"))).await;
    desk.book("2026-11-24T21:00:00Z").await;
    desk.send_all().await;
    assert_eq!(server.got().len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clinic_without_a_server_mails_by_the_platforms_and_else_not_at_all(pool: PgPool) {
    let server = MailServer::start().await;
    let mut desk = desk(pool).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    assert_eq!(desk.emails().await[0].provider.as_deref(), Some("local"));
    assert!(desk.emails().await[0].body.as_deref().unwrap().starts_with("Hello Ada Lovelace,\n\nYou are booked"));
    desk.mail_by_platform(server.account());
    desk.book(THREE_PM).await;
    desk.send_all().await;
    assert_eq!(server.only().header("from"), "Cedar Clinic <desk@cedar.example.com>");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn staff_who_try_the_server_are_told_what_it_says(pool: PgPool) {
    let server = MailServer::start_with(&["--auth", "desk:right"]).await;
    let desk = desk(pool).await;
    let tried = async |to: &str| desk.post.try_email(desk.world.clinic, to).await.unwrap();
    assert_eq!(tried("owner@example.com").await, Err(NotSent::NoServer));
    let with = |port: u16, password: &str| SmtpAccount {
        port,
        username: Some("desk".into()),
        password: Some(password.into()),
        ..server.account()
    };
    let port = server.account().port;
    desk.mail_by(&with(9, "right")).await;
    assert_eq!(tried("owner@example.com").await, Err(NotSent::Unreachable));
    desk.mail_by(&with(port, "wrong")).await;
    assert_eq!(tried("owner@example.com").await, Err(NotSent::Account(Some(535))));
    desk.mail_by(&with(port, "right")).await;
    for (to, why) in [
        ("nobody@example.com", NotSent::Address("nobody@example.com".into())),
        ("busy@example.com", NotSent::Busy(451)),
        ("spam@example.com", NotSent::Message(Some(554))),
        ("no address", NotSent::Address("no address".into())),
    ] {
        assert_eq!(tried(to).await, Err(why));
    }
    assert_eq!(tried("owner@example.com").await, Ok(()));
    assert_eq!(server.only().header("subject"), "A test of e-mail from Cedar Clinic");
    assert_eq!(desk.world.count("outbox").await, 0);
}

/// A reminder by e-mail, waiting.
async fn reminded(desk: &Desk) {
    desk.world.run("insert into messaging_settings (sms) values (false)", &[]).await;
    desk.book(TWO_PM).await;
    desk.send_all().await;
    desk.world.wait(Duration::hours(52));
    let mut tx = desk.world.tx().await;
    assert_eq!(remind(&mut tx, desk.world.now(), 100).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_reminder_says_how_to_get_no_more_to_people_and_to_programs(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    reminded(&desk).await;
    desk.send_all().await;
    let mail = server.got().pop().unwrap();
    let id = desk.emails().await.pop().unwrap().id;
    let link = desk.post.links.unsubscribe(desk.world.clinic, id);
    assert!(link.starts_with("https://desk.example.com/unsubscribe/"));
    assert_eq!(mail.header("subject"), "Your visit to Cedar Clinic on Tue 24 Nov, 2:00 PM");
    assert_eq!(mail.header("list-unsubscribe"), format!("<{link}>"));
    assert_eq!(mail.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    assert!(mail.text().ends_with(&format!("To get no more e-mail from us:\n{link}")), "{}", mail.text());
    assert!(mail.html().contains(&format!("<a href=\"{link}\"")));
    assert_eq!(mail.types(), ["multipart/alternative", "text/plain", "text/html"], "the calendar has the visit");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_unsubscribes_by_the_link_gets_nothing_until_they_take_it_back(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    reminded(&desk).await;
    let token = desk.post.links.unsubscribing.sign(desk.world.clinic, desk.emails().await[0].id);
    let (clinic, message) = desk.post.links.unsubscribing.verify(&token).unwrap();
    let mut tx = desk.world.db.clinic(clinic).await.unwrap();
    for _ in 0..2 {
        assert!(unsubscribing::stop(&mut tx, desk.world.now(), message).await.unwrap());
    }
    assert!(unsubscribing::standing(&mut tx, message).await.unwrap().unwrap().is_stopped);
    tx.commit().await.unwrap();
    assert_eq!(desk.world.count("opt_outs").await, 1);
    desk.send_all().await;
    assert_eq!(desk.mail_fates().await.pop().unwrap(), fate("reminder", "suppressed", Some("opted_out")));

    let mut tx = desk.world.tx().await;
    assert!(unsubscribing::start(&mut tx, desk.world.now(), message).await.unwrap());
    assert!(!unsubscribing::standing(&mut tx, message).await.unwrap().unwrap().is_stopped);
    tx.commit().await.unwrap();
    desk.book(THREE_PM).await;
    desk.send_all().await;
    assert_eq!(server.got().len(), 2);
    let texts = desk.texts().await;
    assert!(texts.is_empty(), "a link in an e-mail is about e-mail: {texts:?}");
    let mut tx = desk.world.tx().await;
    assert!(!unsubscribing::stop(&mut tx, desk.world.now(), uuid::Uuid::from_u128(7)).await.unwrap());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn visits_booked_together_are_told_of_once_and_each_is_a_file(pool: PgPool) {
    let server = MailServer::start().await;
    let desk = desk_mailing(pool, &server).await;
    let owner = desk.world.session();
    let hold = desk.world.hold(owner, desk.claim(TWO_PM)).await.unwrap();
    let (now, booking) = (desk.world.now(), desk.world.booking(owner, hold));
    let repeat = Repeat { every_weeks: 1, count: 3, take: Take::AllOrNothing };
    let booked = desk.world.db.transaction(desk.world.clinic, move |tx| {
        let booking = booking.clone();
        Box::pin(async move { confirm_series(tx, now, &booking, repeat).await })
    });
    let series = booked.await.unwrap();
    desk.send_all().await;

    let mail = server.only();
    let files = mail.files();
    let uids: Vec<_> = files.iter().map(|file| file["calendar"]["events"][0]["uid"].as_str().unwrap()).collect();
    let expected: Vec<_> = series.appointments.iter().map(|visit| format!("{}@frontdesk", visit.id)).collect();
    assert_eq!(uids, expected);
    let names: Vec<_> = files.iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(names, ["visit.ics", "visit-2.ics", "visit-3.ics"]);
    assert_eq!(mail.visit()["starts"], "2026-11-24T19:00:00+0000");
    assert!(mail.text().contains("3 visits in all, also Tue 1 Dec, 2:00 PM; Tue 8 Dec, 2:00 PM."), "{}", mail.text());
}
