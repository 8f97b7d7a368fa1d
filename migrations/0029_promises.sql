-- What the receptionist promised, and the proof that it takes.

alter table conversations
    -- ISO 639-1: what is spoken in it; null while nobody knows.
    add column language text check (language in ('en', 'es'));

-- A code that shows who reads what is sent to an address on file. Only its
-- digest is kept; five tries are the most, whatever the code does.
create table one_time_codes (
    clinic_id        uuid not null default current_clinic_id() references clinics on delete cascade,
    one_time_code_id uuid not null,
    conversation_id  uuid not null,
    patient_id       uuid not null,
    channel          text not null check (channel in ('sms', 'email')),
    digest           bytea not null check (octet_length(digest) = 32),
    tries            smallint not null default 0 constraint one_time_codes_at_most_five check (tries between 0 and 5),
    created_at       timestamptz not null,
    expires_at       timestamptz not null,
    used_at          timestamptz,
    primary key (clinic_id, one_time_code_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade,
    foreign key (clinic_id, patient_id) references patients on delete cascade
);
create index one_time_codes_of_conversation on one_time_codes (clinic_id, conversation_id, created_at desc);
select confine_to_clinic('one_time_codes');

-- What a code said is not kept in the outbox beyond its use.
create index outbox_codes on outbox (clinic_id, expires_at) where kind = 'one_time_code' and body is not null;
