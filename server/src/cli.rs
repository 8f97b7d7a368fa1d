//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Frontdesk, a receptionist for clinics.
#[derive(Debug, Parser)]
#[command(name = "frontdesk", version)]
pub struct Cli {
    /// A TOML file with settings; the environment overrides it.
    #[arg(long, env = "FRONTDESK_CONFIG")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve patients and staff until asked to stop.
    Serve {
        /// What this process does; any number of them may share a database.
        #[arg(long, value_enum, default_value = "both")]
        role: Role,
        /// Make sure the demonstration clinic is there, and print how to sign
        /// in to its console.
        #[arg(long)]
        demo: bool,
    },
    /// Apply the migrations that the database does not have yet.
    Migrate,
    /// Be a patient with a telephone: send a text to a clinic of the running
    /// server, signed as its provider signs, and print what comes back.
    Sms(Sms),
    /// Patients who were erased, for the day an older copy of the database is
    /// put back.
    Erasures {
        #[command(subcommand)]
        command: Erasures,
    },
    /// The keys that seal clinics' credentials.
    Keys {
        #[command(subcommand)]
        command: Keys,
    },
}

#[derive(Debug, Args)]
pub struct Sms {
    pub text: String,
    /// The clinic's short name.
    #[arg(long, default_value = "bloom")]
    pub clinic: String,
    /// The patient's number.
    #[arg(long, default_value = "+15551230199")]
    pub from: String,
    /// Where the server is, if not at PUBLIC_URL.
    #[arg(long)]
    pub url: Option<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Erasures {
    /// Print who was erased, by ids alone, to be kept beside the backups.
    Export,
    /// Erase again everyone who is on the database's own list, and on the one
    /// that was exported.
    Replay {
        /// What `frontdesk erasures export` printed.
        #[arg(long)]
        from: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Keys {
    /// Wrap every clinic's key with ENCRYPTION_KEY, opening with
    /// ENCRYPTION_KEY_PREVIOUS what that wrapped. Servers go on meanwhile.
    Rotate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    Web,
    Worker,
    Both,
}
