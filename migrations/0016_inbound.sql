-- Texts that come in are answered once, in one of two ways.

alter table inbound_texts
    -- waiting: nobody has answered it yet. promised: Twilio was told to say
    -- nothing, and the answer follows as a text of its own. queued: it has
    -- been written down to be sent. answered: in the reply to Twilio, which
    -- may be nothing.
    add column state text not null default 'answered'
               check (state in ('waiting', 'promised', 'queued', 'answered')),
    -- What is added to the receptionist's answer.
    add column postscript text,
    add constraint inbound_texts_waits_for_an_answer
        check (state = 'answered' or message_id is not null);

-- Several visits on one telephone are told apart by number: what was asked
-- about which, in the order in which they were listed.
alter table sms_threads
    add column asked_to  text check (asked_to in ('confirm', 'reschedule')),
    add column choices   uuid[],
    add column asked_at  timestamptz,
    add check (num_nulls(asked_to, choices, asked_at) in (0, 3));
