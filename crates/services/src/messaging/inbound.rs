//! Texts that come in.
//!
//! Each is written down once, by its provider's id, and answered once: in the
//! reply to the provider if the answer is ready in time, and otherwise as a
//! text of its own. Which of the two is decided in the row, so it is never
//! both; and a job looks after every text that waits for an answer, so that it
//! is not lost when this process is.

pub mod answering;
mod keywords;
pub mod leftover;
mod offers;
mod visits;
pub mod words;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::contact;
use domain::id::{ClinicId, ConversationId, MessageId};
use domain::language::Language;
use domain::sms::keywords::Keyword;
use domain::sms::revocation;
use domain::{Rejection, RejectionCode};
use uuid::Uuid;

use super::ledger::{self, Way};
use super::post::Post;
use super::settings;
use crate::booking::Channel;
use crate::conversations;
use crate::feed::{Signal, Topic};
use crate::receptionist::{Line, Receptionist};
use crate::{ClinicTx, Error, Result, clinics};
use words::Voice;

/// How long a provider is kept waiting for an answer. Twilio gives up after
/// 15 s.
const PATIENCE: Duration = Duration::from_secs(8);

/// The longest number a text is answered to, which leaves out what is none.
const LONGEST_NUMBER: usize = 16;

/// Takes texts that come in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbound {
    pub post: Post,
    pub receptionist: Receptionist,
    pub patience: Duration,
}

/// A text as its provider hands it over.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Twilio's MessageSid.
    pub provider_id: String,
    /// The clinic's number, E.164.
    pub to: String,
    pub from: String,
    pub body: String,
    /// How many pictures and files came with it.
    pub media: i32,
    /// Where the provider answers opt-outs itself: STOP, START or HELP.
    pub opt_out_type: Option<String>,
}

/// How far a text has got.
enum Stage {
    /// It has its answer, which may be none.
    Answered(Option<String>),
    /// Its answer follows, or has, as a text of its own.
    Promised,
    /// The receptionist is to answer it.
    Waiting(Waiting),
}

/// A text that the receptionist is to answer.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    id: Uuid,
    line: Line,
    question: MessageId,
    /// Whether it has just been written down.
    is_new: bool,
}

/// What a text was taken for.
struct Taken {
    handled_as: &'static str,
    reply: Option<String>,
}

impl Taken {
    fn quietly(handled_as: &'static str) -> Self {
        Self { handled_as, reply: None }
    }

    fn saying(handled_as: &'static str, reply: String) -> Self {
        Self { handled_as, reply: Some(reply) }
    }
}

/// What becomes of a text.
enum Outcome {
    Taken(Taken),
    /// It is a question for the receptionist, in these words.
    Asks {
        words: String,
        postscript: Option<String>,
    },
}

/// A text under the eyes of whoever takes it.
struct Reading<'a> {
    now: DateTime<Utc>,
    text: &'a Incoming,
    conversation: ConversationId,
    voice: Voice,
    keyword: Option<Keyword>,
    line: domain::sms::keywords::Line,
}

impl Inbound {
    pub fn new(post: Post, receptionist: Receptionist) -> Self {
        Self { post, receptionist, patience: PATIENCE }
    }

    /// Takes a text. What it returns is the answer to it, to be given to the
    /// provider now; none if there is nothing to say, or if it follows as a
    /// text of its own. The same text again gets the same answer.
    ///
    /// # Errors
    ///
    /// When the database does not answer and nothing was written down.
    pub async fn take(&self, clinic: ClinicId, text: &Incoming) -> Result<Option<String>> {
        let (this, wanted) = (self.clone(), text.clone());
        let stage = self
            .post
            .db
            .transaction(clinic, move |tx| {
                let (this, text) = (this.clone(), wanted.clone());
                Box::pin(async move { this.first(tx, &text).await })
            })
            .await?;
        self.receptionist.feed.committed();
        match stage {
            Stage::Answered(reply) => Ok(reply),
            Stage::Promised => Ok(None),
            Stage::Waiting(waiting) => {
                let stored = Signal::Message { message_id: waiting.question };
                self.receptionist.feed.send(Topic::Conversation(waiting.line.conversation), stored);
                if waiting.is_new {
                    self.receptionist.watch_over(waiting.line, waiting.question).await?;
                }
                self.answer_in_time(waiting).await
            }
        }
    }

