-- How long an answer may be, by how it reaches the patient.
alter table receptionist_settings
    -- None for as long as it takes.
    add column web_characters  integer check (web_characters between 100 and 8000),
    add column sms_characters  integer not null default 300 check (sms_characters between 70 and 1600),
    add column voice_sentences smallint not null default 2 check (voice_sentences between 1 and 6);
