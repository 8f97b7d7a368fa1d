-- That somebody was erased, without saying who: a backup from before brings
-- them back, and then this says whom to erase again.
create table erasures (
    clinic_id        uuid not null default current_clinic_id() references clinics on delete cascade,
    erasure_id       uuid not null,
    patient_ids      uuid[] not null check (cardinality(patient_ids) > 0),
    conversation_ids uuid[] not null,
    erased_by        uuid,
    erased_at        timestamptz not null,
    primary key (clinic_id, erasure_id)
);
select confine_to_clinic('erasures');
revoke update, delete on erasures from frontdesk_clinic;

-- An opt-out outlives whoever said it. Its address is kept as a digest and
-- known again when somebody gives the address again, before anything is
-- written to it.
create function erased_address(clinic uuid, address text) returns text
    language sql immutable as $$
    select 'erased:' || encode(sha256(convert_to(clinic || ' ' || address, 'utf8')), 'hex')
$$;
create index opt_outs_erased on opt_outs (clinic_id, address) where address like 'erased:%';

create function know_again() returns trigger
    language plpgsql as $$
declare
    field text;
    given text;
begin
    foreach field in array tg_argv loop
        given := to_jsonb(new) ->> field;
        update opt_outs o
        set address = given
        where o.clinic_id = new.clinic_id and o.address like 'erased:%'
          and o.address = erased_address(new.clinic_id, given)
          and not exists (
              select from opt_outs p
              where p.clinic_id = o.clinic_id and p.channel = o.channel and p.address = given
                and p.ended_at is null and o.ended_at is null
          );
    end loop;
    return new;
end
$$;
create trigger know_again before insert or update of phone, email on patients
    for each row execute function know_again('phone', 'email');
create trigger know_again before insert on outbox for each row execute function know_again('address');
create trigger know_again before insert on inbound_texts for each row execute function know_again('patient_number');
