-- Texts and e-mail: what is sent, to whom it may be, and what comes back.

alter table patients
    -- ISO 639; null where the clinic's first language will do.
    add column language  text check (language in ('en', 'es')),
    -- IANA; null where the clinic's zone will do.
    add column time_zone text;

-- Hands work to the queue, in the transaction that causes it. The queue is a
-- library's and installs its own schema, which only the login may use; what is
-- handed over from inside a clinic goes through here. A database without the
-- queue, such as a test's, keeps the rows that the work is about.
create function enqueue(task text, payload json, queue text, run_at timestamptz, job_key text) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if to_regclass('graphile_worker._private_jobs') is not null then
        execute 'select graphile_worker.add_job($1, payload => $2, queue_name => $3, run_at => $4, job_key => $5)'
        using task, payload, queue, run_at, job_key;
    end if;
end
$$;
revoke execute on function enqueue from public;
grant execute on function enqueue to frontdesk_app, frontdesk_clinic;

-- How a clinic writes to its patients. A clinic without a row keeps to what
-- stands here.
create table messaging_settings (
    clinic_id        uuid not null default current_clinic_id() references clinics on delete cascade,
    sms              boolean not null default true,
    email            boolean not null default true,
    -- Hours in which nobody is written to unasked, in minutes after midnight.
    quiet_from       integer not null default 1260 check (quiet_from between 0 and 1439),
    quiet_until      integer not null default 480 check (quiet_until between 0 and 1439),
    -- How long before a visit its reminders go out.
    reminder_minutes integer[] not null default '{2880,180}'
                     check (cardinality(reminder_minutes) <= 5 and 30 <= all (reminder_minutes)
                            and 20160 >= all (reminder_minutes)),
    -- The most messages that a patient did not ask for.
    most_a_day       integer not null default 1 check (most_a_day between 0 and 10),
    most_a_week      integer not null default 3 check (most_a_week between 0 and 30),
    -- The most texts of one number that are answered.
    inbound_an_hour  integer not null default 30 check (inbound_an_hour between 1 and 1000),
    -- What one segment of a text costs, in millionths of the clinic's currency.
    segment_price    integer not null default 8300 check (segment_price between 0 and 1000000),
    primary key (clinic_id)
);
select confine_to_clinic('messaging_settings');

-- What a clinic says in its own words; the rest is said in ours.
create table templates (
    clinic_id  uuid not null default current_clinic_id() references clinics on delete cascade,
    kind       text not null,
    channel    text not null check (channel in ('sms', 'email')),
    language   text not null check (language in ('en', 'es')),
    -- Of an e-mail.
    subject    text check (char_length(subject) <= 200),
    body       text not null check (char_length(body) between 1 and 4000),
    updated_at timestamptz not null,
    updated_by uuid,
    primary key (clinic_id, kind, channel, language),
    foreign key (clinic_id, updated_by) references members,
    check ((channel = 'email') = (subject is not null))
);
select confine_to_clinic('templates');

-- Who said stop. One row per address that a channel reaches; it is kept when
-- it ends, because it says what held when.
create table opt_outs (
    clinic_id  uuid not null default current_clinic_id() references clinics on delete cascade,
    opt_out_id uuid not null,
    channel    text not null check (channel in ('sms', 'email', 'voice')),
    -- E.164, or an address in lower case.
    address    text not null,
    via        text not null check (via in ('keyword', 'provider', 'words', 'refused', 'link', 'voice', 'staff')),
    -- What they wrote, or what staff noted.
    words      text,
    created_at timestamptz not null,
    created_by uuid,
    ended_at   timestamptz,
    ended_via  text check (ended_via in ('keyword', 'provider', 'link', 'voice', 'staff')),
    primary key (clinic_id, opt_out_id),
    foreign key (clinic_id, created_by) references members,
    check ((ended_at is null) = (ended_via is null))
);
create unique index opt_outs_one_open on opt_outs (clinic_id, channel, address) where ended_at is null;
create index opt_outs_in_order on opt_outs (clinic_id, created_at);
select confine_to_clinic('opt_outs');