    /// Writes the text down and does what it says. Whoever sends the same one
    /// at the same time waits here, and finds it written down.
    async fn first(&self, tx: &mut ClinicTx, text: &Incoming) -> Result<Stage> {
        let now = self.post.clock.now();
        lock(tx, text).await?;
        let id = domain::Id::<Incoming>::new().uuid();
        if !write_down(tx, now, id, text).await? {
            return stage(tx, &text.provider_id).await;
        }
        let conversation = thread(tx, now, text).await?;
        let line = domain::sms::keywords::Line::of(&text.to);
        let reading = Reading {
            now,
            text,
            conversation,
            voice: voice(tx, &text.from).await?,
            keyword: domain::sms::keywords::read(&text.body, line),
            line,
        };
        match self.read(tx, &reading).await? {
            Outcome::Taken(taken) => {
                settle(tx, id, &taken).await?;
                Ok(Stage::Answered(taken.reply))
            }
            Outcome::Asks { words, postscript } => ask(tx, id, &reading, &words, postscript.as_deref()).await,
        }
    }

    async fn read(&self, tx: &mut ClinicTx, reading: &Reading<'_>) -> Result<Outcome> {
        if let Some(taken) = keywords::about_texts(tx, reading).await? {
            return Ok(Outcome::Taken(taken));
        }
        if let Some(taken) = too_many(tx, reading).await? {
            return Ok(Outcome::Taken(taken));
        }
        if reading.keyword == Some(Keyword::Help) {
            return Ok(Outcome::Taken(keywords::help(reading)));
        }
        if let Some(outcome) = offers::about_offers(tx, &self.post, reading).await? {
            return Ok(outcome);
        }
        if let Some(outcome) = visits::about_visits(tx, &self.post, reading).await? {
            return Ok(outcome);
        }
        let body = reading.text.body.trim();
        match (body.is_empty(), reading.text.media > 0) {
            (true, true) => Ok(Outcome::Taken(Taken::saying("media", reading.voice.only_pictures()))),
            (true, false) => Ok(Outcome::Taken(Taken::saying("empty", reading.voice.nothing_said()))),
            (false, has_media) => Ok(Outcome::Asks {
                words: body.to_owned(),
                postscript: has_media.then(|| reading.voice.pictures_unseen().to_owned()),
            }),
        }
    }
}

impl Reading<'_> {
    /// Whether these exact words said that nothing more is to be sent.
    fn revokes(&self) -> bool {
        self.keyword == Some(Keyword::Stop) || self.keyword.is_none() && revocation::revokes(&self.text.body)
    }
}

