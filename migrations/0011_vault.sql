-- A clinic's own key, which seals what it keeps with providers. It is wrapped
-- by the server's master key, which is nowhere in the database.
create table data_keys (
    clinic_id  uuid not null default current_clinic_id() references clinics on delete cascade,
    -- Which master key wrapped it, by a digest of the key.
    master_id  text not null,
    wrapped    bytea not null,
    created_at timestamptz not null,
    primary key (clinic_id)
);
select confine_to_clinic('data_keys');
create policy directory on data_keys for select to frontdesk_app using (true);
grant select (clinic_id, master_id) on data_keys to frontdesk_app;

-- What a clinic keeps with providers, sealed. It is written and used, never
-- read back.
create table credentials (
    clinic_id  uuid not null default current_clinic_id() references clinics on delete cascade,
    provider   text not null,
    sealed     bytea not null,
    -- The last characters of its secret, so that people recognise it.
    hint       text not null check (char_length(hint) <= 4),
    updated_at timestamptz not null,
    primary key (clinic_id, provider)
);
select confine_to_clinic('credentials');
