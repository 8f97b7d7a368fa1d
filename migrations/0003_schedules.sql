-- Who works, what can be booked, and when.
create table practitioners (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    practitioner_id uuid not null,
    name            text not null,
    position        integer not null default 0,
    active          boolean not null default true,
    created_at      timestamptz not null default now(),
    primary key (clinic_id, practitioner_id)
);
select confine_to_clinic('practitioners');

create table appointment_types (
    clinic_id           uuid not null default current_clinic_id() references clinics on delete cascade,
    appointment_type_id uuid not null,
    slug                text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name                text not null,
    description         text,
    minutes             integer not null check (minutes between 5 and 720),
    -- Starts fall on this grid, in minutes after local midnight.
    grid_minutes        integer not null default 15 check (grid_minutes between 5 and 240),
    -- In the clinic's currency, minor unit; null when no price is stated.
    price_minor         integer check (price_minor >= 0),
    position            integer not null default 0,
    active              boolean not null default true,
    created_at          timestamptz not null default now(),
    primary key (clinic_id, appointment_type_id),
    constraint appointment_types_slug_unique unique (clinic_id, slug)
);
select confine_to_clinic('appointment_types');

-- Which practitioner offers which type.
create table offers (
    clinic_id           uuid not null default current_clinic_id(),
    practitioner_id     uuid not null,
    appointment_type_id uuid not null,
    primary key (clinic_id, practitioner_id, appointment_type_id),
    foreign key (clinic_id, practitioner_id) references practitioners on delete cascade,
    foreign key (clinic_id, appointment_type_id) references appointment_types on delete cascade
);
select confine_to_clinic('offers');

-- Weekly hours and the breaks in them, as minutes after local midnight.
-- Without a practitioner the row is the clinic's: it holds for every
-- practitioner who has no hours of their own.
create table opening_hours (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    opening_hour_id uuid not null,
    practitioner_id uuid,
    kind            text not null check (kind in ('open', 'break')),
    -- ISO 8601: 1 is Monday.
    weekday         integer not null check (weekday between 1 and 7),
    from_minute     integer not null,
    to_minute       integer not null,
    primary key (clinic_id, opening_hour_id),
    foreign key (clinic_id, practitioner_id) references practitioners on delete cascade,
    check (0 <= from_minute and from_minute < to_minute and to_minute <= 1440)
);
select confine_to_clinic('opening_hours');

-- Dates that are different: closed without minutes, other hours with them.
create table date_exceptions (
    clinic_id         uuid not null default current_clinic_id() references clinics on delete cascade,
    date_exception_id uuid not null,
    practitioner_id   uuid,
    on_date           date not null,
    from_minute       integer,
    to_minute         integer,
    note              text,
    primary key (clinic_id, date_exception_id),
    foreign key (clinic_id, practitioner_id) references practitioners on delete cascade,
    check ((from_minute is null) = (to_minute is null)),
    check (0 <= from_minute and from_minute < to_minute and to_minute <= 1440)
);
create index date_exceptions_by_date on date_exceptions (clinic_id, on_date);
select confine_to_clinic('date_exceptions');
