-- A time that comes free is offered to those who wait for one, one after
-- another.

-- What came free and has not been looked at yet. It is written in the
-- transaction that frees it, while anybody waits.
create table openings (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    opening_id      uuid not null,
    practitioner_id uuid,
    -- None where hours changed: then any time may have come free.
    from_at         timestamptz,
    to_at           timestamptz,
    -- Whom it suits may be asleep; it is looked at no sooner than this.
    look_at         timestamptz not null,
    created_at      timestamptz not null,
    primary key (clinic_id, opening_id),
    foreign key (clinic_id, practitioner_id) references practitioners on delete cascade,
    check (num_nulls(from_at, to_at) in (0, 2)),
    check (from_at < to_at)
);
create unique index openings_once on openings (clinic_id, practitioner_id, from_at, to_at) nulls not distinct;
create index openings_in_order on openings (clinic_id, look_at);
select confine_to_clinic('openings');

-- To whom a time was offered, and what they said. While an offer is open its
-- time is kept by a hold of its own, so that nobody else can have it.
create table waitlist_offers (
    clinic_id         uuid not null default current_clinic_id() references clinics on delete cascade,
    waitlist_offer_id uuid not null,
    waitlist_entry_id uuid not null,
    hold_id           uuid not null,
    practitioner_id   uuid not null,
    starts_at         timestamptz not null,
    ends_at           timestamptz not null,
    -- Why they were first: whether they had asked for whom it is with, and how
    -- many others it would have suited.
    asked_for_them    boolean not null,
    others            integer not null check (others >= 0),
    state             text not null default 'open'
                      check (state in ('open', 'taken', 'declined', 'lapsed', 'unreached', 'withdrawn')),
    offered_at        timestamptz not null,
    expires_at        timestamptz not null check (expires_at > offered_at),
    settled_at        timestamptz,
    appointment_id    uuid,
    primary key (clinic_id, waitlist_offer_id),
    constraint waitlist_offers_one_per_hold unique (clinic_id, hold_id),
    foreign key (clinic_id, waitlist_entry_id) references waitlist_entries on delete cascade,
    foreign key (clinic_id, practitioner_id) references practitioners,
    foreign key (clinic_id, appointment_id) references appointments on delete set null (appointment_id),
    check ((state = 'open') = (settled_at is null)),
    check (appointment_id is null or state = 'taken'),
    check (starts_at < ends_at)
);
create unique index waitlist_offers_one_open on waitlist_offers (clinic_id, waitlist_entry_id) where state = 'open';
create index waitlist_offers_of_entry on waitlist_offers (clinic_id, waitlist_entry_id, offered_at);
create index waitlist_offers_open on waitlist_offers (clinic_id, expires_at) where state = 'open';
select confine_to_clinic('waitlist_offers');

create index waitlist_entries_open on waitlist_entries (clinic_id, created_at) where closed_at is null;
