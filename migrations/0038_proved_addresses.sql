-- Who reads what is sent to one address of a patient's has not shown that the
-- patient's other address is theirs: it may be anybody's they typed. So a proof
-- says which way its code went and to what, as it was then; what is on file may
-- be changed afterwards. Proofs from before say neither, and merge nobody.
alter table verifications
    add column channel text check (channel in ('sms', 'email')),
    add column address text,
    add constraint verifications_way_and_address
        check (num_nonnulls(channel, address) in (0, 2) and (address is null or method = 'one_time_code')),
    -- Two addresses of one patient are two proofs, and staff's word is another.
    drop constraint verifications_once,
    add constraint verifications_once unique nulls not distinct
        (clinic_id, conversation_id, patient_id, appointment_id, level, method, channel, address);

-- A code proves the address it went to, whatever is on file when it comes back.
alter table one_time_codes add column address text;
