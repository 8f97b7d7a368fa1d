//! A language model behind an API like OpenAI's.

use std::collections::HashMap;
use std::ops::AddAssign;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use async_openai::types::chat::{CompletionUsage, CreateChatCompletionRequest};
use futures::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::Instant;

use super::model::{Step, ToolCall};
use super::speech::Speech;

/// Tries of one request in all.
const TRIES: u32 = 3;

/// The first pause between them; each is three times the one before.
const PAUSE: Duration = Duration::from_millis(300);

/// How long nothing is asked after a model could not be reached.
const REST: Duration = Duration::from_secs(20);

/// The longest answer, and the longest arguments of a call, in bytes.
const LONGEST: usize = 16_000;

/// Where a language model is, and which one.
#[derive(Clone, Debug)]
pub struct Account {
    /// Without a trailing slash, such as `https://api.openai.com/v1`.
    pub base_url: String,
    pub key: SecretString,
    /// The one clinics have that chose none.
    pub model: String,
    /// How long it has for a turn, all its steps and tries together.
    pub patience: Duration,
}

/// Asks a language model. Cheap to clone.
#[derive(Clone, Debug)]
pub struct OpenAi(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client<OpenAIConfig>,
    http: reqwest::Client,
    model: String,
    patience: Duration,
    /// The models that could not be reached, by name: each is left alone until
    /// then, and no other for its sake.
    rests_until: Mutex<HashMap<String, Instant>>,
}

/// Why a model did not get to the end of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No answer, too many requests, a failure of its own, a cut connection.
    Unreachable,
    /// It does not take such requests.
    Refused,
    /// An answer that says nothing.
    Empty,
    /// Calls that fit no tool, or no end of calls.
    Confused,
    /// The turn's time was up.
    Late,
    /// It was not asked: it could not be reached a moment ago.
    Resting,
    /// It was not asked: the conversation's or the day's tokens are used up.
    Spent,
}

impl Fault {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Empty => "empty",
            Self::Confused => "confused",
            Self::Late => "late",
            Self::Resting => "resting",
            Self::Spent => "spent",
        }
    }
}

/// What requests took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokens {
    pub prompt: i64,
    pub completion: i64,
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, more: Self) {
        self.prompt = self.prompt.saturating_add(more.prompt);
        self.completion = self.completion.saturating_add(more.completion);
    }
}

/// Why one try got nowhere.
struct Failed {
    fault: Fault,
    /// How long the provider asked to be left alone.
    asked_for: Duration,
}

impl OpenAi {
    pub fn new(account: &Account) -> Self {
        let config = OpenAIConfig::new().with_api_base(&account.base_url).with_api_key(account.key.expose_secret());
        let (model, patience) = (account.model.clone(), account.patience);
        let (client, http) = (Client::with_config(config), reqwest::Client::new());
        Self(Arc::new(Inner { client, http, model, patience, rests_until: Mutex::default() }))
    }

    /// A client for one request, which notes how long its answer asks for.
    fn client(&self, noted: &Arc<OnceLock<Duration>>) -> Client<OpenAIConfig> {
        let (http, noted) = (self.0.http.clone(), noted.clone());
        // Of itself the client tries again for longer than a patient waits.
        let service = tower::service_fn(move |request: HttpRequestFactory| {
            let (http, noted) = (http.clone(), noted.clone());
            async move {
                let response = http.execute(request.build().await?).await.map_err(OpenAIError::Reqwest)?;
                if let Some(pause) = retry_after(response.headers()) {
                    noted.get_or_init(|| pause);
                }
                Ok::<_, OpenAIError>(response)
            }
        });
        self.0.client.clone().with_http_service(service)
    }

    pub fn patience(&self) -> Duration {
        self.0.patience
    }

    pub fn model(&self) -> &str {
        &self.0.model
    }

    /// Whether it is not worth asking this model now.
    pub fn is_resting(&self, model: &str) -> bool {
        self.rests_until().get(model).is_some_and(|until| Instant::now() < *until)
    }

    fn rest(&self, model: &str, pause: Duration) {
        let (now, mut rests) = (Instant::now(), self.rests_until());
        rests.retain(|_, until| now < *until);
        rests.insert(model.to_owned(), now + pause);
    }

    fn rests_until(&self) -> std::sync::MutexGuard<'_, HashMap<String, Instant>> {
        self.0.rests_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for one step, with what was said so far in `request`: the step, or
    /// the fault that remained after trying again, and what all tries took.
    /// Words go out through `speech` as whole sentences while more are on their
    /// way.
    pub async fn step(
        &self,
        request: &Value,
        speech: &mut Speech<'_>,
        deadline: Instant,
    ) -> (Result<Step, Fault>, Tokens) {
        let mut taken = Tokens::default();
        let Ok(asked) = serde_json::from_value::<CreateChatCompletionRequest>(request.clone()) else {
            return (Err(Fault::Refused), taken);
        };
        let mut pause = PAUSE;
        for attempt in 1..=TRIES {
            let mut heard = Heard::default();
            let tried = tokio::time::timeout_at(deadline, self.once(&asked, speech, &mut heard)).await;
            taken += heard.tokens(request);
            let failed = match tried {
                Ok(Ok(())) => return (heard.step(), taken),
                Ok(Err(failed)) => failed,
                Err(_) => Failed { fault: Fault::Late, asked_for: Duration::ZERO },
            };
            pause = pause.max(failed.asked_for);
            let again = failed.fault == Fault::Unreachable && attempt < TRIES && Instant::now() + pause < deadline;
            if !again {
                if matches!(failed.fault, Fault::Unreachable | Fault::Late) {
                    self.rest(&asked.model, REST.max(failed.asked_for));
                }
                return (Err(failed.fault), taken);
            }
            // What was said before the connection was cut is not said again.
            speech.begin_again();
            tokio::time::sleep(pause).await;
            pause *= 3;
        }
        (Err(Fault::Unreachable), taken)
    }

