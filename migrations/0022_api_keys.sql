-- Keys of a clinic's own programs. The key itself is shown once, when it is
-- made; what is kept is its digest, and its beginning so that people tell one
-- from another.
create table api_keys (
    clinic_id      uuid not null default current_clinic_id() references clinics on delete cascade,
    api_key_id     uuid not null,
    name           text not null check (char_length(name) between 1 and 80),
    digest         bytea not null constraint api_keys_digest_unique unique check (octet_length(digest) = 32),
    prefix         text not null check (char_length(prefix) <= 12),
    scopes         text[] not null
                   check (cardinality(scopes) > 0 and scopes <@ array['read', 'book', 'patients', 'settings', 'keys']),
    -- The member who made it; or another key; or neither, for the platform's.
    created_by     uuid,
    created_by_key uuid,
    created_at     timestamptz not null,
    last_used_at   timestamptz,
    -- It stays on the list, and opens nothing any more.
    revoked_at     timestamptz,
    primary key (clinic_id, api_key_id),
    foreign key (clinic_id, created_by) references members,
    foreign key (clinic_id, created_by_key) references api_keys
);
select confine_to_clinic('api_keys');
revoke delete on api_keys from frontdesk_clinic;

-- A key is known before its clinic is, and its use is noted then.
create policy directory on api_keys for select to frontdesk_app using (true);
create policy directory_notes on api_keys for update to frontdesk_app using (revoked_at is null) with check (true);
grant select (clinic_id, api_key_id, digest, scopes, last_used_at, revoked_at), update (last_used_at)
    on api_keys to frontdesk_app;

-- The platform's key names a patient and not whose.
create policy directory on patients for select to frontdesk_app using (true);
grant select (clinic_id, patient_id) on patients to frontdesk_app;