-- Who said yes, to which words, and where.
create table consents (
    clinic_id    uuid not null default current_clinic_id() references clinics on delete cascade,
    consent_id   uuid not null,
    channel      text not null check (channel in ('sms', 'email', 'voice')),
    address      text not null,
    text_version text not null,
    given_on     text not null check (given_on in ('web', 'sms', 'voice', 'api', 'console')),
    given_at     timestamptz not null,
    primary key (clinic_id, consent_id),
    constraint consents_once unique (clinic_id, channel, address, text_version)
);
select confine_to_clinic('consents');

-- Addresses that get nothing, whatever is sent to them, as the provider says.
create table unreachable (
    clinic_id  uuid not null default current_clinic_id() references clinics on delete cascade,
    channel    text not null check (channel in ('sms', 'email')),
    address    text not null,
    error_code integer,
    since      timestamptz not null,
    primary key (clinic_id, channel, address)
);
select confine_to_clinic('unreachable');

-- Every message that leaves, written in the transaction that causes it.
create table outbox (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    outbox_id       uuid not null,
    -- What it is, in full: the same twice is one message.
    key             text not null,
    kind            text not null,
    channel         text not null check (channel in ('sms', 'email')),
    address         text not null,
    language        text not null check (language in ('en', 'es')),
    patient_id      uuid,
    appointment_id  uuid,
    conversation_id uuid,
    -- When the visit is that it speaks of; if the visit is moved, it is not
    -- sent any more.
    about           timestamptz,
    -- What it says. Of what is about a visit, written when it is sent.
    subject         text,
    body            text,
    status          text not null default 'queued'
                    check (status in ('queued', 'sending', 'unknown', 'sent', 'delivered', 'undelivered', 'failed',
                                      'suppressed')),
    -- Why it was not sent or did not arrive.
    reason          text,
    error_code      integer,
    provider        text check (provider in ('twilio', 'smtp', 'local')),
    provider_id     text,
    segments        integer,
    attempts        integer not null default 0,
    due_at          timestamptz not null,
    -- From then on it is of no use to anybody.
    expires_at      timestamptz,
    tried_at        timestamptz,
    sent_at         timestamptz,
    settled_at      timestamptz,
    created_at      timestamptz not null,
    primary key (clinic_id, outbox_id),
    constraint outbox_once unique (clinic_id, key),
    constraint outbox_one_per_receipt unique (clinic_id, provider, provider_id),
    foreign key (clinic_id, patient_id) references patients,
    foreign key (clinic_id, appointment_id) references appointments on delete cascade,
    foreign key (clinic_id, conversation_id) references conversations on delete cascade
);
create index outbox_in_order on outbox (clinic_id, created_at desc, outbox_id desc);
create index outbox_of_appointment on outbox (clinic_id, appointment_id) where appointment_id is not null;
create index outbox_of_address on outbox (clinic_id, channel, address, sent_at);
create index outbox_open on outbox (due_at) where status in ('queued', 'sending', 'unknown');
select confine_to_clinic('outbox');
-- What was left behind is looked for in all clinics at once.
create policy sweep_reads on outbox for select to frontdesk_app using (true);
grant select (clinic_id, outbox_id, channel, status, error_code, provider, due_at, tried_at, created_at)
    on outbox to frontdesk_app;

-- What happened to a message, in order.
create table outbox_steps (
    clinic_id   uuid not null default current_clinic_id(),
    outbox_id   uuid not null,
    step        integer not null,
    status      text not null,
    reason      text,
    error_code  integer,
    happened_at timestamptz not null default clock_timestamp(),
    primary key (clinic_id, outbox_id, step),
    foreign key (clinic_id, outbox_id) references outbox on delete cascade
);
select confine_to_clinic('outbox_steps');

-- Three things no code gets around: nothing leaves for somebody who said stop,
-- but the one message that says it was heard; what has ended stays ended; and
-- what a carrier has is not sent again.
create function outbox_guard() returns trigger
    language plpgsql as $$
