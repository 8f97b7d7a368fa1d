//! Reminders of visits, which are written down when they are due.
//!
//! Nothing is planned ahead: each minute it is looked which visits have a
//! reminder due by the settings as they are. So a visit that is moved, or a
//! clinic that changes its mind, leaves nothing behind to be undone.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::outbox;
use crate::{ClinicTx, Result};

/// How late a reminder may be written, where nobody looked in time.
const LATEST_HOURS: i32 = 6;

/// Writes down the reminders that are due, at most `limit`; returns how many.
/// Of several that are due for a visit the last one is written, and none right
/// after the message that says when the visit is. It goes out as a text, or by
/// e-mail where no text may.
pub async fn remind(tx: &mut ClinicTx, now: DateTime<Utc>, limit: i64) -> Result<usize> {
    let due = sqlx::query!(
        r#"
        select a.appointment_id, a.starts_at, p.patient_id, a.conversation_id,
               coalesce(p.language, c.languages[1]) as "language!", way.channel as "channel!", way.address as "address!",
               rung.minutes as "minutes!"
        from appointments a
        join patients p using (clinic_id, patient_id)
        join clinics c using (clinic_id)
        left join messaging_settings s using (clinic_id)
        cross join lateral (
            select m as minutes, a.starts_at - make_interval(mins => m) as due_at
            from unnest(coalesce(s.reminder_minutes, '{2880,180}')) m
            where a.starts_at - make_interval(mins => m) <= $1
            order by m
            limit 1
        ) rung
        cross join lateral (
            select w.channel, w.address
            from (values (1, 'sms', p.phone, coalesce(s.sms, true)), (2, 'email', p.email, coalesce(s.email, true)))
                 w (preference, channel, address, is_wanted)
            where w.address is not null and w.is_wanted
              and not exists (select from opt_outs o
                              where o.channel = w.channel and o.address = w.address and o.ended_at is null)
              and not exists (select from unreachable u where u.channel = w.channel and u.address = w.address)
            order by w.preference
            limit 1
        ) way
        where a.status = 'booked' and a.starts_at > $1 and a.starts_at < $1 + interval '15 days'
          and rung.due_at > $1 - make_interval(hours => $2)
          and not exists (select from outbox o
                          where o.appointment_id = a.appointment_id
                            and (o.kind = 'reminder' and o.about = a.starts_at and o.created_at >= rung.due_at
                                 or o.kind in ('confirmation', 'change') and o.created_at >= rung.due_at))
        order by a.starts_at
        limit $3
        "#,
        now,
        LATEST_HOURS,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let ids: Vec<Uuid> = due.iter().map(|_| outbox::new_id()).collect();
    let keys: Vec<String> = due
        .iter()
        .map(|due| format!("reminder:{}:{}:{}", due.appointment_id, due.starts_at.timestamp(), due.minutes))
        .collect();
    let channels: Vec<String> = due.iter().map(|due| due.channel.clone()).collect();
    let addresses: Vec<String> = due.iter().map(|due| due.address.clone()).collect();
    let languages: Vec<String> = due.iter().map(|due| due.language.clone()).collect();
    let patients: Vec<Uuid> = due.iter().map(|due| due.patient_id).collect();
    let visits: Vec<Uuid> = due.iter().map(|due| due.appointment_id).collect();
    let starts: Vec<DateTime<Utc>> = due.iter().map(|due| due.starts_at).collect();
    let written = sqlx::query!(
        "insert into outbox (outbox_id, key, kind, channel, address, language, patient_id, appointment_id, about, due_at,
                             expires_at, created_at)
         select d.id, d.key, 'reminder', d.channel, d.address, d.language, d.patient, d.visit, d.starts_at, $9,
                d.starts_at, $9
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::timestamptz[])
              d (id, key, channel, address, language, patient, visit, starts_at)
         on conflict on constraint outbox_once do nothing",
        &ids,
        &keys,
        &channels,
        &addresses,
        &languages,
        &patients,
        &visits,
        &starts,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(usize::try_from(written.rows_affected()).unwrap_or_default())
}
