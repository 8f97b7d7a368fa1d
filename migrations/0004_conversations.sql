-- People, and what was said.
create table patients (
    clinic_id  uuid not null default current_clinic_id() references clinics on delete cascade,
    patient_id uuid not null,
    name       text not null,
    -- E.164 and lower case; at least one of them at booking, none after erasure.
    phone      text,
    email      text,
    created_at timestamptz not null default now(),
    primary key (clinic_id, patient_id)
);
-- The same person giving the same details twice at once is one patient. Name
-- is part of the key because families share phones and addresses.
create unique index patients_same_person on patients (clinic_id, lower(name), email, phone) nulls not distinct;
select confine_to_clinic('patients');

create table conversations (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    conversation_id uuid not null,
    channel         text not null check (channel in ('web', 'sms', 'voice')),
    patient_id      uuid,
    -- What the visitor claimed on arrival: a hint, never proof of who it is.
    hinted_email    text,
    hinted_phone    text,
    -- One turn at a time: whoever holds the lease answers, until it runs out.
    turn_id         uuid,
    turn_expires_at timestamptz,
    created_at      timestamptz not null default now(),
    primary key (clinic_id, conversation_id),
    foreign key (clinic_id, patient_id) references patients
);
select confine_to_clinic('conversations');

create table messages (
    clinic_id         uuid not null default current_clinic_id(),
    message_id        uuid not null,
    conversation_id   uuid not null,
    role              text not null check (role in ('patient', 'receptionist', 'member')),
    text              text not null,
    cards             jsonb not null default '[]',
    -- The sender's own id for it: the same one again is the same message.
    client_message_id text,
    -- The patient's message a receptionist's message answers; one answer each.
    answers           uuid,
    created_at        timestamptz not null,
    primary key (clinic_id, message_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade,
    constraint messages_client_id_unique unique (clinic_id, conversation_id, client_message_id),
    constraint messages_one_answer unique (clinic_id, answers)
);
create index messages_in_order on messages (clinic_id, conversation_id, message_id);
select confine_to_clinic('messages');

-- What the receptionist did while answering, in order.
create table tool_calls (
    clinic_id       uuid not null default current_clinic_id(),
    tool_call_id    uuid not null,
    conversation_id uuid not null,
    -- The patient's message that was being answered.
    message_id      uuid not null,
    name            text not null,
    arguments       jsonb not null,
    output          jsonb not null,
    created_at      timestamptz not null,
    primary key (clinic_id, tool_call_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade,
    foreign key (clinic_id, message_id) references messages on delete cascade
);
create index tool_calls_in_order on tool_calls (clinic_id, conversation_id, tool_call_id);
select confine_to_clinic('tool_calls');
