-- The provider's account that an attempt was made with. A text nobody knows
-- about is looked for there and nowhere else: another account does not have it
-- and would have it sent twice.
alter table outbox
    add column account text;

-- Who caused a message, as events name them. What staff change at night waits
-- for the morning; what patients did themselves a moment ago does not.
alter table outbox
    add column caused_by text check (caused_by in ('patient', 'member', 'receptionist', 'job', 'program'));

-- The last characters of a second secret, such as that of an API key beside an
-- auth token.
alter table credentials
    add column second_hint text check (char_length(second_hint) <= 4);
