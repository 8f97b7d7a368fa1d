-- A clinic that never closes, in UTC, so that no hour of it is special. Four
-- practitioners offer everything.
create function pg_temp.nth(n bigint) returns uuid
    language sql immutable
    return ('1000000000004000' || (8000000000000000 + n))::uuid;

insert into clinics (clinic_id, slug, name, time_zone, greeting, hold_minutes)
values (pg_temp.nth(1), 'race', 'Race', 'UTC', 'Hello.', 60);
insert into appointment_types (clinic_id, appointment_type_id, slug, name, minutes, grid_minutes)
values (pg_temp.nth(1), pg_temp.nth(1), 'visit', 'Visit', 45, 45),
       (pg_temp.nth(1), pg_temp.nth(2), 'short', 'Short visit', 30, 15),
       (pg_temp.nth(1), pg_temp.nth(3), 'long', 'Long visit', 90, 15);
insert into practitioners (clinic_id, practitioner_id, name, position)
select pg_temp.nth(1), pg_temp.nth(n), 'Practitioner ' || n, n
from generate_series(1, 4) n;
insert into offers (clinic_id, practitioner_id, appointment_type_id)
select clinic_id, practitioner_id, appointment_type_id
from practitioners join appointment_types using (clinic_id);
insert into opening_hours (clinic_id, opening_hour_id, kind, weekday, from_minute, to_minute)
select pg_temp.nth(1), pg_temp.nth(weekday), 'open', weekday, 0, 1440
from generate_series(1, 7) weekday;
