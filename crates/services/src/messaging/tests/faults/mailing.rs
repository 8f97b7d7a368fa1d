//! A mail server that takes messages, refuses them, hangs and breaks off.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::Dice;
use crate::clinics::smtp::{SmtpAccount, SmtpSecurity};

/// A message that the server took.
#[derive(Clone, Copy, Debug)]
pub struct Mail {
    pub outbox: Uuid,
    pub at: Instant,
}

#[derive(Debug)]
pub struct State {
    pub dice: Dice,
    pub taken: Vec<Mail>,
    /// From when on everything works.
    pub is_well: bool,
}

pub struct MailServer {
    port: u16,
    pub state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

/// What goes wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    Hangs,
    BreaksOff,
    Busy,
    NobodyThere,
    Spam,
    /// Takes it, and says nothing.
    TakesAndBreaksOff,
}

impl MailServer {
    pub async fn start(dice: Dice) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State { dice, taken: Vec::new(), is_well: false }));
        let known = state.clone();
        let serving = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let known = known.clone();
                // Whoever hangs up has nothing more to hear.
                tokio::spawn(async move { drop(speak(connection, &known).await) });
            }
        });
        Self { port, state, serving }
    }

    pub fn account(&self) -> SmtpAccount {
        SmtpAccount {
            host: "127.0.0.1".into(),
            port: self.port,
            security: SmtpSecurity::None,
            username: None,
            password: None,
            from_address: "desk@cedar.example.com".into(),
            from_name: None,
            reply_to: None,
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn trouble(state: &Mutex<State>) -> Trouble {
    let mut state = state.lock().unwrap();
    if state.is_well {
        return Trouble::None;
    }
    match state.dice.roll(24) {
        0 | 1 => Trouble::Hangs,
        2 | 3 => Trouble::BreaksOff,
        4..=6 => Trouble::Busy,
        7 if state.dice.roll(4) == 0 => Trouble::NobodyThere,
        8 => Trouble::Spam,
        9 | 10 => Trouble::TakesAndBreaksOff,
        _ => Trouble::None,
    }
}

async fn speak(connection: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let trouble = trouble(state);
    if trouble == Trouble::Hangs {
        tokio::time::sleep(Duration::from_secs(5)).await;
        return Ok(());
    }
    let mut lines = BufReader::new(connection);
    lines.write_all(b"220 mail.example.com ESMTP\r\n").await?;
    let mut said = String::new();
    loop {
        said.clear();
        if lines.read_line(&mut said).await? == 0 {
            return Ok(());
        }
        let word = said.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match (word.as_str(), trouble) {
            ("RCPT", Trouble::Busy) => b"451 4.3.0 Later\r\n",
            ("RCPT", Trouble::NobodyThere) => b"550 5.1.1 Nobody\r\n",
            ("DATA", Trouble::BreaksOff) => return Ok(()),
            ("DATA", _) => {
                lines.write_all(b"354 Go on\r\n").await?;
                let outbox = message(&mut lines).await?;
                if trouble != Trouble::Spam {
                    state.lock().unwrap().taken.push(Mail { outbox, at: Instant::now() });
                }
                match trouble {
                    Trouble::TakesAndBreaksOff => return Ok(()),
                    Trouble::Spam => b"554 5.7.1 Spam\r\n",
                    _ => b"250 2.0.0 OK\r\n",
                }
            }
            ("QUIT", _) => {
                lines.write_all(b"221 Goodbye\r\n").await?;
                return Ok(());
            }
            _ => b"250 OK\r\n",
        };
        lines.write_all(answer).await?;
    }
}

/// Reads a message to its end; which it is, by its Message-ID.
async fn message(lines: &mut BufReader<TcpStream>) -> std::io::Result<Uuid> {
    let mut id = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return id.ok_or_else(|| std::io::ErrorKind::InvalidData.into());
        }
        let text = String::from_utf8_lossy(&line);
        if let Some(rest) = text.strip_prefix("Message-ID: <") {
            id = rest.split('@').next().and_then(|id| id.parse().ok());
        }
    }
}
