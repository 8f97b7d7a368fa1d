//! Codes go to what is on file, and open contact data to who reads them.

use super::*;

const PHONE: &str = "+15551234567";

impl Desk {
    /// What the outbox holds: kind, channel, address and words.
    async fn written(&self) -> Vec<(String, String, String, String)> {
        sqlx::query_as(
            "select kind, channel, address, coalesce(body, '') from outbox where body is not null order by outbox_id",
        )
        .fetch_all(self.world.tx().await.conn())
        .await
        .unwrap()
    }

    /// The code in the newest message that has one.
    pub(super) async fn code(&self) -> String {
        let written = self.written().await;
        let (.., body) = written.iter().rfind(|(kind, ..)| kind == "one_time_code").expect("a code");
        body.split(|letter: char| !letter.is_ascii_digit()).find(|part| part.len() == 6).expect("six digits").to_owned()
    }

    async fn contact(&self, visit: &Appointment) -> (Option<String>, Option<String>) {
        sqlx::query_as("select p.phone, p.email from appointments a join patients p using (clinic_id, patient_id) where appointment_id = $1")
            .bind(visit.id.uuid())
            .fetch_one(self.world.tx().await.conn())
            .await
            .unwrap()
    }
}

fn by_sms() -> Value {
    json!({ "channel": "sms" })
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_code_goes_to_the_number_on_file_and_lets_contact_data_be_changed(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", PHONE, Some("1985-12-10")).await;
    let caller = desk.caller().await;
    assert_eq!(caller.call("send_code", by_sms()).await["code"], "verification_required");
    caller.done("lookup_booking", json!({ "name": "Ada Lovelace", "birth_date": "1985-12-10" })).await;
    let new = json!({ "phone": "+1 555 987 6543" });
    assert_eq!(caller.call("change_contact", new.clone()).await["code"], "verification_required");

    let sent = caller.done("send_code", by_sms()).await;
    assert_eq!(sent["code_sent_to"], "the number ending in 67");
    assert_eq!(caller.done("send_code", by_sms()).await, sent, "it is on its way");
    let codes: Vec<_> = desk.written().await.into_iter().filter(|(kind, ..)| kind == "one_time_code").collect();
    assert_eq!((codes.len(), codes[0].2.as_str()), (1, PHONE));
    let code = desk.code().await;
    assert!(!sent.to_string().contains(&code) && !sent.to_string().contains("555123"), "{sent}");

    caller.done("confirm_code", json!({ "code": format!("It is {} {}", &code[..3], &code[3..]) })).await;
    assert_eq!(caller.done("change_contact", new).await, json!({ "changed": ["phone"] }));
    assert_eq!(desk.contact(&visit).await, (Some("+15559876543".into()), None));
    let told: Vec<_> = desk.written().await.into_iter().filter(|(kind, ..)| kind == "contact_change").collect();
    assert_eq!((told.len(), told[0].2.as_str()), (1, PHONE), "who had it is told");
    let audited: Vec<String> = sqlx::query_scalar("select kind from audit_entries order by audit_entry_id")
        .fetch_all(desk.world.tx().await.conn())
        .await
        .unwrap();
    assert_eq!(audited, ["identity_proven", "contact_changed"]);
    let mut tx = desk.world.tx().await;
    let pushed = crate::events::after(&mut tx, caller.id(), None, 10).await.unwrap();
    assert_eq!(pushed.last().map(|event| event.kind.as_str()), Some("ContactChanged"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_code_may_be_tried_five_times_for_ten_minutes_and_works_once(pool: PgPool) {
    let desk = desk(pool).await;
    let visit = desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", PHONE, None).await;
    let right = json!({ "confirmation_code": visit.confirmation_code });
    let caller = desk.caller().await;
    caller.done("lookup_booking", right.clone()).await;
    caller.done("send_code", by_sms()).await;
    let code = desk.code().await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        assert_eq!(caller.call("confirm_code", json!({ "code": wrong })).await["code"], "invalid");
    }
    assert_eq!(caller.call("confirm_code", json!({ "code": wrong })).await["code"], "not_found");
    assert_eq!(caller.call("confirm_code", json!({ "code": code })).await["code"], "not_found", "the sixth try");

    // Nobody else's conversation has any use for it.
    desk.world.wait(Duration::seconds(40));
    caller.done("send_code", by_sms()).await;
    let code = desk.code().await;
    let other = desk.caller().await;
    other.done("lookup_booking", right.clone()).await;
    assert_eq!(other.call("confirm_code", json!({ "code": code })).await["code"], "not_found");
    desk.world.wait(Duration::minutes(10));
    assert_eq!(caller.call("confirm_code", json!({ "code": code })).await["code"], "not_found", "too late");

    caller.done("send_code", by_sms()).await;
    let code = json!({ "code": desk.code().await });
    caller.done("confirm_code", code.clone()).await;
    assert_eq!(caller.call("confirm_code", code).await["code"], "not_found", "it is used up");
    desk.world.wait(Duration::seconds(40));
    assert_eq!(caller.call("send_code", by_sms()).await["code"], "rate_limited");
    assert_eq!(other.call("send_code", by_sms()).await["code"], "rate_limited", "whoever asks");
    desk.world.wait(Duration::minutes(61));
    other.done("send_code", by_sms()).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_code_goes_where_it_may_not_or_cannot(pool: PgPool) {
    use crate::messaging::ledger::{self, Stop, Via, Way};

    let desk = desk(pool).await;
    let visit = desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", PHONE, None).await;
    let caller = desk.caller().await;
    caller.done("lookup_booking", json!({ "confirmation_code": visit.confirmation_code })).await;
    assert_eq!(caller.call("send_code", json!({ "channel": "email" })).await["code"], "forbidden");
    let mut tx = desk.world.tx().await;
    let stop = Stop { way: Way::Sms, address: PHONE, via: Via::Keyword, words: None, member: None };
    ledger::stop(&mut tx, desk.world.now(), &stop).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(caller.call("send_code", by_sms()).await["code"], "forbidden");
    assert!(desk.written().await.iter().all(|(kind, ..)| kind != "one_time_code"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_a_household_one_is_proved_and_changed(pool: PgPool) {
    let desk = desk(pool).await;
    let ada = desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", PHONE, Some("1985-12-10")).await;
    let child = desk.visit("2026-11-25T15:00:00Z", "Annabella Lovelace", PHONE, Some("2015-05-12")).await;
    let caller = desk.caller().await;
    for (name, born) in [("Ada Lovelace", "1985-12-10"), ("Annabella Lovelace", "2015-05-12")] {
        caller.done("lookup_booking", json!({ "name": name, "birth_date": born })).await;
    }
    assert_eq!(caller.call("send_code", by_sms()).await["code"], "invalid", "whose?");
    caller.done("send_code", json!({ "channel": "sms", "name": "annabella lovelace" })).await;
    caller.done("confirm_code", json!({ "code": desk.code().await })).await;
    let refused = caller.call("change_contact", json!({ "email": "x@example.com", "name": "Ada Lovelace" })).await;
    assert_eq!(refused["outcome"], "rejected");
    caller.done("change_contact", json!({ "email": "A@Example.com" })).await;
    assert_eq!(desk.contact(&child).await, (Some(PHONE.into()), Some("a@example.com".into())));
    assert_eq!(desk.contact(&ada).await, (Some(PHONE.into()), None));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_patients_do_not_become_one_by_a_new_number(pool: PgPool) {
    let desk = desk(pool).await;
    let old = desk.visit("2026-11-24T15:00:00Z", "Ada Lovelace", PHONE, None).await;
    desk.visit("2026-11-25T15:00:00Z", "Ada Lovelace", "+15559876543", None).await;
    let caller = desk.caller().await;
    caller.done("lookup_booking", json!({ "confirmation_code": old.confirmation_code })).await;
    caller.done("send_code", by_sms()).await;
    caller.done("confirm_code", json!({ "code": desk.code().await })).await;
    let refused = caller.call("change_contact", json!({ "phone": "+15559876543" })).await;
    assert_eq!(refused["code"], "forbidden");
    assert_eq!(desk.contact(&old).await.0.as_deref(), Some(PHONE));
    assert_eq!(desk.world.count("tasks").await, 1, "staff look at it");
}
