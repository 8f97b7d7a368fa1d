-- What a process remembers of a clinic is good as long as its version is. A
-- version changes in the transaction that changes what it stands for, and no
-- number is ever used twice, not even by a transaction that was rolled back.
create sequence versions;
grant usage on sequence versions to frontdesk_clinic;

-- Everything about the clinic but its book: hours, types, people, rooms.
alter table clinics add column settings_version bigint not null default nextval('versions');
grant select (settings_version) on clinics to frontdesk_app;

create function clinic_changed() returns trigger
    language plpgsql as $$
begin
    new.settings_version := nextval('versions');
    return new;
end
$$;
create trigger settings_changed before update on clinics
    for each row when (old.* is distinct from new.*) execute function clinic_changed();

create function settings_changed() returns trigger
    language plpgsql as $$
begin
    update clinics
    set settings_version = nextval('versions')
    where clinic_id in (select clinic_id from changed);
    return null;
end
$$;

-- Has changes of a table change its clinic's version.
create function watch_settings(watched regclass) returns void
    language plpgsql as $$
begin
    execute format('create trigger settings_inserted after insert on %s referencing new table as changed
                        for each statement execute function settings_changed()', watched);
    execute format('create trigger settings_updated after update on %s referencing new table as changed
                        for each statement execute function settings_changed()', watched);
    execute format('create trigger settings_deleted after delete on %s referencing old table as changed
                        for each statement execute function settings_changed()', watched);
end
$$;
select watch_settings(watched)
from unnest(array['practitioners', 'appointment_types', 'offers', 'opening_hours', 'date_exceptions', 'locations',
                  'time_off', 'rooms', 'room_needs', 'overbooking']::regclass[]) watched;

-- The book, a version for each practitioner and room. One per clinic would make
-- every booking wait for the one before it.
create table books (
    clinic_id   uuid not null default current_clinic_id() references clinics on delete cascade,
    resource_id uuid not null,
    version     bigint not null default nextval('versions'),
    primary key (clinic_id, resource_id)
) with (fillfactor = 50);
select confine_to_clinic('books');
create policy directory on books for select to frontdesk_app using (true);
grant select on books to frontdesk_app;

create function book_changed() returns trigger
    language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        insert into books (clinic_id, resource_id) values (old.clinic_id, old.resource_id)
        on conflict (clinic_id, resource_id) do update set version = nextval('versions');
    end if;
    if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.resource_id <> old.resource_id) then
        insert into books (clinic_id, resource_id) values (new.clinic_id, new.resource_id)
        on conflict (clinic_id, resource_id) do update set version = nextval('versions');
    end if;
    return null;
end
$$;
create trigger book_changed after insert or update or delete on occupancies
    for each row execute function book_changed();

alter table busy_times
    add column resource_id uuid not null generated always as (practitioner_id) stored;
create trigger book_changed after insert or update or delete on busy_times
    for each row execute function book_changed();

insert into books (clinic_id, resource_id) select distinct clinic_id, resource_id from occupancies;
