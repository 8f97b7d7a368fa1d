//! How long it takes to find a month's free times, beside the obvious way.
//!
//! Fails where it is slower than it may be. Needs DATABASE_URL: a PostgreSQL on
//! which it may make a database of its own.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark prints, and has a pool of its own")]

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::America::New_York;
use domain::id::ClinicId;
use domain::schedule::{Interval, boundary, instant};
use services::booking::{self, Channel, Wanted};
use services::{Db, MIGRATOR};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool};
use uuid::Uuid;

const DATABASE: &str = "frontdesk_bench_availability";
const FROM: &str = "2026-12-01";
const TO: &str = "2026-12-31";

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let pool = fresh_database().await?;
    let large = seed(&pool, 50, 0).await?;
    let small = seed(&pool, 10, 0).await?;
    let old = seed(&pool, 50, 124).await?;
    sqlx::query("vacuum (analyze)").execute(&pool).await?;
    let db = Db::connect((*pool.connect_options()).clone(), 4).await?;

    let naive_started = Instant::now();
    let slow = naive(&pool, large).await?;
    let naive_took = naive_started.elapsed();
    let cold = Instant::now();
    let found = month(&db, large).await?;
    let cold = cold.elapsed();
    assert_eq!(found, slow, "both ways find the same times");

    let warm = median(&db, large, None, &pool).await?;
    let changed = median(&db, large, Some(1), &pool).await?;
    let (fewer, older) = (median(&db, small, None, &pool).await?, median(&db, old, None, &pool).await?);

    let mut ok = true;
    let mut row = |name: &str, took: Duration, against: String, is_fast: bool| {
        ok &= is_fast;
        println!("{name:<58}{:>9.2} ms  {against:<46}{}", ms(took), if is_fast { "ok" } else { "below" });
    };
    println!("A month of times, 50 practitioners, 20,000 visits in it; {} starts found", found.len());
    row("  median", warm, "at most 15 ms".into(), ms(warm) <= 15.0);
    row("  median, a practitioner's book changed before each", changed, "at most 15 ms".into(), ms(changed) <= 15.0);
    row(
        "  the first time in a process",
        cold,
        format!("{:.0} % of the naive way", 100.0 * ms(cold) / ms(naive_took)),
        true,
    );
    row("  the naive way", naive_took, format!("{:.0} times the median", ms(naive_took) / ms(warm)), true);
    let times = ms(warm) / ms(fewer);
    row(
        "  10 practitioners instead of 50",
        fewer,
        format!("{times:.1} times as fast, linear is 5; at most 6.5"),
        times <= 6.5,
    );
    let times = ms(older) / ms(warm);
    row(
        "  80,000 earlier visits in the book too",
        older,
        format!("{times:.2} times as long; at most 1.3"),
        times <= 1.3,
    );
    pool.close().await;
    if ok { Ok(()) } else { Err("slower than it may be".into()) }
}

async fn fresh_database() -> Result<PgPool, Failure> {
    let options: PgConnectOptions = std::env::var("DATABASE_URL")?.parse()?;
    let mut server = options.connect().await?;
    for statement in ["drop database if exists", "create database"] {
        sqlx::query(AssertSqlSafe(format!("{statement} {DATABASE}"))).execute(&mut server).await?;
    }
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options.database(DATABASE)).await?;
    MIGRATOR.run(&pool).await?;
    Ok(pool)
}

/// A clinic open from 9:00 to 21:00 every day, whose practitioners have 13
/// visits of 45 minutes on each day of December and on `past` days before
/// today.
async fn seed(pool: &PgPool, practitioners: i32, past: i32) -> Result<ClinicId, Failure> {
    let clinic = ClinicId::new();
    let seeding = format!(
        "select set_config('app.clinic_id', '{clinic}', false);
         insert into clinics (slug, name, time_zone, greeting) values ('c{}', 'Bench', 'America/New_York', 'Hello.');
         insert into appointment_types (appointment_type_id, slug, name, minutes, grid_minutes)
         values (gen_random_uuid(), 'haircut', 'Haircut', 45, 15);
         insert into practitioners (practitioner_id, name, position)
         select gen_random_uuid(), 'Practitioner ' || n, n from generate_series(1, {practitioners}) n;
         insert into offers (practitioner_id, appointment_type_id)
         select practitioner_id, appointment_type_id from practitioners join appointment_types using (clinic_id)
         where clinic_id = current_clinic_id();
         insert into opening_hours (opening_hour_id, kind, weekday, from_minute, to_minute)
         select gen_random_uuid(), 'open', weekday, 540, 1260 from generate_series(1, 7) weekday;
         insert into patients (patient_id, name, email) values (gen_random_uuid(), 'Patient', 'patient@bench.example');
         insert into appointments
                (appointment_id, practitioner_id, appointment_type_id, patient_id, hold_id, owner, channel,
                 starts_at, ends_at, confirmation_code)
         select gen_random_uuid(), p.practitioner_id, t.appointment_type_id, c.patient_id, gen_random_uuid(), 'bench', 'api',
                start, start + interval '45 minutes', lpad((row_number() over ())::text, 8, '0')
         from practitioners p
         join appointment_types t using (clinic_id)
         join patients c using (clinic_id),
         lateral (
             select (day + time '9:00' + n * interval '45 minutes') at time zone 'America/New_York' as start
             from (select date '2026-12-01' + d as day from generate_series(0, 30) d
                   union all
                   select date '2026-11-20' - d from generate_series(1, {past}) d) days,
                  generate_series(0, 12) n
         ) starts
         where p.clinic_id = current_clinic_id();
         insert into occupancies (occupancy_id, practitioner_id, during, appointment_id)
         select gen_random_uuid(), practitioner_id, tstzrange(starts_at, ends_at), appointment_id
         from appointments where clinic_id = current_clinic_id();",
        &clinic.to_string()[24..]
    );
    let mut connection = pool.acquire().await?;
    sqlx::raw_sql(AssertSqlSafe(seeding)).execute(&mut *connection).await?;
    Ok(clinic)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_186_800, 0).unwrap_or_default()
}

