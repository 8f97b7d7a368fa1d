-- The clinic whose secret a voice provider sends is found by a digest of it,
-- so that nothing has to be opened, or compared one by one, to know who calls.
create table voice_keys (
    clinic_id uuid not null default current_clinic_id() references clinics on delete cascade,
    digest    bytea not null constraint voice_keys_digest_unique unique check (octet_length(digest) = 32),
    primary key (clinic_id)
);
select confine_to_clinic('voice_keys');
create policy directory on voice_keys for select to frontdesk_app using (true);
grant select (clinic_id, digest) on voice_keys to frontdesk_app;

-- A telephone call, by the id its provider knows it by.
create table voice_calls (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    call_id         text not null check (char_length(call_id) between 1 and 200),
    conversation_id uuid not null,
    status          text,
    -- Why it ended, in the provider's words; 'unreported' where it never said.
    ended_reason    text,
    ended_at        timestamptz,
    -- When its transcript came.
    reported_at     timestamptz,
    -- When it was last heard of.
    heard_at        timestamptz not null,
    created_at      timestamptz not null,
    primary key (clinic_id, call_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade
);
create index voice_calls_going_on on voice_calls (heard_at) where ended_at is null;
select confine_to_clinic('voice_calls');
create policy directory on voice_calls for select to frontdesk_app using (true);
grant select (clinic_id, heard_at, ended_at) on voice_calls to frontdesk_app;

-- What a caller had done and what was answered, written in the transaction that
-- did it, so that asking again is answered from here.
create table voice_acts (
    clinic_id      uuid not null default current_clinic_id() references clinics on delete cascade,
    voice_act_id   uuid not null,
    call_id        text not null,
    -- The provider's id of the request; some have none.
    request_id     text,
    -- SHA-256 of the tool and its arguments as they were sent.
    fingerprint    bytea not null,
    -- SHA-256 of what it meant; none for what may be done again.
    meaning        bytea,
    appointment_id uuid,
    answer         jsonb not null,
    created_at     timestamptz not null,
    primary key (clinic_id, voice_act_id),
    foreign key (clinic_id, call_id) references voice_calls on delete cascade,
    foreign key (clinic_id, appointment_id) references appointments on delete cascade,
    constraint voice_acts_one_per_request unique (clinic_id, call_id, request_id, fingerprint),
    constraint voice_acts_one_per_meaning unique (clinic_id, call_id, meaning)
);
select confine_to_clinic('voice_acts');

-- A task may be about a conversation instead of a visit: somebody asked
-- something, or wishes to be called back.
alter table tasks
    alter column appointment_id drop not null,
    add column conversation_id uuid,
    -- Who asked and how to reach them, as they said.
    add column asked_by text,
    drop constraint tasks_kind_check,
    add constraint tasks_kind_check check (kind in ('booking_request', 'late_change', 'stranded', 'message_failed',
                                                    'wants_change', 'inquiry')),
    add constraint tasks_about_something check (appointment_id is not null or conversation_id is not null),
    add constraint tasks_conversation_fkey
        foreign key (clinic_id, conversation_id) references conversations on delete cascade;

-- What somebody may have to answer for later.
create table audit_entries (
    clinic_id      uuid not null default current_clinic_id() references clinics on delete cascade,
    audit_entry_id uuid not null,
    kind           text not null,
    detail         jsonb not null,
    created_at     timestamptz not null,
    primary key (clinic_id, audit_entry_id)
);
select confine_to_clinic('audit_entries');
-- They are written and read, never changed.
revoke update, delete on audit_entries from frontdesk_clinic;
