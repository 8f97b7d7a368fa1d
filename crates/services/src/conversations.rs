//! Conversations and what was said in them.

use chrono::{DateTime, Utc};
use domain::chat::{Card, Message, Role};
use domain::id::{ConversationId, MemberId, MessageId};
use domain::language::{Language, Spoken};
use domain::{Rejection, RejectionCode};
use serde_json::Value;
use uuid::Uuid;

use crate::booking::Channel;
use crate::events::{self, EventKind};
use crate::receptionist::model::{Entry, ToolCall};
use crate::{ClinicTx, Error, Result, clinics, handover};

/// The longest message taken, in characters.
pub const LONGEST_MESSAGE: usize = 4_000;

/// How many of its newest messages show the language of a conversation.
const REMEMBERED: i64 = 80;

/// How long after it was last heard of a turn counts as broken off, and another
/// may take over: in seconds, by the database's clock, which is the one that all
/// processes share.
const LEASE: f64 = 10.0;

/// A message that was stored, or had been before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    pub message_id: MessageId,
    /// Whether this call stored it.
    pub is_new: bool,
    /// A person answers there.
    pub is_for_staff: bool,
    /// The turn that was to answer it has the conversation, and nothing else
    /// waits there.
    pub is_taken: bool,
}

/// Makes sure the conversation is there.
pub async fn open(tx: &mut ClinicTx, id: ConversationId, channel: Channel, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into conversations (conversation_id, channel, created_at) values ($1, $2, $3) on conflict do nothing",
        id.uuid(),
        channel.as_str(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether the clinic has such a conversation.
pub async fn exists(tx: &mut ClinicTx, id: ConversationId) -> Result<bool> {
    let exists = sqlx::query_scalar!(
        r#"select exists (select from conversations where conversation_id = $1) as "exists!""#,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(exists)
}

/// Notes what a visitor said of themselves on arrival. A hint, never proof.
pub async fn hint(tx: &mut ClinicTx, id: ConversationId, email: Option<&str>, phone: Option<&str>) -> Result<()> {
    sqlx::query!(
        "update conversations set hinted_email = $2, hinted_phone = $3 where conversation_id = $1",
        id.uuid(),
        email,
        phone
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes the conversation for this transaction alone; false if there is none.
/// Whether a person answers in it changes only under this lock.
pub async fn lock(tx: &mut ClinicTx, id: ConversationId) -> Result<bool> {
    let locked = sqlx::query_scalar!(
        "select conversation_id from conversations where conversation_id = $1 for no key update",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(locked.is_some())
}

/// Stores a patient's message, for the staff where they answer. The same `client_message_id` again is the same
/// message. Where the receptionist is free, `turn` takes the conversation to
/// answer it.
///
/// # Errors
///
/// Rejected with `invalid` if it is empty, `too_large` if it is longer than
/// [`LONGEST_MESSAGE`].
pub async fn receive(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    text: &str,
    client_message_id: Option<&str>,
    turn: Option<Uuid>,
) -> Result<Received> {
    let text = readable(text)?;
    if client_message_id.is_some_and(|id| id.is_empty() || id.len() > 100) {
        return Err(Rejection::invalid("client_message_id", "Please use an id of 1 to 100 characters.").into());
    }
    let is_free = lock_free(tx, conversation).await?;
    let for_staff = handover::is_open(tx, conversation, None).await?;
    let turn = turn.filter(|_| is_free && !for_staff);
    let message_id = MessageId::new();
    let stored = sqlx::query!(
        "insert into messages (message_id, conversation_id, role, text, client_message_id, created_at, for_staff)
         values ($1, $2, 'patient', $3, $4, $5, $6)
         on conflict on constraint messages_client_id_unique do nothing",
        message_id.uuid(),
        conversation.uuid(),
        text,
        client_message_id,
        now,
        for_staff
    )
    .execute(tx.conn())
    .await?;
    if stored.rows_affected() == 1 {
        note_received(tx, conversation, Language::spoken_in(&text), !for_staff, turn).await?;
        if for_staff {
            let channel = channel(tx, conversation).await?.as_str();
            events::record_for_staff(tx, now, EventKind::MessageLeft, conversation, channel).await?;
        }
        return Ok(Received { message_id, is_new: true, is_for_staff: for_staff, is_taken: turn.is_some() });
    }
    let earlier = sqlx::query_scalar!(
        "select message_id from messages where conversation_id = $1 and client_message_id = $2",
        conversation.uuid(),
        client_message_id
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Received { message_id: earlier.into(), is_new: false, is_for_staff: for_staff, is_taken: false })
}

/// As [`lock`]; whether no message waits there and nobody is at work on one.
async fn lock_free(tx: &mut ClinicTx, conversation: ConversationId) -> Result<bool> {
    let is_free = sqlx::query_scalar!(
        r#"
        select waiting_since is null and (turn_id is null or turn_expires_at <= clock_timestamp())
               -- Of an older call nobody noted that its last words wait.
               and not exists (
                   select from messages m
                   where m.conversation_id = $1 and m.role = 'patient' and not m.for_staff
                     and (select a.message_id from messages a where a.clinic_id = m.clinic_id and a.answers = m.message_id) is null
               ) as "is_free!"
        from conversations
        where conversation_id = $1
        for no key update
        "#,
        conversation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(is_free == Some(true))
}

/// Notes what is spoken in a conversation, where a message leaves no doubt;
/// that it waits for the receptionist, for whoever finishes what broke off; and
/// the turn that will answer it.
async fn note_received(
    tx: &mut ClinicTx,
    conversation: ConversationId,
    language: Option<Language>,
    waits: bool,
    turn: Option<Uuid>,
) -> Result<()> {
    sqlx::query!(
        "update conversations
         set language = coalesce($2, language),
             waiting_since = case when $3 then coalesce(waiting_since, clock_timestamp()) else waiting_since end,
             turn_id = coalesce($4, turn_id),
             turn_expires_at = case when $4::uuid is null then turn_expires_at
                                    else clock_timestamp() + make_interval(secs => $5) end
         where conversation_id = $1",
        conversation.uuid(),
        language.map(Language::code),
        waits,
        turn,
        LEASE
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) fn readable(text: &str) -> Result<String, Rejection> {
    // PostgreSQL keeps no NUL in text, and other control characters show as
    // nothing or worse.
    let text: String = text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
    let text = text.trim();
    if text.is_empty() {
        return Err(Rejection::invalid("message", "Please write a message."));
    }
    if text.chars().count() > LONGEST_MESSAGE {
        return Err(Rejection::new(
            RejectionCode::TooLarge,
            format!("That message is too long. Please keep it under {LONGEST_MESSAGE} characters."),
        ));
    }
    Ok(text.to_owned())
}

/// What the receptionist answers to a message.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// The id its words were announced under.
    pub id: MessageId,
    pub question: MessageId,
    pub text: &'a str,
    pub cards: &'a [Card],
}

/// What became of a patient's message.
#[derive(Clone, Debug)]
pub enum Standing {
    Waiting,
    Answered(Message),
    /// A person answers, or has, in their own time.
    WithStaff,
}

/// Stores the receptionist's answer, unless a person has taken over or the
/// message is to get none any more. There is one answer to a message; a second
/// one is not stored, and the first is returned.
pub async fn answer(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    answer: &Answer<'_>,
) -> Result<Standing> {
    let cards = serde_json::to_value(answer.cards).map_err(|_| Error::Internal("cards did not serialise"))?;
    lock(tx, conversation).await?;
    if handover::is_open(tx, conversation, Some(answer.question)).await? {
        leave_to_staff(tx, conversation).await?;
        return Ok(Standing::WithStaff);
    }
    // Whoever reads on after the newest message they know must find this one.
    let stored = sqlx::query_as!(
        Row,
        "insert into messages (message_id, conversation_id, role, text, cards, answers, created_at)
         select case when exists (select from messages where conversation_id = $3 and message_id > $1) then $2 else $1 end,
                $3, 'receptionist', $4, $5, $6, $7
         where exists (select from messages where conversation_id = $3 and message_id = $6 and not for_staff)
         on conflict on constraint messages_one_answer do nothing
         returning message_id, role, text, cards, client_message_id, created_at",
        answer.id.uuid(),
        MessageId::new().uuid(),
        conversation.uuid(),
        answer.text,
        cards,
        answer.question.uuid(),
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    match stored {
        Some(row) => Ok(Standing::Answered(row.into_message()?)),
        None => match standing(tx, answer.question).await? {
            // A crash of the database has forgotten the message.
            Standing::Waiting => Err(Rejection::unavailable().into()),
            standing => Ok(standing),
        },
    }
}

/// Stores what was said aloud, as it was heard. What got no answer aloud gets
/// none in writing.
pub(crate) async fn transcribe(
    tx: &mut ClinicTx,
    conversation: ConversationId,
    role: Role,
    text: &str,
    answers: Option<MessageId>,
    at: DateTime<Utc>,
) -> Result<MessageId> {
    let message_id = MessageId::new();
    sqlx::query!(
        "insert into messages (message_id, conversation_id, role, text, answers, created_at, for_staff)
         values ($1, $2, $3, $4, $5, $6, $7)",
        message_id.uuid(),
        conversation.uuid(),
        role.as_str(),
        text,
        answers.map(MessageId::uuid),
        at,
        role == Role::Patient
    )
    .execute(tx.conn())
    .await?;
    Ok(message_id)
}

/// Whether a message has its answer yet, or waits for a person.
pub async fn standing(tx: &mut ClinicTx, question: MessageId) -> Result<Standing> {
    let row = sqlx::query_as!(
        Row,
        "select message_id, role, text, cards, client_message_id, created_at from messages where answers = $1",
        question.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(row) = row {
        return Ok(Standing::Answered(row.into_message()?));
    }
    let for_staff = sqlx::query_scalar!("select for_staff from messages where message_id = $1", question.uuid())
        .fetch_optional(tx.conn())
        .await?;
    Ok(if for_staff == Some(true) { Standing::WithStaff } else { Standing::Waiting })
}

/// The first message after another that is not the patient's and says just this.
pub(crate) async fn said_after(
    tx: &mut ClinicTx,
    conversation: ConversationId,
    after: MessageId,
    text: &str,
) -> Result<Option<MessageId>> {
    let id = sqlx::query_scalar!(
        "select message_id from messages
         where conversation_id = $1 and message_id > $2 and role <> 'patient' and text = $3
         order by message_id
         limit 1",
        conversation.uuid(),
        after.uuid(),
        text
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(MessageId::from))
}

/// Leaves what has no answer yet to the staff.
pub(crate) async fn leave_to_staff(tx: &mut ClinicTx, conversation: ConversationId) -> Result<()> {
    sqlx::query!(
        "update messages m set for_staff = true
         where m.conversation_id = $1 and m.role = 'patient' and not m.for_staff
           and not exists (select from messages a where a.clinic_id = m.clinic_id and a.answers = m.message_id)
           and not exists (select from handovers h
                           where h.clinic_id = m.clinic_id and h.asked_in = m.message_id and h.ended_at is null)",
        conversation.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores something the receptionist says without having been asked.
pub(crate) async fn note(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    text: &str,
) -> Result<MessageId> {
    let id = MessageId::new();
    sqlx::query!(
        "insert into messages (message_id, conversation_id, role, text, created_at)
         values ($1, $2, 'receptionist', $3, $4)",
        id.uuid(),
        conversation.uuid(),
        text,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Stores what a member of staff writes.
///
/// # Errors
///
/// As [`receive`].
pub(crate) async fn say_as_member(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    member: MemberId,
    text: &str,
) -> Result<MessageId> {
    let (id, text) = (MessageId::new(), readable(text)?);
    sqlx::query!(
        "insert into messages (message_id, conversation_id, role, text, member_id, created_at)
         values ($1, $2, 'member', $3, $4, $5)",
        id.uuid(),
        conversation.uuid(),
        text,
        member.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// How its patient writes.
///
/// # Errors
///
/// Rejected with `not_found` if there is no such conversation.
pub async fn channel(tx: &mut ClinicTx, id: ConversationId) -> Result<Channel> {
    let channel = sqlx::query_scalar!("select channel from conversations where conversation_id = $1", id.uuid())
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(Rejection::not_found)?;
    let known = [Channel::Web, Channel::Sms, Channel::Voice];
    known
        .into_iter()
        .find(|known| known.as_str() == channel)
        .ok_or(Error::Internal("a conversation has an unknown channel"))
}

/// Who writes in a conversation, as far as is known: whoever booked in it.
pub async fn patient_name(tx: &mut ClinicTx, id: ConversationId) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "select p.name from conversations c join patients p using (clinic_id, patient_id) where c.conversation_id = $1",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(name)
}

/// The messages after one, oldest first; the first ones without `after`.
pub async fn messages(
    tx: &mut ClinicTx,
    conversation: ConversationId,
    after: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>> {
    let rows = sqlx::query_as!(
        Row,
        "select message_id, role, text, cards, client_message_id, created_at
         from messages
         where conversation_id = $1 and message_id > $2
         order by message_id
         limit $3",
        conversation.uuid(),
        after.map_or(Uuid::nil(), MessageId::uuid),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::into_message).collect()
}

/// The newest message of a conversation.
pub async fn newest(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Option<MessageId>> {
    let id = sqlx::query_scalar!(
        "select message_id from messages where conversation_id = $1 order by message_id desc limit 1",
        conversation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(MessageId::from))
}

/// The newest messages, oldest of them first.
pub async fn latest(tx: &mut ClinicTx, conversation: ConversationId, limit: i64) -> Result<Vec<Message>> {
    let rows = sqlx::query_as!(
        Row,
        "select message_id, role, text, cards, client_message_id, created_at
         from messages
         where conversation_id = $1
         order by message_id desc
         limit $2",
        conversation.uuid(),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().rev().map(Row::into_message).collect()
}

/// The language a conversation is held in: the clinic's first until its patient
/// speaks another.
pub async fn language(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Language> {
    let mut spoken = Spoken::beginning_with(clinics::profile(tx).await?.first_language());
    let messages = latest(tx, conversation, REMEMBERED).await?;
    messages.iter().filter(|message| message.role == Role::Patient).for_each(|message| spoken.hear(&message.text));
    Ok(spoken.language)
}

/// One message of this conversation.
pub async fn message(tx: &mut ClinicTx, conversation: ConversationId, id: MessageId) -> Result<Option<Message>> {
    let row = sqlx::query_as!(
        Row,
        "select message_id, role, text, cards, client_message_id, created_at
         from messages
         where conversation_id = $1 and message_id = $2",
        conversation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::into_message).transpose()
}

/// Patient messages that the receptionist has yet to answer, oldest first.
pub async fn unanswered(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Vec<MessageId>> {
    let ids = sqlx::query_scalar!(
        "select m.message_id
         from messages m
         where m.conversation_id = $1 and m.role = 'patient' and not m.for_staff
           and not exists (select from messages a where a.clinic_id = m.clinic_id and a.answers = m.message_id)
         order by m.message_id",
        conversation.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(MessageId::from).collect())
}

/// Takes the conversation for one turn; false while another has it.
pub async fn take_turn(tx: &mut ClinicTx, conversation: ConversationId, turn: Uuid) -> Result<bool> {
    let taken = sqlx::query!(
        "update conversations
         set turn_id = $2, turn_expires_at = clock_timestamp() + make_interval(secs => $3)
         where conversation_id = $1 and (turn_id is null or turn_expires_at <= clock_timestamp())",
        conversation.uuid(),
        turn,
        LEASE
    )
    .execute(tx.conn())
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Keeps the conversation for some more time; false if another has it by now.
pub async fn keep_turn(tx: &mut ClinicTx, conversation: ConversationId, turn: Uuid) -> Result<bool> {
    let kept = sqlx::query!(
        "update conversations
         set turn_expires_at = clock_timestamp() + make_interval(secs => $3)
         where conversation_id = $1 and turn_id = $2",
        conversation.uuid(),
        turn,
        LEASE
    )
    .execute(tx.conn())
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Notes that no message waits any more, if so. It takes the conversation
/// first, so that one which arrives meanwhile is not overlooked.
pub async fn note_answered(tx: &mut ClinicTx, conversation: ConversationId) -> Result<()> {
    lock(tx, conversation).await?;
    sqlx::query!(
        "update conversations
         set waiting_since = null
         where conversation_id = $1 and waiting_since is not null
           and not exists (
               select from messages m
               where m.conversation_id = $1 and m.role = 'patient' and not m.for_staff
                 and not exists (select from messages a where a.clinic_id = m.clinic_id and a.answers = m.message_id)
           )",
        conversation.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives the conversation back if `turn` has it and no message waits there any
/// more; whether it did. Under [`lock`], as storing an answer is.
pub async fn finish_turn(tx: &mut ClinicTx, conversation: ConversationId, turn: Uuid) -> Result<bool> {
    let finished = sqlx::query!(
        "update conversations
         set waiting_since = null, turn_id = null, turn_expires_at = null
         where conversation_id = $1 and turn_id = $2
           and not exists (
               select from messages m
               where m.conversation_id = $1 and m.role = 'patient' and not m.for_staff
                 -- Message by message, which is not every answer of the clinic.
                 and (select a.message_id from messages a where a.clinic_id = m.clinic_id and a.answers = m.message_id) is null
           )",
        conversation.uuid(),
        turn
    )
    .execute(tx.conn())
    .await?;
    Ok(finished.rows_affected() == 1)
}

/// Gives the conversation back, if `turn` still has it.
pub async fn end_turn(tx: &mut ClinicTx, conversation: ConversationId, turn: Uuid) -> Result<()> {
    sqlx::query!(
        "update conversations set turn_id = null, turn_expires_at = null where conversation_id = $1 and turn_id = $2",
        conversation.uuid(),
        turn
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What a tool was asked while answering a message, and what it answered.
#[derive(Clone, Debug)]
pub struct ToolUse {
    pub message_id: MessageId,
    pub call: ToolCall,
    pub output: Value,
}

/// Stores a tool call.
pub async fn record_tool(
    tx: &mut ClinicTx,
    now: DateTime<Utc>,
    conversation: ConversationId,
    used: &ToolUse,
) -> Result<()> {
    sqlx::query!(
        "insert into tool_calls (tool_call_id, conversation_id, message_id, name, arguments, output, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        domain::Id::<ToolUse>::new().uuid(),
        conversation.uuid(),
        used.message_id.uuid(),
        used.call.name,
        used.call.arguments,
        used.output,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The conversation as a model reads it, up to and including the message
/// being answered and the tools already used for it, which are given by
/// themselves too. Each answer, and the tools used for it, stand right after
/// the message it answers.
pub async fn transcript(
    tx: &mut ClinicTx,
    conversation: ConversationId,
    channel: Channel,
    answering: MessageId,
    limit: i64,
) -> Result<(Vec<Entry>, Vec<ToolUse>)> {
    let mut rows = sqlx::query!(
        "select message_id, role, text, answers, created_at
         from messages
         where conversation_id = $1 and coalesce(answers, message_id) <= $2
         order by coalesce(answers, message_id) desc, message_id desc
         limit $3",
        conversation.uuid(),
        answering.uuid(),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.reverse();
    let asked: Vec<Uuid> = rows.iter().map(|row| row.message_id).collect();
    let mut tools = sqlx::query!(
        "select message_id, name, arguments, output
         from tool_calls
         where conversation_id = $1 and message_id = any($2)
         order by tool_call_id",
        conversation.uuid(),
        &asked
    )
    .fetch_all(tx.conn())
    .await?;
    let mut used = Vec::new();
    let mut entries = Vec::with_capacity(rows.len() + tools.len() + 1);
    if channel != Channel::Web {
        entries.extend(caller(tx, conversation).await?.map(|phone| Entry::Caller { phone }));
    }
    for row in rows {
        if row.role != "patient" {
            let of_staff = row.role == "member";
            entries.push(if of_staff {
                Entry::Member { text: row.text }
            } else {
                Entry::Receptionist { text: row.text }
            });
            continue;
        }
        entries.push(Entry::Patient { text: row.text, at: row.created_at });
        for tool in tools.extract_if(.., |tool| tool.message_id == row.message_id) {
            let call = ToolCall { name: tool.name, arguments: tool.arguments };
            if tool.message_id == answering.uuid() {
                used.push(ToolUse { message_id: answering, call: call.clone(), output: tool.output.clone() });
            }
            entries.push(Entry::Tool { call, output: tool.output });
        }
    }
    Ok((entries, used))
}

/// The number at the other end, where that is how the conversation came about.
async fn caller(tx: &mut ClinicTx, conversation: ConversationId) -> Result<Option<String>> {
    let phone =
        sqlx::query_scalar!("select hinted_phone from conversations where conversation_id = $1", conversation.uuid())
            .fetch_optional(tx.conn())
            .await?;
    Ok(phone.flatten())
}

struct Row {
    message_id: Uuid,
    role: String,
    text: String,
    cards: Value,
    client_message_id: Option<String>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn into_message(self) -> Result<Message> {
        Ok(Message {
            id: self.message_id.into(),
            role: Role::try_from(self.role).map_err(|_| Error::Internal("an unknown message role"))?,
            text: self.text,
            // A card made by a later version is left out rather than failing
            // the whole conversation.
            cards: serde_json::from_value::<Vec<Value>>(self.cards)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|card| serde_json::from_value::<Card>(card).ok())
                .collect(),
            created_at: self.created_at,
            client_message_id: self.client_message_id,
        })
    }
}
