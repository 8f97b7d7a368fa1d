-- What a patient's chat says it has shown. It is not told again.
alter table events add column acknowledged_at timestamptz;
