-- Visits whose patient came are fulfilled when they are over. Across clinics
-- it is only seen that some are.
create index appointments_arrived on appointments (ends_at) where status = 'arrived';
create policy sweep_reads on appointments for select to frontdesk_app using (status = 'arrived');
grant select (clinic_id, status, ends_at) on appointments to frontdesk_app;
