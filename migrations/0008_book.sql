-- The book knows rooms, groups and deliberate overbooking. A visit has one row
-- for its practitioner and one for every room it needs.
alter table occupancies
    drop constraint occupancies_no_overlap,
    drop constraint occupancies_one_per_hold,
    drop constraint occupancies_one_per_appointment,
    alter column practitioner_id drop not null,
    add column room_id         uuid,
    add column resource_id     uuid not null generated always as (coalesce(practitioner_id, room_id)) stored,
    -- Patients who share a visit share its session, one seat each.
    add column session_id      uuid not null default gen_random_uuid(),
    add column seat            integer not null default 1,
    add column seats           integer not null default 1,
    -- 0 is the ordinary book; above it, the first, second, … visit taken over
    -- it on purpose, up to what the type allowed when it was taken.
    add column overbooked      smallint not null default 0,
    add column overbooking_cap smallint not null default 0,
    add foreign key (clinic_id, room_id) references rooms,
    add constraint occupancies_of_one_resource check (num_nonnulls(practitioner_id, room_id) = 1),
    add constraint occupancies_within_capacity check (seat between 1 and seats),
    add constraint occupancies_within_overbooking check (overbooked between 0 and overbooking_cap),
    add constraint occupancies_one_per_hold unique (clinic_id, hold_id, resource_id),
    add constraint occupancies_one_per_appointment unique (clinic_id, appointment_id, resource_id),
    -- The last seat is taken once.
    add constraint occupancies_one_per_seat unique (clinic_id, resource_id, session_id, seat),
    -- Nobody, and no room, is in two places at once. This, not any check in
    -- code, is what prevents double booking.
    add constraint occupancies_no_overlap
        exclude using gist (clinic_id with =, resource_id with =, overbooked with =, during with &&, session_id with <>);

-- A request takes its time like a booking does, until staff decide.
alter table appointments
    drop constraint appointments_status_check,
    add constraint appointments_status_check
        check (status in ('pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow')),
    -- Visits booked together, a week or more apart.
    add column series_id    uuid,
    -- Staff decided that it stays though it no longer fits the hours.
    add column kept_at      timestamptz,
    -- Staff asked the patient to choose another time, and why.
    add column asked_at     timestamptz,
    add column asked_reason text;
create index appointments_of_series on appointments (clinic_id, series_id) where series_id is not null;

-- What a person has to look at.
create table tasks (
    clinic_id      uuid not null default current_clinic_id() references clinics on delete cascade,
    task_id        uuid not null,
    kind           text not null check (kind in ('booking_request', 'late_change', 'stranded')),
    appointment_id uuid not null,
    -- What the patient wished, or what staff promised, in a sentence.
    detail         text not null,
    created_at     timestamptz not null,
    done_at        timestamptz,
    done_by        uuid,
    primary key (clinic_id, task_id),
    foreign key (clinic_id, appointment_id) references appointments on delete cascade,
    foreign key (clinic_id, done_by) references members
);
-- Asking again is the same task.
create unique index tasks_one_open on tasks (clinic_id, kind, appointment_id) where done_at is null;
create index tasks_open on tasks (clinic_id, created_at) where done_at is null;
select confine_to_clinic('tasks');

-- Answers kept under the caller's Idempotency-Key, written in the transaction
-- that did what they say.
create table idempotency_keys (
    clinic_id   uuid not null default current_clinic_id() references clinics on delete cascade,
    owner       text not null,
    key         text not null,
    -- SHA-256 of the request: the same key for another is a mistake.
    fingerprint bytea not null,
    status      smallint,
    response    jsonb,
    created_at  timestamptz not null,
    primary key (clinic_id, owner, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
select confine_to_clinic('idempotency_keys');
create policy sweep_reads on idempotency_keys for select to frontdesk_app using (true);
create policy sweep_deletes on idempotency_keys for delete to frontdesk_app using (true);
grant select (created_at), delete on idempotency_keys to frontdesk_app;

-- Takes the right to write in some books, in one order, until the transaction
-- ends. Without it, inserts that wait for each other inside the exclusion
-- constraint end in deadlocks, and two visits choose the same free room.
create function lock_books(resources uuid[]) returns void
    language plpgsql as $$
declare
    resource uuid;
begin
    for resource in select distinct r from unnest(resources) r order by r loop
        perform pg_advisory_xact_lock(hashtextextended(resource::text, 0));
    end loop;
end
$$;