async fn month(db: &Db, clinic: ClinicId) -> Result<Vec<DateTime<Utc>>, Failure> {
    let mut tx = db.clinic(clinic).await?;
    let wanted = Wanted::of("haircut", Channel::Api, FROM.parse()?, TO.parse()?);
    let found = booking::available(&mut tx, now(), &wanted).await?;
    tx.commit().await?;
    Ok(found.slots.into_iter().map(|slot| slot.claim.starts_at).collect())
}

/// Of many times; `changed` practitioners' books are written in before each.
async fn median(db: &Db, clinic: ClinicId, changed: Option<i32>, pool: &PgPool) -> Result<Duration, Failure> {
    let mut took = Vec::new();
    month(db, clinic).await?;
    for _ in 0..100 {
        if let Some(changed) = changed {
            let touch = "update occupancies set overbooking_cap = overbooking_cap
                         where clinic_id = $1 and practitioner_id in (
                             select practitioner_id from practitioners where clinic_id = $1 order by random() limit $2)";
            sqlx::query(touch).bind(clinic.uuid()).bind(changed).execute(pool).await?;
        }
        let began = Instant::now();
        month(db, clinic).await?;
        took.push(began.elapsed());
    }
    took.sort();
    Ok(took[took.len() / 2])
}

/// The obvious way: for each practitioner and day ask for hours and visits, and
/// try every quarter of an hour against each.
async fn naive(pool: &PgPool, clinic: ClinicId) -> Result<Vec<DateTime<Utc>>, Failure> {
    let (from, to): (NaiveDate, NaiveDate) = (FROM.parse()?, TO.parse()?);
    let length = chrono::Duration::minutes(45);
    let practitioners: Vec<Uuid> = sqlx::query_scalar("select practitioner_id from practitioners where clinic_id = $1")
        .bind(clinic.uuid())
        .fetch_all(pool)
        .await?;
    let mut starts = Vec::new();
    for practitioner in practitioners {
        for date in from.iter_days().take_while(|date| *date <= to) {
            let hours: Vec<(i32, i32)> = sqlx::query_as(
                "select from_minute, to_minute from opening_hours where clinic_id = $1 and weekday = extract(isodow from $2::date)",
            )
            .bind(clinic.uuid())
            .bind(date)
            .fetch_all(pool)
            .await?;
            let (midnight, next) = (boundary(New_York, date, 0), boundary(New_York, date, 1440));
            let visits: Vec<(DateTime<Utc>, DateTime<Utc>)> = sqlx::query_as(
                "select starts_at, ends_at from appointments
                 where clinic_id = $1 and practitioner_id = $2 and status <> 'cancelled' and starts_at < $4 and ends_at > $3",
            )
            .bind(clinic.uuid())
            .bind(practitioner)
            .bind(midnight)
            .bind(next)
            .fetch_all(pool)
            .await?;
            for (opens, closes) in hours {
                for minute in (opens..closes).step_by(15) {
                    let Some(start) = instant(New_York, date, minute) else { continue };
                    let visit = Interval { start, end: start + length };
                    let fits = visit.end <= boundary(New_York, date, closes);
                    let taken = |(start, end): &(DateTime<Utc>, DateTime<Utc>)| {
                        visit.overlaps(&Interval { start: *start, end: *end })
                    };
                    if fits && !visits.iter().any(taken) {
                        starts.push(start);
                    }
                }
            }
        }
    }
    starts.sort();
    starts.dedup();
    Ok(starts)
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}
