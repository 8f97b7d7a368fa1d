-- A clinic may be made under an Idempotency-Key, which is written down before
-- the clinic is.
alter table idempotency_keys alter constraint idempotency_keys_clinic_id_fkey deferrable initially deferred;
