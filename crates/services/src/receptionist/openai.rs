//! A language model behind an API like OpenAI's.

use std::sync::{Arc, Mutex, PoisonError};
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
    model: String,
    patience: Duration,
    /// How long the provider last asked to be left alone.
    asked_for: Arc<Mutex<Option<Duration>>>,
    /// It could not be reached, and is left alone until then.
    rests_until: Mutex<Option<Instant>>,
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

/// What a request took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokens {
    pub prompt: i64,
    pub completion: i64,
}

impl OpenAi {
    pub fn new(account: &Account) -> Self {
        let config = OpenAIConfig::new().with_api_base(&account.base_url).with_api_key(account.key.expose_secret());
        let asked_for = Arc::new(Mutex::new(None));
        let (http, noted) = (reqwest::Client::new(), asked_for.clone());
        // Of itself the client tries again for longer than a patient waits.
        let service = tower::service_fn(move |request: HttpRequestFactory| {
            let (http, noted) = (http.clone(), noted.clone());
            async move {
                let response = http.execute(request.build().await?).await.map_err(OpenAIError::Reqwest)?;
                if let Some(seconds) = retry_after(response.headers()) {
                    *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(seconds);
                }
                Ok::<_, OpenAIError>(response)
            }
        });
        let client = Client::with_config(config).with_http_service(service);
        let (model, patience) = (account.model.clone(), account.patience);
        Self(Arc::new(Inner { client, model, patience, asked_for, rests_until: Mutex::new(None) }))
    }

    pub fn patience(&self) -> Duration {
        self.0.patience
    }

    /// How long the provider asked to be left alone since this was last asked.
    fn asked_for(&self) -> Duration {
        self.0.asked_for.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }

    pub fn model(&self) -> &str {
        &self.0.model
    }

    /// Whether it is worth asking now.
    pub fn is_resting(&self) -> bool {
        self.rests_until().is_some_and(|until| Instant::now() < until)
    }

    fn rests_until(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.0.rests_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for one step, with what was said so far in `request`. Words go out
    /// through `speech` as whole sentences while more are on their way.
    ///
    /// # Errors
    ///
    /// The fault that remained after trying again.
    pub async fn step(
        &self,
        request: &Value,
        speech: &mut Speech<'_>,
        deadline: Instant,
    ) -> Result<(Step, Tokens), Fault> {
        let asked: CreateChatCompletionRequest = serde_json::from_value(request.clone()).map_err(|_| Fault::Refused)?;
        let mut pause = PAUSE;
        for attempt in 1..=TRIES {
            let fault = match tokio::time::timeout_at(deadline, self.once(&asked, speech)).await {
                Ok(Ok((heard, usage))) => return Ok((heard.step()?, tokens(request, usage))),
                Ok(Err(fault)) => fault,
                Err(_) => Fault::Late,
            };
            let asked_for = self.asked_for();
            pause = pause.max(asked_for);
            let again = fault == Fault::Unreachable && attempt < TRIES && Instant::now() + pause < deadline;
            if !again {
                if matches!(fault, Fault::Unreachable | Fault::Late) {
                    *self.rests_until() = Some(Instant::now() + REST.max(asked_for));
                }
                return Err(fault);
            }
            // What was said before the connection was cut is not said again.
            speech.begin_again();
            tokio::time::sleep(pause).await;
            pause *= 3;
        }
        Err(Fault::Unreachable)
    }

    async fn once(
        &self,
        request: &CreateChatCompletionRequest,
        speech: &mut Speech<'_>,
    ) -> Result<(Heard, Option<CompletionUsage>), Fault> {
        let mut stream = self.0.client.chat().create_stream(request.clone()).await.map_err(|error| fault(&error))?;
        let (mut heard, mut usage, mut ended) = (Heard::default(), None, false);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| fault(&error))?;
            usage = chunk.usage.or(usage);
            // Of several answers the first is meant; one was asked for.
            let Some(choice) = chunk.choices.into_iter().find(|choice| choice.index == 0) else { continue };
            ended |= choice.finish_reason.is_some();
            if let Some(words) = choice.delta.content {
                heard.text.push_str(&words);
                speech.hear(&words).await;
            }
            for piece in choice.delta.tool_calls.into_iter().flatten().filter(|piece| piece.index == 0) {
                let Some(function) = piece.function else { continue };
                heard.name.push_str(&function.name.unwrap_or_default());
                heard.arguments.push_str(&function.arguments.unwrap_or_default());
            }
            if heard.text.len() > LONGEST || heard.arguments.len() > LONGEST {
                return Err(Fault::Confused);
            }
        }
        if ended { Ok((heard, usage)) } else { Err(Fault::Unreachable) }
    }
}

/// What a model answered, put together.
#[derive(Debug, Default)]
struct Heard {
    text: String,
    name: String,
    arguments: String,
}

impl Heard {
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

/// What the provider counted, or about as much where it did not say.
fn tokens(request: &Value, usage: Option<CompletionUsage>) -> Tokens {
    match usage {
        Some(usage) => Tokens { prompt: usage.prompt_tokens.into(), completion: usage.completion_tokens.into() },
        None => Tokens { prompt: i64::try_from(request.to_string().len() / 4).unwrap_or(i64::MAX), completion: 0 },
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
