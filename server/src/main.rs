//! The binary `frontdesk`.

use std::process::ExitCode;

use clap::Parser;
use server::cli::{Cli, Command, Erasures, Keys};
use server::config::{Config, LogFormat};
use server::{database, erasures, run, sms};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::read(cli.config.as_deref())?;
    log(config.log_format);
    if config.database_url.is_none() {
        // PostgreSQL refuses to run as root. Before any thread is started,
        // because accounts are a matter of the whole process.
        database::drop_root(&config.frontdesk_data_dir)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        match cli.command {
            Command::Serve { role, demo } => run::serve(config, role, demo).await?,
            Command::Migrate => run::migrate_only(&config).await?,
            Command::Sms(wanted) => sms::send(&config, &wanted).await?,
            Command::Erasures { command: Erasures::Export } => erasures::export(&config).await?,
            Command::Erasures { command: Erasures::Replay { from } } => {
                erasures::replay(&config, from.as_deref()).await?;
            }
            Command::Keys { command: Keys::Rotate } => run::rotate_keys(&config).await?,
        }
        Ok(())
    })
}

fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,tower_http=info"));
    // It logs what it could not read, which is what patients wrote.
    let filter = filter.add_directive("async_openai=off".parse().expect("a directive that is one"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