    async fn once(
        &self,
        request: &CreateChatCompletionRequest,
        speech: &mut Speech<'_>,
        heard: &mut Heard,
    ) -> Result<(), Failed> {
        let noted = Arc::new(OnceLock::new());
        let failed = |fault| Failed { fault, asked_for: noted.get().copied().unwrap_or_default() };
        let client = self.client(&noted);
        let mut stream = client.chat().create_stream(request.clone()).await.map_err(|error| failed(fault(&error)))?;
        let mut ended = false;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| failed(fault(&error)))?;
            heard.has_begun = true;
            heard.usage = chunk.usage.or(heard.usage.take());
            // Of several answers the first is meant; one was asked for.
            let Some(choice) = chunk.choices.into_iter().find(|choice| choice.index == 0) else { continue };
            ended |= choice.finish_reason.is_some();
            if let Some(words) = choice.delta.content {
                heard.text.push_str(&words);
                speech.hear(&words);
            }
            for piece in choice.delta.tool_calls.into_iter().flatten().filter(|piece| piece.index == 0) {
                let Some(function) = piece.function else { continue };
                heard.name.push_str(&function.name.unwrap_or_default());
                heard.arguments.push_str(&function.arguments.unwrap_or_default());
            }
            if heard.text.len() > LONGEST || heard.arguments.len() > LONGEST {
                return Err(failed(Fault::Confused));
            }
        }
        if ended { Ok(()) } else { Err(failed(Fault::Unreachable)) }
    }
}

/// What a model answered, put together, as far as it got.
#[derive(Debug, Default)]
struct Heard {
    text: String,
    name: String,
    arguments: String,
    /// It had read the request by then, and is paid for that.
    has_begun: bool,
    usage: Option<CompletionUsage>,
}

impl Heard {
    /// What the provider counted, or about as much where it did not say.
    fn tokens(&self, request: &Value) -> Tokens {
        let about = |letters: usize| i64::try_from(letters.div_ceil(4)).unwrap_or(i64::MAX);
        match &self.usage {
            Some(usage) => Tokens { prompt: usage.prompt_tokens.into(), completion: usage.completion_tokens.into() },
            None if self.has_begun => Tokens {
                prompt: about(request.to_string().len()),
                completion: about(self.text.len() + self.name.len() + self.arguments.len()),
            },
            None => Tokens::default(),
        }
    }

    fn step(self) -> Result<Step, Fault> {
        if self.name.is_empty() {
            let text = readable(&self.text);
            return if text.is_empty() { Err(Fault::Empty) } else { Ok(Step::Say(text)) };
        }
        let arguments = match self.arguments.trim() {
            "" => Value::Object(serde_json::Map::new()),
            // What is not JSON is kept as text, and refused as such.
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        let name = readable(&self.name).chars().take(64).collect();
        Ok(Step::Call(ToolCall { name, arguments: keepable(arguments) }))
    }
}

/// The text without what shows as nothing or worse.
pub fn readable(text: &str) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_control() || *letter == '\n').collect();
    text.trim().to_owned()
}

/// PostgreSQL keeps no NUL in JSON either.
fn keepable(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "")),
        Value::Array(some) => some.into_iter().map(keepable).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name.replace('\0', ""), keepable(value))).collect()
        }
        other => other,
    }
}

/// `Retry-After` in seconds, an hour at most.
fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3_600)))
}

fn fault(error: &OpenAIError) -> Fault {
    match error {
        OpenAIError::ApiError(answer) => match answer.status_code.as_u16() {
            408 | 409 | 429 | 500.. => Fault::Unreachable,
            _ => Fault::Refused,
        },
        OpenAIError::InvalidArgument(_) => Fault::Refused,
        _ => Fault::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_sends_is_made_keepable() {
        let heard =
            |name: &str, arguments: &str| Heard { name: name.into(), arguments: arguments.into(), ..Heard::default() };
        let call = |heard: Heard| match heard.step() {
            Ok(Step::Call(call)) => call,
            other => panic!("{other:?}"),
        };
        assert_eq!(call(heard("clinic_facts", "")).arguments, serde_json::json!({}));
        assert_eq!(call(heard("hold_slot", "{\"slot\":")).arguments, serde_json::json!("{\"slot\":"));
        assert_eq!(call(heard("a\0b", "{\"a\\u0000\":\"b\\u0000\"}")).arguments, serde_json::json!({ "a": "b" }));
        assert_eq!(Heard { text: " \n\0".into(), ..Heard::default() }.step().unwrap_err(), Fault::Empty);
    }
}
