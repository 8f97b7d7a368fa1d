-- E-mail leaves by mail servers, which may be slow. A clinic's mail waits in a
-- queue of its own, so that no text waits behind it.
create function outbox_queue(clinic uuid, channel text, address text) returns text
    language sql immutable as $$
    select clinic || ':' || case channel when 'email' then 'mail' else (hashtext(address) & 1)::text end
$$;

create or replace function outbox_queued() returns trigger
    language plpgsql as $$
begin
    perform enqueue('send', json_build_object('clinic_id', new.clinic_id, 'outbox_id', new.outbox_id),
                    outbox_queue(new.clinic_id, new.channel, new.address),
                    -- At once, whatever the clock that says so shows.
                    case when new.due_at > new.created_at then new.due_at end, 'send:' || new.outbox_id);
    return null;
end
$$;