begin
    if new.status = old.status then
        return new;
    end if;
    if old.status in ('delivered', 'undelivered', 'failed', 'suppressed')
        or (old.status = 'sent' and new.status not in ('delivered', 'undelivered', 'failed')) then
        raise exception 'a message that is % does not become %', old.status, new.status
            using errcode = 'check_violation', constraint = 'outbox_forward_only', table = 'outbox';
    end if;
    if new.status = 'sending' and new.kind <> 'opt_out_confirmation' and exists (
        select from opt_outs o
        where o.clinic_id = new.clinic_id and o.channel = new.channel and o.address = new.address
          and o.ended_at is null
    ) then
        raise exception 'this address opted out'
            using errcode = 'check_violation', constraint = 'outbox_opted_out', table = 'outbox';
    end if;
    return new;
end
$$;
create trigger outbox_guard before update of status on outbox for each row execute function outbox_guard();

create function outbox_stepped() returns trigger
    language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.status = old.status then
        return null;
    end if;
    insert into outbox_steps (clinic_id, outbox_id, step, status, reason, error_code)
    select new.clinic_id, new.outbox_id, count(*), new.status, new.reason, new.error_code
    from outbox_steps s
    where s.clinic_id = new.clinic_id and s.outbox_id = new.outbox_id;
    return null;
end
$$;
create trigger outbox_stepped after insert or update of status on outbox
    for each row execute function outbox_stepped();

-- A message waits in one of its clinic's two queues, which each send one after
-- another: a clinic that has much to say takes two workers and no more.
create function outbox_queued() returns trigger
    language plpgsql as $$
begin
    perform enqueue('send', json_build_object('clinic_id', new.clinic_id, 'outbox_id', new.outbox_id),
                    new.clinic_id || ':' || (hashtext(new.address) & 1),
                    -- At once, whatever the clock that says so shows.
                    case when new.due_at > new.created_at then new.due_at end, 'send:' || new.outbox_id);
    return null;
end
$$;
create trigger outbox_queued after insert on outbox
    for each row when (new.status = 'queued') execute function outbox_queued();
create trigger outbox_queued_again after update of status, due_at on outbox
    for each row when (new.status = 'queued' and (old.status <> 'queued' or old.due_at <> new.due_at))
    execute function outbox_queued();

-- Whose number, or messaging service, a text came to. A sender is one clinic's.
create table sms_senders (
    clinic_id   uuid not null default current_clinic_id() references clinics on delete cascade,
    -- E.164, or the messaging service's SID.
    sender      text not null,
    account_sid text not null,
    primary key (clinic_id, sender),
    constraint sms_senders_unique unique (sender)
);
select confine_to_clinic('sms_senders');
create policy directory on sms_senders for select to frontdesk_app using (true);
grant select on sms_senders to frontdesk_app;

-- One conversation for each pair of numbers.
create table sms_threads (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    sender          text not null,
    patient_number  text not null,
    conversation_id uuid not null,
    primary key (clinic_id, sender, patient_number),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade
);
select confine_to_clinic('sms_threads');

-- Every text that came in, once.
create table inbound_texts (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    inbound_text_id uuid not null,
    -- The provider's: Twilio's MessageSid.
    provider_id     text not null,
    sender          text not null,
    patient_number  text not null,
    body            text not null,
    media           integer not null default 0,
    opt_out_type    text,
    -- What it was taken for, and the patient's message it became.
    handled_as      text,
    message_id      uuid,
    -- What it was answered with at once; null while nothing was.
    reply           text,
    received_at     timestamptz not null,
    primary key (clinic_id, inbound_text_id),
    constraint inbound_texts_once unique (clinic_id, provider_id),
    foreign key (clinic_id, message_id) references messages on delete set null (message_id)
);
create index inbound_texts_of_number on inbound_texts (clinic_id, patient_number, received_at);
select confine_to_clinic('inbound_texts');

-- A visit that is not certain, and what the patient said about it.
alter table appointments
    add column confirmed_at timestamptz;

alter table tasks
    drop constraint tasks_kind_check,
    add constraint tasks_kind_check check (kind in ('booking_request', 'late_change', 'stranded', 'message_failed',
                                                    'wants_change'));
