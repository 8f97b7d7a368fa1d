-- All that a clinic has its language model told is drafted, tried and then
-- published, not its rules alone. In the settings stands what is being written;
-- what patients meet is the newest version.
alter table receptionist_versions
    add column tone            text not null default '' check (length(tone) <= 500),
    add column greeting_rules  text not null default '' check (length(greeting_rules) <= 2000),
    -- None for as long as it takes.
    add column web_characters  integer check (web_characters between 100 and 8000),
    add column sms_characters  integer not null default 300 check (sms_characters between 70 and 1600),
    add column voice_sentences smallint not null default 2 check (voice_sentences between 1 and 6);

-- The owner of a table is confined as well, and this is every clinic's.
alter table receptionist_settings no force row level security;
alter table receptionist_versions no force row level security;

-- What counted the moment it was saved goes on counting. Nobody knows what stood
-- beside an older version; restoring one has left it as it was, and still does.
update receptionist_versions v
set tone = s.tone,
    greeting_rules = s.greeting_rules,
    web_characters = s.web_characters,
    sms_characters = s.sms_characters,
    voice_sentences = s.voice_sentences
from receptionist_settings s
where s.clinic_id = v.clinic_id;

-- Where no rules were published but something else was set, that is a version.
insert into receptionist_versions
       (clinic_id, version, rules, tone, greeting_rules, web_characters, sms_characters, voice_sentences, published_at)
select s.clinic_id, 1, '', s.tone, s.greeting_rules, s.web_characters, s.sms_characters, s.voice_sentences, now()
from receptionist_settings s
where (s.tone, s.greeting_rules, s.web_characters, s.sms_characters, s.voice_sentences)
          is distinct from ('', '', null, 300, 2)
  and not exists (select from receptionist_versions v where v.clinic_id = s.clinic_id);

alter table receptionist_settings force row level security;
alter table receptionist_versions force row level security;

-- A trial is paid for like a conversation, and is none.
alter table model_usage
    alter column conversation_id drop not null,
    alter column message_id drop not null,
    add constraint model_usage_of_a_message_or_a_trial check (num_nulls(conversation_id, message_id) in (0, 2));
