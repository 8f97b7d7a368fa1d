-- A job acts on no channel of a patient's.
alter table events
    drop constraint events_channel_check,
    add constraint events_channel_check check (channel in ('web', 'sms', 'voice', 'api', 'console', 'job'));

-- Holds are swept inside their clinic now, where it is recorded that they ran
-- out; across clinics it is only seen that some did.
drop policy sweep_deletes on holds;
revoke delete on holds from frontdesk_app;
