//! A clinic with a mail server of its own, which the test runs.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use super::support::{Desk, desk, vault};
use crate::clinics::smtp::{SmtpAccount, SmtpSecurity};
use crate::messaging::listing::Listed;

/// A mail server that keeps what it gets. It ends with its standard input.
pub struct MailServer {
    port: u16,
    folder: TempDir,
    _child: Child,
}

impl MailServer {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/mail-server"));
        let mut child = Command::new("bash")
            .arg(script)
            .arg(folder.path())
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("bash");
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).await.unwrap();
        let Ok(port) = said.trim().parse() else {
            let mut why = String::new();
            child.stderr.take().unwrap().read_to_string(&mut why).await.unwrap();
            panic!("the mail server for the tests did not start: {why}");
        };
        Self { port, folder, _child: child }
    }

    /// How to reach it.
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

    /// What it got, in order.
    pub fn got(&self) -> Vec<Mail> {
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
        files.sort();
        files.into_iter().map(|path| Mail(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())).collect()
    }

    /// The only message it got.
    pub fn only(&self) -> Mail {
        let mut all = self.got();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// For how many recipients it was asked to take a message.
    pub fn asked(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("asked")).unwrap_or_default().lines().count()
    }
}

/// A message as it arrived, read by somebody else's program.
#[derive(Debug)]
pub struct Mail(Value);

impl Mail {
    pub fn header(&self, name: &str) -> &str {
        self.0["headers"][name].as_str().unwrap_or_default()
    }

    pub fn to(&self) -> &str {
        self.0["to"][0].as_str().unwrap()
    }

    pub fn from(&self) -> &str {
        self.0["from"].as_str().unwrap()
    }

    pub fn types(&self) -> Vec<&str> {
        self.parts().map(|part| part["type"].as_str().unwrap()).collect()
    }

    pub fn text(&self) -> &str {
        self.part("text/plain")["text"].as_str().unwrap().trim_end()
    }

    pub fn html(&self) -> &str {
        self.part("text/html")["text"].as_str().unwrap()
    }

    /// The first part of a type.
    pub fn part(&self, kind: &str) -> &Value {
        self.parts().find(|part| part["type"] == kind).unwrap()
    }

    /// The visit in the message, after having seen that the part and the file
    /// are the same and of one method.
    pub fn visit(&self) -> &Value {
        let (part, file) = (self.part("text/calendar"), self.part("application/ics"));
        assert_eq!(part["text"], file["text"]);
        assert_eq!(part["method"], part["calendar"]["method"]);
        assert_eq!(file["file"], "visit.ics");
        assert_eq!(part["calendar"]["events"].as_array().unwrap().len(), 1);
        &part["calendar"]["events"][0]
    }

    /// Everything attached for a calendar.
    pub fn files(&self) -> Vec<&Value> {
        self.parts().filter(|part| part["type"] == "application/ics").collect()
    }

    pub fn method(&self) -> &str {
        self.part("text/calendar")["method"].as_str().unwrap()
    }

    /// All that is in it, decoded.
    pub fn everything(&self) -> String {
        format!("{}{:?}", self.0["headers"], self.parts().collect::<Vec<_>>())
    }

    fn parts(&self) -> impl Iterator<Item = &Value> {
        self.0["parts"].as_array().unwrap().iter()
    }
}

/// A clinic whose mail leaves by this server.
pub async fn desk_mailing(pool: PgPool, server: &MailServer) -> Desk {
    let desk = desk(pool).await;
    desk.mail_by(&server.account()).await;
    desk
}

impl Desk {
    pub async fn mail_by(&self, account: &SmtpAccount) {
        let mut tx = self.world.tx().await;
        vault().put(&mut tx, self.world.now(), "smtp", account, "").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What waits is for this address.
    pub async fn readdress(&self, address: &str) {
        let mut tx = self.world.tx().await;
        sqlx::query("update outbox set address = $1 where channel = 'email' and status = 'queued'")
            .bind(address)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn emails(&self) -> Vec<Listed> {
        let mut all = self.outbox().await;
        all.retain(|message| message.channel == "email");
        all
    }

    /// Each e-mail's kind, status and reason.
    pub async fn mail_fates(&self) -> Vec<(String, String, Option<String>)> {
        self.emails().await.into_iter().map(|mail| (mail.kind, mail.status, mail.reason)).collect()
    }
}
