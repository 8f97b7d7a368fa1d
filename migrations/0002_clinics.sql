-- A clinic and how it presents itself.
create table clinics (
    clinic_id       uuid primary key default current_clinic_id(),
    slug            text not null constraint clinics_slug_unique unique
                    check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name            text not null,
    time_zone       text not null,
    -- ISO 3166-1 alpha-2: how national phone numbers are read.
    country         text not null default 'US' check (country ~ '^[A-Z]{2}$'),
    currency        text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
    languages       text[] not null default '{en}',
    greeting        text not null,
    address         text,
    phone           text,
    email           text,
    accent          text not null default '#0f6e66' check (accent ~ '^#[0-9a-f]{6}$'),
    -- Sites that may frame the chat, as origins: https://example.com
    allowed_origins text[] not null default '{}',
    hold_minutes    integer not null default 5 check (hold_minutes between 1 and 60),
    created_at      timestamptz not null default now()
);
select confine_to_clinic('clinics');

-- The directory finds a clinic by its slug before any clinic is known.
create policy directory on clinics for select to frontdesk_app using (true);
grant select (clinic_id, slug, allowed_origins, created_at) on clinics to frontdesk_app;

-- Staff. An address signs in to one clinic, so it is unique across all.
create table members (
    clinic_id     uuid not null default current_clinic_id() references clinics on delete cascade,
    member_id     uuid not null,
    email         text not null constraint members_email_unique unique check (email = lower(email)),
    name          text not null,
    role          text not null check (role in ('owner', 'manager', 'front_desk', 'viewer')),
    -- Argon2id, in PHC string format.
    password_hash text not null,
    disabled_at   timestamptz,
    created_at    timestamptz not null default now(),
    primary key (clinic_id, member_id)
);
select confine_to_clinic('members');

-- Signing in finds the clinic from the address; everything else about the
-- member is read inside that clinic.
create policy directory on members for select to frontdesk_app using (true);
grant select (clinic_id, member_id, email) on members to frontdesk_app;

-- Console sessions. Not a clinic's rows: a session exists before anyone has
-- signed in.
create table sessions (
    session_id text primary key,
    data       bytea not null,
    expires_at timestamptz not null
);
create index sessions_by_expiry on sessions (expires_at);
grant select, insert, update, delete on sessions to frontdesk_app;

-- Secrets the server makes for itself when none are configured, so that what
-- it signed before a restart still holds after it. One row per purpose.
create table server_secrets (
    purpose    text primary key,
    secret     bytea not null,
    created_at timestamptz not null default now()
);
grant select, insert on server_secrets to frontdesk_app;
