-- Slots kept for minutes.
create table holds (
    clinic_id           uuid not null default current_clinic_id() references clinics on delete cascade,
    hold_id             uuid not null,
    practitioner_id     uuid not null,
    appointment_type_id uuid not null,
    starts_at           timestamptz not null,
    ends_at             timestamptz not null,
    -- Whose hold it is: a chat session or an API key. Only they may confirm it.
    owner               text not null,
    expires_at          timestamptz not null,
    created_at          timestamptz not null default now(),
    primary key (clinic_id, hold_id),
    foreign key (clinic_id, practitioner_id) references practitioners,
    foreign key (clinic_id, appointment_type_id) references appointment_types,
    check (starts_at < ends_at)
);
create index holds_by_expiry on holds (clinic_id, expires_at);
create index holds_by_owner on holds (clinic_id, owner);
select confine_to_clinic('holds');

create table appointments (
    clinic_id           uuid not null default current_clinic_id() references clinics on delete cascade,
    appointment_id      uuid not null,
    practitioner_id     uuid not null,
    appointment_type_id uuid not null,
    patient_id          uuid not null,
    -- The hold it came from. The hold itself is gone; its id keeps a second
    -- confirm from booking twice.
    hold_id             uuid not null,
    -- Who held it: confirming again answers only them.
    owner               text not null,
    conversation_id     uuid,
    channel             text not null check (channel in ('web', 'sms', 'voice', 'api')),
    status              text not null default 'booked'
                        check (status in ('booked', 'arrived', 'fulfilled', 'cancelled', 'noshow')),
    starts_at           timestamptz not null,
    ends_at             timestamptz not null,
    confirmation_code   text not null,
    note                text,
    created_at          timestamptz not null default now(),
    primary key (clinic_id, appointment_id),
    constraint appointments_one_per_hold unique (clinic_id, hold_id),
    constraint appointments_code_unique unique (clinic_id, confirmation_code),
    foreign key (clinic_id, practitioner_id) references practitioners,
    foreign key (clinic_id, appointment_type_id) references appointment_types,
    foreign key (clinic_id, patient_id) references patients,
    foreign key (clinic_id, conversation_id) references conversations,
    check (starts_at < ends_at)
);
create index appointments_by_time on appointments (clinic_id, starts_at);
create index appointments_by_patient on appointments (clinic_id, patient_id);
select confine_to_clinic('appointments');

-- The book: every stretch of a practitioner's time that is spoken for, by a
-- hold or by an appointment. Holds and appointments are separate tables, and
-- an exclusion constraint sees only one, so the time itself has a table.
create table occupancies (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    occupancy_id    uuid not null,
    practitioner_id uuid not null,
    during          tstzrange not null check (not isempty(during)),
    hold_id         uuid,
    appointment_id  uuid,
    primary key (clinic_id, occupancy_id),
    foreign key (clinic_id, practitioner_id) references practitioners,
    foreign key (clinic_id, hold_id) references holds on delete cascade,
    foreign key (clinic_id, appointment_id) references appointments on delete cascade,
    constraint occupancies_of_one_thing check (num_nonnulls(hold_id, appointment_id) = 1),
    constraint occupancies_one_per_hold unique (clinic_id, hold_id),
    constraint occupancies_one_per_appointment unique (clinic_id, appointment_id),
    -- Nobody is in two places at once. This, not any check in code, is what
    -- prevents double booking.
    constraint occupancies_no_overlap
        exclude using gist (clinic_id with =, practitioner_id with =, during with &&)
);
select confine_to_clinic('occupancies');

-- What happened, written in the transaction that made it happen. A relay
-- announces rows whose announced_at is null, so an event is never lost between
-- a commit and whoever is listening.
create table events (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    event_id        uuid not null,
    kind            text not null,
    appointment_id  uuid,
    conversation_id uuid,
    actor           text not null check (actor in ('patient', 'member', 'receptionist', 'job')),
    actor_id        uuid,
    channel         text not null check (channel in ('web', 'sms', 'voice', 'api', 'console')),
    payload         jsonb not null default '{}',
    created_at      timestamptz not null,
    announced_at    timestamptz,
    primary key (clinic_id, event_id),
    foreign key (clinic_id, appointment_id) references appointments on delete cascade,
    foreign key (clinic_id, conversation_id) references conversations on delete cascade
);
create index events_of_conversation on events (clinic_id, conversation_id, event_id);
create index events_of_appointment on events (clinic_id, appointment_id, event_id);
create index events_unannounced on events (event_id) where announced_at is null;
select confine_to_clinic('events');

-- The relay works for all clinics but sees only ids.
create policy relay_reads on events for select to frontdesk_app using (true);
create policy relay_marks on events for update to frontdesk_app using (announced_at is null) with check (true);
grant select (clinic_id, event_id, conversation_id, kind, announced_at), update (announced_at) on events to frontdesk_app;

-- Expired holds are swept for all clinics; booking does not depend on it.
create policy sweep_reads on holds for select to frontdesk_app using (true);
create policy sweep_deletes on holds for delete to frontdesk_app using (true);
grant select (clinic_id, hold_id, expires_at), delete on holds to frontdesk_app;
