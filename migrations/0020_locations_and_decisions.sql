-- What was known to speak against a visit when staff decided about it. What
-- comes later is decided about anew. Null where nobody decided, or before this
-- was noted.
alter table appointments add column decided_despite text[];

-- A program with the clinic's API key is neither a patient nor a member.
alter table events
    drop constraint events_actor_check,
    add constraint events_actor_check check (actor in ('patient', 'member', 'receptionist', 'job', 'program'));
