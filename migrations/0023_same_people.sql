-- People who gave other details each time, and people who speak for others.
alter table patients
    -- Whom this one was found to be. The row stays, as what was given then.
    add column merged_into uuid,
    add column erased_at   timestamptz,
    add foreign key (clinic_id, merged_into) references patients,
    add constraint patients_not_into_itself check (merged_into <> patient_id);
-- The erased have no details any more that could be the same.
drop index patients_same_person;
create unique index patients_same_person
    on patients (clinic_id, lower(name), email, phone, birth_date) nulls not distinct where erased_at is null;
create index patients_by_phone on patients (clinic_id, phone) where phone is not null;
create index patients_by_email on patients (clinic_id, email) where email is not null;
create index patients_merged on patients (clinic_id, merged_into) where merged_into is not null;

-- Under which details a visit was booked; when two patients turn out to be two
-- after all, each has their own visits again.
alter table appointments add column booked_as uuid;
update appointments set booked_as = patient_id;
alter table appointments add foreign key (clinic_id, booked_as) references patients;

create table patient_merges (
    clinic_id  uuid not null default current_clinic_id() references clinics on delete cascade,
    merge_id   uuid not null,
    from_id    uuid not null,
    into_id    uuid not null,
    -- proof: whoever gave the one's details had proved to be the other. The
    -- rest is somebody's decision.
    via        text not null check (via in ('proof', 'member', 'key')),
    merged_by  uuid,
    -- What belonged to the one and now belongs to the other, by table: ids.
    moved      jsonb not null default '{}',
    merged_at  timestamptz not null,
    undone_at  timestamptz,
    undone_by  uuid,
    primary key (clinic_id, merge_id),
    foreign key (clinic_id, from_id) references patients on delete cascade,
    foreign key (clinic_id, into_id) references patients on delete cascade
);
create unique index patient_merges_one_open on patient_merges (clinic_id, from_id) where undone_at is null;
create index patient_merges_into on patient_merges (clinic_id, into_id);
select confine_to_clinic('patient_merges');

-- Who may speak for whom: a parent for a child.
create table patient_relations (
    clinic_id  uuid not null default current_clinic_id() references clinics on delete cascade,
    proxy_id   uuid not null,
    patient_id uuid not null,
    relation   text not null check (relation in ('parent', 'guardian', 'partner', 'child', 'carer')),
    created_at timestamptz not null,
    created_by uuid,
    primary key (clinic_id, proxy_id, patient_id),
    foreign key (clinic_id, proxy_id) references patients on delete cascade,
    foreign key (clinic_id, patient_id) references patients on delete cascade,
    check (proxy_id <> patient_id)
);
create index patient_relations_of_patient on patient_relations (clinic_id, patient_id);
select confine_to_clinic('patient_relations');

-- Whether proof of being one patient counts for another's visits.
create function speaks_for(proven uuid, patient uuid) returns boolean
    language sql stable as $$
    select proven = patient
        or exists (select from patient_relations r where r.proxy_id = proven and r.patient_id = patient)
$$;
