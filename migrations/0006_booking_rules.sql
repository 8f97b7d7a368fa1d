-- What a type asks of its times, and until when a visit may be changed.
alter table appointment_types
    -- Kept free around each visit.
    add column buffer_before_minutes integer not null default 0 check (buffer_before_minutes between 0 and 240),
    add column buffer_after_minutes  integer not null default 0 check (buffer_after_minutes between 0 and 240),
    -- How soon from now, and how far ahead, a visit may start.
    add column notice_minutes        integer not null default 0 check (notice_minutes between 0 and 43200),
    add column horizon_days          integer not null default 365 check (horizon_days between 1 and 730),
    -- How long before its start a patient may no longer move or cancel a visit.
    add column cutoff_minutes        integer not null default 0 check (cutoff_minutes between 0 and 43200);

-- Why and when a visit was called off. The row stays; its time is free.
alter table appointments
    add column cancelled_at  timestamptz,
    add column cancel_reason text,
    add constraint appointments_cancelled_at check ((status = 'cancelled') = (cancelled_at is not null));
