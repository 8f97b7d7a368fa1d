-- Clinics for measuring. Ids are the same in each, which keys led by
-- clinic_id allow, and made of decimal digits, which is what pgbench can count
-- in: 10000000-0000-4000-8000-00000000000N.
create function pg_temp.nth(n bigint) returns uuid
    language sql immutable
    return ('1000000000004000' || (8000000000000000 + n))::uuid;

create function pg_temp.clinic(n int, slug text, practitioners int, opens int, closes int, grid int) returns void
    language sql
begin atomic
    insert into clinics (clinic_id, slug, name, time_zone, greeting)
    values (pg_temp.nth(n), slug, slug, 'America/New_York', 'Hello.');
    insert into appointment_types (clinic_id, appointment_type_id, slug, name, minutes, grid_minutes)
    values (pg_temp.nth(n), pg_temp.nth(0), 'haircut', 'Haircut', 45, grid);
    insert into practitioners (clinic_id, practitioner_id, name, position)
    select pg_temp.nth(n), pg_temp.nth(who), 'Practitioner ' || who, who
    from generate_series(1, practitioners) who;
    insert into offers (clinic_id, practitioner_id, appointment_type_id)
    select pg_temp.nth(n), pg_temp.nth(who), pg_temp.nth(0)
    from generate_series(1, practitioners) who;
    insert into opening_hours (clinic_id, opening_hour_id, kind, weekday, from_minute, to_minute)
    select pg_temp.nth(n), pg_temp.nth(weekday), 'open', weekday, opens, closes
    from generate_series(1, 7) weekday;
end;

-- The first is asked for a month; two are booked up, one through HTTP and one
-- by pgbench, a practitioner for each of 32 at once, day and night; the fourth
-- is one practitioner's; the last two write to their patients.
select pg_temp.clinic(1, 'month', 20, 540, 1050, 15);
select pg_temp.clinic(2, 'http', 32, 0, 1440, 45);
select pg_temp.clinic(3, 'pgbench', 32, 0, 1440, 45);
select pg_temp.clinic(4, 'solo', 1, 540, 1050, 15);
select pg_temp.clinic(5, 'flood', 1, 540, 1050, 15);
select pg_temp.clinic(6, 'quiet', 1, 540, 1050, 15);

-- 5,000 visits in the coming 32 days of the first: eight a day for each of 20
-- practitioners, one after another from 9:00 to 15:00. What is left is more
-- than the 2,000 times one answer may hold.
insert into patients (clinic_id, patient_id, name, email)
select pg_temp.nth(1), pg_temp.nth(n), 'Patient ' || n, 'patient' || n || '@bench.example'
from generate_series(0, 4999) n;
insert into appointments
       (clinic_id, appointment_id, practitioner_id, appointment_type_id, patient_id, hold_id, owner, channel,
        starts_at, ends_at, confirmation_code)
select pg_temp.nth(1), pg_temp.nth(n), pg_temp.nth(1 + n % 20), pg_temp.nth(0), pg_temp.nth(n), pg_temp.nth(n), 'bench', 'api',
       start, start + interval '45 minutes', lpad(n::text, 8, '0')
from generate_series(0, 4999) n,
     lateral (select (current_date + 1 + n / 160 + time '9:00' + n / 20 % 8 * interval '45 minutes') at time zone 'America/New_York') at (start);
insert into occupancies (clinic_id, occupancy_id, practitioner_id, during, appointment_id)
select clinic_id, appointment_id, practitioner_id, tstzrange(starts_at, ends_at), appointment_id
from appointments;

vacuum (analyze);