/// Lets one text at a time of a thread be taken.
async fn lock(tx: &mut ClinicTx, text: &Incoming) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended(current_clinic_id() || ' ' || $1 || ' ' || $2, 6))",
        text.to,
        text.from
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes the text down; false if it was before. A number that texts come from
/// can be written to, whatever was said of it.
async fn write_down(tx: &mut ClinicTx, now: DateTime<Utc>, id: Uuid, text: &Incoming) -> Result<bool> {
    let written = sqlx::query!(
        "with heard_from as (delete from unreachable where channel = 'sms' and address = $4)
         insert into inbound_texts (inbound_text_id, provider_id, sender, patient_number, body, media, opt_out_type,
                                    received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict on constraint inbound_texts_once do nothing",
        id,
        text.provider_id,
        text.to,
        text.from,
        // PostgreSQL keeps no NUL in text.
        text.body.replace('\0', ""),
        text.media,
        text.opt_out_type,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(written.rows_affected() == 1)
}

/// How far a text that was written down before has got.
async fn stage(tx: &mut ClinicTx, provider_id: &str) -> Result<Stage> {
    let row = sqlx::query!(
        "select i.inbound_text_id, i.state, i.reply, i.message_id, m.conversation_id as \"conversation_id?\"
         from inbound_texts i
         left join messages m using (clinic_id, message_id)
         where i.provider_id = $1",
        provider_id
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(match (row.state.as_str(), row.message_id, row.conversation_id) {
        ("waiting", Some(question), Some(conversation)) => {
            let line = Line { clinic: tx.clinic(), conversation: conversation.into(), channel: Channel::Sms };
            Stage::Waiting(Waiting { id: row.inbound_text_id, line, question: question.into(), is_new: false })
        }
        ("answered", ..) => Stage::Answered(row.reply),
        _ => Stage::Promised,
    })
}

/// The conversation of these two numbers.
async fn thread(tx: &mut ClinicTx, now: DateTime<Utc>, text: &Incoming) -> Result<ConversationId> {
    let known = sqlx::query_scalar!(
        "select conversation_id from sms_threads where sender = $1 and patient_number = $2",
        text.to,
        text.from
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(known) = known {
        // It may have gone on in a browser; now they text again.
        sqlx::query!("update conversations set channel = 'sms' where conversation_id = $1 and channel <> 'sms'", known)
            .execute(tx.conn())
            .await?;
        return Ok(known.into());
    }
    let conversation = ConversationId::new();
    conversations::open(tx, conversation, Channel::Sms, now).await?;
    conversations::hint(tx, conversation, None, Some(&text.from)).await?;
    sqlx::query!(
        "insert into sms_threads (sender, patient_number, conversation_id) values ($1, $2, $3)",
        text.to,
        text.from,
        conversation.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(conversation)
}

/// The clinic as it speaks to this number.
async fn voice(tx: &mut ClinicTx, number: &str) -> Result<Voice> {
    let profile = clinics::profile(tx).await?;
    let own = sqlx::query_scalar!(
        "select coalesce((select v.language
                          from sms_threads t join conversations v using (clinic_id, conversation_id)
                          where t.patient_number = $1 and v.language is not null
                          order by v.conversation_id desc
                          limit 1),
                         (select p.language from patients p
                          where p.phone = $1 and p.language is not null
                          order by p.patient_id desc
                          limit 1))",
        number
    )
    .fetch_optional(tx.conn())
    .await?;
    let tag = own.flatten().or_else(|| profile.languages.first().cloned()).unwrap_or_default();
    Ok(Voice {
        phone: profile.phone.as_deref().map(|phone| contact::written(phone, &profile.country)),
        clinic: profile.name,
        language: Language::of_tag(&tag).unwrap_or(Language::English),
    })
}

/// Nothing, and once an hour a word about it, if this number has sent more in
/// the last hour than is answered.
async fn too_many(tx: &mut ClinicTx, reading: &Reading<'_>) -> Result<Option<Taken>> {
    let limit = settings::read(tx).await?.inbound_an_hour;
    let sent = sqlx::query!(
        r#"select count(*) as "count!",
                  count(*) filter (where handled_as = 'over_limit' and reply is not null) as "told!"
           from inbound_texts
           where patient_number = $1 and received_at > $2"#,
        reading.text.from,
        reading.now - TimeDelta::hours(1)
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(match (sent.count > limit.into(), sent.told) {
        (false, _) => None,
        (true, 0) => Some(Taken::saying("over_limit", reading.voice.too_many())),
        (true, _) => Some(Taken::quietly("over_limit")),
    })
}

async fn settle(tx: &mut ClinicTx, id: Uuid, taken: &Taken) -> Result<()> {
    sqlx::query!(
        "update inbound_texts set state = 'answered', handled_as = $2, reply = $3 where inbound_text_id = $1",
        id,
        taken.handled_as,
        taken.reply
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts a question to the receptionist, and has somebody look after it should
/// this process not.
async fn ask(
    tx: &mut ClinicTx,
    id: Uuid,
    reading: &Reading<'_>,
    words: &str,
    postscript: Option<&str>,
) -> Result<Stage> {
    let received =
        conversations::receive(tx, reading.now, reading.conversation, words, Some(&reading.text.provider_id), None)
            .await;
    let question = match received {
        Ok(received) => received.message_id,
        Err(Error::Rejected(Rejection { code: RejectionCode::Invalid | RejectionCode::TooLarge, message, .. })) => {
            let taken = Taken::saying("unreadable", reading.voice.refused(&message));
            settle(tx, id, &taken).await?;
            return Ok(Stage::Answered(taken.reply));
        }
        Err(error) => return Err(error),
    };
    sqlx::query!(
        "update inbound_texts set state = 'waiting', handled_as = 'question', message_id = $2, postscript = $3
         where inbound_text_id = $1",
        id,
        question.uuid(),
        postscript
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "select enqueue('answer_text', json_build_object('clinic_id', current_clinic_id(), 'inbound_text_id', $1::uuid),
                        null, clock_timestamp() + interval '30 seconds', 'answer_text:' || $1::uuid)",
        id
    )
    .fetch_one(tx.conn())
    .await?;
    let line = Line { clinic: tx.clinic(), conversation: reading.conversation, channel: Channel::Sms };
    Ok(Stage::Waiting(Waiting { id, line, question, is_new: true }))
}

/// Whether a text that was taken has its answer, given or on its way.
pub async fn is_answered(tx: &mut ClinicTx, provider_id: &str) -> Result<bool> {
    let answered = sqlx::query_scalar!(
        r#"select state in ('answered', 'queued') as "is!" from inbound_texts where provider_id = $1"#,
        provider_id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(answered.unwrap_or(false))
}

/// Whether a text comes from a number that can be written back to.
pub fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (8..LONGEST_NUMBER).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether a number has said that it wants no texts.
async fn is_stopped(tx: &mut ClinicTx, number: &str) -> Result<bool> {
    ledger::is_stopped(tx, Way::Sms, number).await
}
