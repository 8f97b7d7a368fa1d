-- Turns that broke off, and what an answer is checked against.

alter table conversations
    -- Since when a message of the patient's waits for the receptionist's
    -- answer. It is what a process that died leaves behind.
    add column waiting_since timestamptz;
create index conversations_waiting on conversations (waiting_since) where waiting_since is not null;
-- Turns are finished for all clinics.
grant select (channel, turn_expires_at, waiting_since) on conversations to frontdesk_app;

-- What a reply claims is looked up by conversation with every turn.
create index appointments_by_owner on appointments (clinic_id, owner);
create index tasks_of_conversation on tasks (clinic_id, conversation_id) where conversation_id is not null;
create index waitlist_of_conversation on waitlist_entries (clinic_id, conversation_id) where conversation_id is not null;
create index outbox_of_conversation on outbox (clinic_id, conversation_id) where conversation_id is not null;
