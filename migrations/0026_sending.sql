-- Messages that wait although it is past their time are handed to the queue
-- again each minute. How often that happened is counted, and not how late they
-- are: while nobody works, nothing is given up.
alter table outbox
    add column revived integer not null default 0;
alter table inbound_texts
    add column revived integer not null default 0,
    drop constraint inbound_texts_state_check,
    -- failed: nobody could answer it, and staff were told.
    add constraint inbound_texts_state_check
        check (state in ('waiting', 'promised', 'queued', 'answered', 'failed'));
create index inbound_texts_open on inbound_texts (received_at) where state in ('waiting', 'promised');
create index inbound_texts_failed on inbound_texts (clinic_id, received_at) where state = 'failed';
create policy sweep_reads on inbound_texts for select to frontdesk_app using (true);
grant select (clinic_id, inbound_text_id, state, received_at) on inbound_texts to frontdesk_app;

-- Failures are counted by what was wrong, where no provider gave a code.
grant select (reason) on outbox to frontdesk_app;

-- Which clinics have an account anywhere is asked for all at once; what is
-- sealed in it is not.
create policy directory on credentials for select to frontdesk_app using (true);
grant select (clinic_id, provider) on credentials to frontdesk_app;

-- A patient is asked to bear so many messages a day, however they come.
create index outbox_of_patient on outbox (clinic_id, patient_id, tried_at) where patient_id is not null;

-- A message that did not arrive may be about no visit: a link, an answer, a
-- code. Then it is about its conversation, or else about an address.
alter table tasks
    drop constraint tasks_about_something,
    add constraint tasks_about_something
        check (appointment_id is not null or conversation_id is not null or asked_by is not null);
create unique index tasks_one_open_failure on tasks (clinic_id, conversation_id, asked_by) nulls not distinct
    where kind = 'message_failed' and appointment_id is null and done_at is null;

-- A consent holds until it is taken back. Whoever says yes again later says so
-- anew, and both are kept.
alter table consents
    add column withdrawn_at timestamptz,
    drop constraint consents_once;
create unique index consents_one_open on consents (clinic_id, channel, address, text_version)
    where withdrawn_at is null;

-- However an opt-out was written down, it takes back what was agreed to.
create function opt_outs_withdraw() returns trigger
    language plpgsql as $$
begin
    update consents
    set withdrawn_at = new.created_at
    where clinic_id = new.clinic_id and channel = new.channel and address = new.address and withdrawn_at is null;
    return null;
end
$$;
create trigger opt_outs_withdraw after insert on opt_outs for each row execute function opt_outs_withdraw();
