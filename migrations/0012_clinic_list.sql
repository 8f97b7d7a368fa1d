-- The platform's key lists clinics by what anyone may know of them.
grant select (name, time_zone) on clinics to frontdesk_app;
