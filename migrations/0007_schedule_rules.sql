-- Where a practitioner works. A clinic with one address needs none.
create table locations (
    clinic_id   uuid not null default current_clinic_id() references clinics on delete cascade,
    location_id uuid not null,
    name        text not null,
    address     text,
    position    integer not null default 0,
    active      boolean not null default true,
    created_at  timestamptz not null default now(),
    primary key (clinic_id, location_id)
);
select confine_to_clinic('locations');

alter table practitioners
    add column location_id uuid,
    add foreign key (clinic_id, location_id) references locations;

-- Hours of a practitioner, of a location, or of the clinic (neither), and the
-- dates between which they hold; open-ended without.
alter table opening_hours
    add column location_id     uuid,
    add column effective_from  date,
    add column effective_until date,
    add foreign key (clinic_id, location_id) references locations on delete cascade,
    add constraint opening_hours_of_one_thing check (num_nonnulls(practitioner_id, location_id) <= 1),
    add constraint opening_hours_effective check (effective_from <= effective_until);
alter table date_exceptions
    add column location_id uuid,
    add foreign key (clinic_id, location_id) references locations on delete cascade,
    add constraint date_exceptions_of_one_thing check (num_nonnulls(practitioner_id, location_id) <= 1);

-- Runs of dates without work, both ends included: a practitioner's leave, or,
-- without a practitioner, a location's or the whole clinic's closure.
create table time_off (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    time_off_id     uuid not null,
    practitioner_id uuid,
    location_id     uuid,
    from_date       date not null,
    to_date         date not null,
    note            text,
    created_at      timestamptz not null default now(),
    primary key (clinic_id, time_off_id),
    foreign key (clinic_id, practitioner_id) references practitioners on delete cascade,
    foreign key (clinic_id, location_id) references locations on delete cascade,
    constraint time_off_of_one_thing check (num_nonnulls(practitioner_id, location_id) <= 1),
    constraint time_off_in_order check (from_date <= to_date)
);
create index time_off_by_date on time_off (clinic_id, to_date);
select confine_to_clinic('time_off');

-- Time a practitioner spends otherwise: blocked by staff, or busy in another
-- calendar. It may overlap visits, which whoever put it there knew best.
create table busy_times (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    busy_time_id    uuid not null,
    practitioner_id uuid not null,
    during          tstzrange not null check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    -- Who says so: 'console', or the name of an outside calendar.
    source          text not null,
    -- What that calendar calls it, so that the same event is one row.
    external_id     text,
    note            text,
    created_at      timestamptz not null default now(),
    primary key (clinic_id, busy_time_id),
    foreign key (clinic_id, practitioner_id) references practitioners on delete cascade,
    constraint busy_times_one_per_event unique (clinic_id, practitioner_id, source, external_id)
);
create index busy_times_by_time on busy_times using gist (clinic_id, practitioner_id, during);
select confine_to_clinic('busy_times');

-- What a visit may need besides a practitioner: a room, a machine.
create table rooms (
    clinic_id   uuid not null default current_clinic_id() references clinics on delete cascade,
    room_id     uuid not null,
    location_id uuid,
    name        text not null,
    kind        text not null default 'room' check (kind in ('room', 'equipment')),
    position    integer not null default 0,
    active      boolean not null default true,
    created_at  timestamptz not null default now(),
    primary key (clinic_id, room_id),
    foreign key (clinic_id, location_id) references locations
);
select confine_to_clinic('rooms');

-- A type's needs, numbered; each is met by any one of its rooms.
create table room_needs (
    clinic_id           uuid not null default current_clinic_id() references clinics on delete cascade,
    appointment_type_id uuid not null,
    need                smallint not null check (need between 1 and 4),
    room_id             uuid not null,
    primary key (clinic_id, appointment_type_id, need, room_id),
    foreign key (clinic_id, appointment_type_id) references appointment_types on delete cascade,
    foreign key (clinic_id, room_id) references rooms on delete cascade
);
select confine_to_clinic('room_needs');

-- When more visits of a type than there is time for are taken on purpose, and
-- how many more. Without a weekday it holds every day.
create table overbooking (
    clinic_id           uuid not null default current_clinic_id() references clinics on delete cascade,
    overbooking_id      uuid not null,
    appointment_type_id uuid not null,
    weekday             integer check (weekday between 1 and 7),
    from_minute         integer not null,
    to_minute           integer not null,
    extra               smallint not null check (extra between 1 and 10),
    primary key (clinic_id, overbooking_id),
    foreign key (clinic_id, appointment_type_id) references appointment_types on delete cascade,
    check (0 <= from_minute and from_minute < to_minute and to_minute <= 1440)
);
select confine_to_clinic('overbooking');

alter table appointment_types
    -- How many patients one visit is for: more than one makes it a group's.
    add column capacity   integer not null default 1 check (capacity between 1 and 500),
    -- Its name says something about a patient's health: kept out of what
    -- others may read, such as calendar files and text messages.
    add column sensitive  boolean not null default false,
    -- Whether a channel may book it: not at all, as a request that staff
    -- approve, or at once.
    add column web_mode   text not null default 'instant' check (web_mode in ('off', 'request', 'instant')),
    add column sms_mode   text not null default 'instant' check (sms_mode in ('off', 'request', 'instant')),
    add column voice_mode text not null default 'instant' check (voice_mode in ('off', 'request', 'instant')),
    add column api_mode   text not null default 'instant' check (api_mode in ('off', 'request', 'instant'));
