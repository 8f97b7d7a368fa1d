-- What the receptionist knows of whoever it talks to, what it leaves for
-- people to do, and how a clinic wants it to be.

-- Given when booking, it is a claim like the name: two people of one name and
-- number are two patients, and nobody opens somebody's visits by writing a
-- birth date beside their name first.
alter table patients
    add column birth_date date check (birth_date between '1880-01-01' and '2200-01-01');
drop index patients_same_person;
create unique index patients_same_person
    on patients (clinic_id, lower(name), email, phone, birth_date) nulls not distinct;
create index patients_by_birth on patients (clinic_id, birth_date, lower(name)) where birth_date is not null;

-- Whose visits a conversation may see (level 1), or whose contact data it may
-- change (level 2), since when and by what proof.
create table verifications (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    verification_id uuid not null,
    conversation_id uuid not null,
    patient_id      uuid,
    appointment_id  uuid,
    level           smallint not null check (level between 1 and 2),
    method          text not null
                    check (method in ('confirmation_code', 'name_and_birth_date', 'one_time_code', 'member')),
    verified_at     timestamptz not null,
    primary key (clinic_id, verification_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade,
    foreign key (clinic_id, patient_id) references patients on delete cascade,
    foreign key (clinic_id, appointment_id) references appointments on delete cascade,
    constraint verifications_of_one_thing check (num_nonnulls(patient_id, appointment_id) = 1),
    constraint verifications_once unique nulls not distinct (clinic_id, conversation_id, patient_id, appointment_id, level)
);
select confine_to_clinic('verifications');

-- Tries that proved nothing. They are counted by conversation, and by the name
-- that was tried, so that many conversations cannot share the guessing.
create table failed_verifications (
    clinic_id              uuid not null default current_clinic_id() references clinics on delete cascade,
    failed_verification_id uuid not null,
    conversation_id        uuid not null,
    -- SHA-256 of the name in small letters; none where a code was tried.
    name_digest            bytea,
    failed_at              timestamptz not null,
    primary key (clinic_id, failed_verification_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade
);
create index failed_verifications_of_conversation on failed_verifications (clinic_id, conversation_id, failed_at);
create index failed_verifications_of_name on failed_verifications (clinic_id, name_digest, failed_at)
    where name_digest is not null;
select confine_to_clinic('failed_verifications');

-- People are asked about conversations as well as about visits.
alter table tasks
    drop constraint tasks_kind_check,
    add constraint tasks_kind_check
        check (kind in ('booking_request', 'late_change', 'stranded', 'message_failed', 'wants_change', 'inquiry',
                        'handover'));
create unique index tasks_one_open_handover on tasks (clinic_id, conversation_id)
    where kind = 'handover' and done_at is null;

-- Times that patients would take if they came free.
create table waitlist_entries (
    clinic_id           uuid not null default current_clinic_id() references clinics on delete cascade,
    waitlist_entry_id   uuid not null,
    patient_id          uuid not null,
    conversation_id     uuid,
    appointment_type_id uuid not null,
    practitioner_id     uuid,
    -- In the clinic's zone, both included.
    from_date           date not null,
    to_date             date not null,
    from_minute         integer not null default 0 check (from_minute between 0 and 1439),
    to_minute           integer not null default 1440 check (to_minute between 1 and 1440),
    note                text,
    closed_at           timestamptz,
    created_at          timestamptz not null,
    primary key (clinic_id, waitlist_entry_id),
    foreign key (clinic_id, patient_id) references patients on delete cascade,
    foreign key (clinic_id, conversation_id) references conversations on delete set null (conversation_id),
    foreign key (clinic_id, appointment_type_id) references appointment_types,
    foreign key (clinic_id, practitioner_id) references practitioners,
    check (from_date <= to_date),
    check (from_minute < to_minute)
);
-- Wishing the same again is the same wish.
create unique index waitlist_one_wish on waitlist_entries
    (clinic_id, patient_id, appointment_type_id, practitioner_id, from_date, to_date, from_minute, to_minute)
    nulls not distinct where closed_at is null;
select confine_to_clinic('waitlist_entries');

-- Times to write again to whoever asked for it. Two in a conversation is the
-- most, whatever the code does.
create table followups (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    followup_id     uuid not null,
    conversation_id uuid not null,
    attempt         smallint not null constraint followups_at_most_two check (attempt between 1 and 2),
    about           text not null,
    due_at          timestamptz not null,
    sent_at         timestamptz,
    -- A person took over, or there is nothing to follow up any more.
    stopped_at      timestamptz,
    created_at      timestamptz not null,
    primary key (clinic_id, followup_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade,
    constraint followups_once unique (clinic_id, conversation_id, attempt)
);
create index followups_due on followups (due_at) where sent_at is null and stopped_at is null;
select confine_to_clinic('followups');

-- A person answers instead of the receptionist until this ends.
create table handovers (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    handover_id     uuid not null,
    conversation_id uuid not null,
    began_by        text not null check (began_by in ('receptionist', 'member')),
    -- The patient's message that asked for it, which the receptionist still
    -- answers, with a fixed sentence.
    asked_in        uuid,
    summary         text not null,
    began_at        timestamptz not null,
    ended_at        timestamptz,
    ended_by        uuid,
    primary key (clinic_id, handover_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade,
    foreign key (clinic_id, asked_in) references messages on delete cascade,
    foreign key (clinic_id, ended_by) references members
);
create unique index handovers_one_open on handovers (clinic_id, conversation_id) where ended_at is null;
select confine_to_clinic('handovers');

alter table messages
    -- Left for a person; the receptionist does not answer it later either.
    add column for_staff boolean not null default false,
    -- Who of the staff wrote it.
    add column member_id uuid,
    add constraint messages_of_member foreign key (clinic_id, member_id) references members;

-- How a clinic wants its receptionist to be, and what it may spend.
create table receptionist_settings (
    clinic_id               uuid primary key default current_clinic_id() references clinics on delete cascade,
    -- None for the server's own.
    model                   text,
    -- None for the model's own.
    temperature             real check (temperature between 0 and 2),
    tokens_per_conversation bigint not null default 200000 check (tokens_per_conversation >= 0),
    tokens_per_day          bigint not null default 5000000 check (tokens_per_day >= 0),
    tone                    text not null default '' check (length(tone) <= 500),
    greeting_rules          text not null default '' check (length(greeting_rules) <= 2000),
    -- How many days ahead it looks for times; later is for staff.
    far_days                integer not null default 30 check (far_days between 1 and 730),
    most_followups          smallint not null default 2 check (most_followups between 0 and 2),
    -- Micro-dollars for a thousand tokens, by model: {"gpt-4o": {"prompt": 2500, "completion": 10000}}
    prices                  jsonb not null default '{}' check (jsonb_typeof(prices) = 'object'),
    -- The rules being written; what is published is a version.
    draft                   text not null default '' check (length(draft) <= 8000)
);
select confine_to_clinic('receptionist_settings');

create table receptionist_versions (
    clinic_id    uuid not null default current_clinic_id() references clinics on delete cascade,
    version      integer not null check (version >= 1),
    rules        text not null check (length(rules) <= 8000),
    published_at timestamptz not null,
    published_by uuid,
    primary key (clinic_id, version),
    foreign key (clinic_id, published_by) references members
);
select confine_to_clinic('receptionist_versions');

-- What every turn of a language model took.
create table model_usage (
    clinic_id         uuid not null default current_clinic_id() references clinics on delete cascade,
    model_usage_id    uuid not null,
    conversation_id   uuid not null,
    message_id        uuid not null,
    model             text not null,
    -- The frame of the prompt, and the clinic's version of its rules in it.
    prompt            text not null,
    prompt_tokens     bigint not null check (prompt_tokens >= 0),
    completion_tokens bigint not null check (completion_tokens >= 0),
    cost_micros       bigint not null check (cost_micros >= 0),
    -- Why the built-in receptionist had to finish, if it had to.
    fell_over         text,
    used_at           timestamptz not null,
    primary key (clinic_id, model_usage_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade,
    foreign key (clinic_id, message_id) references messages on delete cascade
);
create index model_usage_of_conversation on model_usage (clinic_id, conversation_id);
create index model_usage_by_time on model_usage (clinic_id, used_at);
select confine_to_clinic('model_usage');
