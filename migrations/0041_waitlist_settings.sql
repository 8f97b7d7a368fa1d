-- Clinics differ in how long a patient may think a time over while nobody else
-- can have it, and in whether times are offered unasked at all.
alter table messaging_settings
    add column waitlist_offers boolean not null default true,
    add column offer_minutes   integer not null default 30 check (offer_minutes between 5 and 1440);
