-- Links by which a conversation goes on in a browser: each once, for half an
-- hour. The link is a secret, so only its digest is kept.
create table handoffs (
    clinic_id       uuid not null default current_clinic_id() references clinics on delete cascade,
    handoff_id      uuid not null,
    conversation_id uuid not null,
    digest          bytea not null constraint handoffs_digest_unique unique,
    expires_at      timestamptz not null,
    used_at         timestamptz,
    created_at      timestamptz not null,
    primary key (clinic_id, handoff_id),
    foreign key (clinic_id, conversation_id) references conversations on delete cascade
);
select confine_to_clinic('handoffs');

-- A link is known before its clinic is; and a key that is for all clinics names
-- a conversation and not whose it is.
create policy directory on handoffs for select to frontdesk_app using (true);
grant select (clinic_id, digest) on handoffs to frontdesk_app;
create policy directory on conversations for select to frontdesk_app using (true);
grant select (clinic_id, conversation_id) on conversations to frontdesk_app;
