//! What a reply may claim: what the rows of its conversation say.
//!
//! Read in the transaction of the turn or of the tool that may have changed it,
//! so that a sentence is held against what is committed and nothing else.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use domain::id::ConversationId;
use domain::truth::{Act, Channel, Fact};
use serde_json::Value;

use super::model::Entry;
use crate::booking::Owner;
use crate::{ClinicTx, Result, clinics};

struct Row {
    act: String,
    starts_at: Option<DateTime<Utc>>,
    moved_from: Option<DateTime<Utc>>,
    code: Option<String>,
    practitioner: Option<String>,
    appointment_type: Option<String>,
}

/// What this conversation made so, or proved that it may know, in the order it
/// was committed. The visits stand last: what is said in place of something
/// untrue is about the newest of them.
pub async fn committed(tx: &mut ClinicTx, now: DateTime<Utc>, conversation: ConversationId) -> Result<Vec<Fact>> {
    let zone = clinics::time_zone(tx).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"
        with visits as (
            select appointment_id from appointments where owner = $2
            union
            select appointment_id from verifications where conversation_id = $1 and appointment_id is not null
            union
            select a.appointment_id
            from verifications v join appointments a using (clinic_id, patient_id)
            where v.conversation_id = $1
            union
            -- As `speaks_for` has it, which no index of appointments answers.
            select a.appointment_id
            from verifications v
            join patient_relations r on r.clinic_id = v.clinic_id and r.proxy_id = v.patient_id
            join appointments a on a.clinic_id = r.clinic_id and a.patient_id = r.patient_id
            where v.conversation_id = $1
        ), told as (
            select 'staff' as act, null::timestamptz as at
            where exists (select from tasks where conversation_id = $1)
               or exists (select from tasks join visits using (appointment_id)
                          where kind in ('late_change', 'booking_request', 'wants_change'))
            union all
            select 'waitlisted', null
            where exists (select from waitlist_entries where conversation_id = $1 and closed_at is null)
            union all
            select 'contact', null
            where exists (select from events where conversation_id = $1 and kind = 'ContactChanged')
            union all
            select 'followup', due_at from followups where conversation_id = $1 and stopped_at is null
            union all
            select distinct channel, null::timestamptz
            from (
                select channel, status, due_at, sent_at, kind from outbox where conversation_id = $1
                union all
                select channel, status, due_at, sent_at, kind from outbox join visits using (appointment_id)
            ) written
            where status in ('queued', 'sending', 'unknown', 'sent', 'delivered')
              and (due_at <= $3 or sent_at is not null)
              -- Texts are how such a conversation is held, and no news.
              and kind <> 'reply'
        ), kept as (
            select a.status as act, a.starts_at, moved.from_at as moved_from, a.confirmation_code as code,
                   a.practitioner_id, a.appointment_type_id, greatest(a.created_at, a.cancelled_at, moved.at) as made_at
            from appointments a
            join visits using (appointment_id)
            left join lateral (
                select (payload #>> '{from,starts_at}')::timestamptz as from_at, created_at as at
                from events e
                where e.appointment_id = a.appointment_id and e.kind = 'BookingRescheduled'
                order by e.event_id desc
                limit 1
            ) moved on true
            where a.status <> 'noshow'
            union all
            select 'held', starts_at, null, null, practitioner_id, appointment_type_id, created_at
            from holds
            where owner = $2 and expires_at > $3
        )
        select act as "act!", starts_at, moved_from, code, practitioner, appointment_type
        from (
            select act, at as starts_at, null::timestamptz as moved_from, null as code, null as practitioner,
                   null as appointment_type, null::timestamptz as made_at
            from told
            union all
            select k.act, k.starts_at, k.moved_from, k.code, p.name, t.name, k.made_at
            from (select * from kept order by made_at desc limit 50) k
            join practitioners p using (practitioner_id)
            join appointment_types t using (appointment_type_id)
        ) facts
        order by made_at nulls first
        "#,
        conversation.uuid(),
        Owner::Session(conversation).to_string(),
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().filter_map(|row| row.fact(zone)).collect())
}

impl Row {
    fn fact(self, zone: Tz) -> Option<Fact> {
        let act = match (self.act.as_str(), self.moved_from) {
            ("staff", _) => Act::StaffTold,
            ("contact", _) => Act::ContactChanged,
            ("waitlisted", _) => Act::Waitlisted,
            // They are written to again, here.
            ("followup", _) => Act::Sent(Channel::Any),
            ("sms", _) => Act::Sent(Channel::Sms),
            ("email", _) => Act::Sent(Channel::Email),
            ("held", _) => Act::Held,
            ("pending", _) => Act::Requested,
            ("cancelled", _) => Act::Cancelled,
            ("booked" | "arrived" | "fulfilled", Some(_)) => Act::Moved,
            ("booked" | "arrived" | "fulfilled", None) => Act::Booked,
            _ => return None,
        };
        let local = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
        Some(Fact {
            act,
            starts_at: self.starts_at.map(local),
            moved_from: self.moved_from.map(local),
            code: self.code.and_then(|code| code.parse().ok()),
            practitioner: self.practitioner,
            appointment_type: self.appointment_type,
        })
    }
}

/// The times that tools showed in this conversation, as their stored results
/// say: those that are free, and those that the patient's words were found to
/// mean.
pub fn shown(transcript: &[Entry]) -> Vec<Fact> {
    transcript
        .iter()
        .filter_map(|entry| match entry {
            Entry::Tool { call, output } => Some((call, output.get("result")?)),
            _ => None,
        })
        .flat_map(|(call, result)| match call.name.as_str() {
            "check_availability" => free(result),
            "explain_time" => {
                let act = if result["offered"] == true { Act::Offered } else { Act::Named };
                at(&call.arguments["local"], act).into_iter().collect()
            }
            "resolve_date" => meant(result),
            "schedule_contact_followup" => at(&call.arguments["local"], Act::Named).into_iter().collect(),
            _ => Vec::new(),
        })
        .collect()
}

fn free(result: &Value) -> Vec<Fact> {
    let slots = result["slots"].as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |value: &Value| value["name"].as_str().map(str::to_owned);
    slots
        .iter()
        .filter_map(|slot| {
            let fact = at(&slot["local"], Act::Offered)?;
            let (practitioner, appointment_type) = (name(&slot["practitioner"]), name(&slot["appointment_type"]));
            Some(Fact { practitioner, appointment_type, ..fact })
        })
        .collect()
}

fn at(local: &Value, act: Act) -> Option<Fact> {
    let local = local.as_str()?;
    let starts_at = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(local, form).ok())?;
    Some(Fact { starts_at: Some(starts_at), ..Fact::of(act) })
}

fn meant(result: &Value) -> Vec<Fact> {
    let text = |field: &str| result[field].as_str();
    let Some(day) = text("from") else { return Vec::new() };
    ["at", "earliest", "latest"]
        .iter()
        .filter_map(|field| text(field))
        .filter_map(|time| at(&Value::String(format!("{day}T{time}")), Act::Named))
        .collect()
}
