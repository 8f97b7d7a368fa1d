-- One clinic never sees another's rows, whatever the code does.
--
-- Three roles: the owner migrates, frontdesk_app logs in and may touch no
-- clinic table beyond what the directory needs, frontdesk_clinic cannot log in
-- and is confined to one clinic by row-level security that is forced. A server
-- with its own PostgreSQL makes the roles at start-up; elsewhere they are made
-- here, or by whoever may.
do $$
begin
    create role frontdesk_clinic nologin nosuperuser nobypassrls;
exception
    -- Roles are the whole server's: another database may be making them now.
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        if not exists (select from pg_roles where rolname = 'frontdesk_clinic') then
            raise;
        end if;
end
$$;
do $$
begin
    create role frontdesk_app login noinherit nosuperuser nobypassrls;
    grant frontdesk_clinic to frontdesk_app;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        if not exists (select from pg_roles where rolname = 'frontdesk_app') then
            raise;
        end if;
end
$$;

-- The exclusion constraint compares ids with = inside a gist index.
create extension if not exists btree_gist;

grant usage on schema public to frontdesk_app, frontdesk_clinic;

-- The clinic this transaction works for; null outside one.
create function current_clinic_id() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.clinic_id', true), '')::uuid;

-- Confines a table to the clinic of the transaction and lets the clinic role
-- use it. The function is wrapped in a sub-select so that the planner
-- evaluates it once and uses indexes led by clinic_id.
create function confine_to_clinic(confined regclass) returns void
    language plpgsql as $$
begin
    execute format('alter table %s enable row level security', confined);
    execute format('alter table %s force row level security', confined);
    execute format(
        'create policy own_clinic on %s to frontdesk_clinic
             using (clinic_id = (select current_clinic_id()))
             with check (clinic_id = (select current_clinic_id()))',
        confined);
    execute format('grant select, insert, update, delete on %s to frontdesk_clinic', confined);
end
$$;

-- A server checks at start-up that the history is complete.
do $$
begin
    if to_regclass('public._sqlx_migrations') is not null then
        grant select on _sqlx_migrations to frontdesk_app;
    end if;
end
$$;
