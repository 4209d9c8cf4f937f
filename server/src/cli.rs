//! The command line.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use idp::clock::Clock;
use idp::{Actor, AuditHead, AuditReport, EncryptionKeyInfo, Idp, KeyInfo, KeyState, Seed};
use oauth::jose::{EncryptionAlg, SigningAlg};
use oauth::time::Timestamp;
use time::OffsetDateTime;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::SubscriberBuilder;
use tracing_subscriber::fmt::format::{Format, Json, JsonFields};

use crate::config::{Config, Described, LogFormat, SETTINGS};
use crate::events::{self, EventsCommand};
use crate::open::{self, StartError};
use crate::{explain, probe, serve};

/// An OAuth 2.0 / OpenID Connect authorization server.
#[derive(Debug, Parser)]
#[command(name = "signet", version, about, after_help = environment())]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// Serve (what happens without a command): run the migrations, then answer requests
    Serve,
    /// Bring the database to the schema of this version, then stop
    Migrate,
    /// The token that opens the console and the admin API
    #[command(subcommand)]
    AdminToken(AdminToken),
    /// The keys that sign tokens
    #[command(subcommand)]
    Keys(Keys),
    /// The record of changes
    #[command(subcommand)]
    Audit(Audit),
    /// Show what happened: sign-ins, authorizations, tokens, refusals, changes
    Events(Box<EventsCommand>),
    /// Say why a request was refused: which check it was, what was sent, what is registered, and what to do
    Explain {
        /// The ID that the error page shows, the answer carries in X-Request-Id, and the log has
        request_id: String,
    },
    /// Ask a running server whether it is healthy: exit code 0 if it is, 1 if not
    Health {
        /// The server to ask [default: the one on LISTEN_ADDR]
        #[arg(long)]
        url: Option<String>,
    },
    /// Take over what another server knows
    #[command(subcommand)]
    Import(Import),
}

#[derive(Debug, Clone, Subcommand)]
enum Audit {
    /// Make sure that no change was taken away, put in or altered: exit code 0 if so, 1 if not
    Verify {
        /// A head that the log or the metrics showed, as “NUMBER DIGEST”: the record must go through it
        #[arg(long, value_parser = parse_head)]
        seen: Option<AuditHead>,
    },
}

fn parse_head(text: &str) -> Result<AuditHead, String> {
    AuditHead::parse(text).ok_or_else(|| "expected a number and 64 hexadecimal digits".to_owned())
}

#[derive(Debug, Clone, Subcommand)]
enum Import {
    /// Users with their passwords, clients with their secrets, scopes, consents, refresh tokens, public keys and the admin
    /// token of a seed server
    Seed {
        /// The SQLite file of the seed server; it is only read
        path: std::path::PathBuf,
        /// Only say what would be imported
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Clone, Subcommand)]
enum AdminToken {
    /// Make a new token and print it, once; the old one and every open console end
    Reset,
}

#[derive(Debug, Clone, Subcommand)]
enum Keys {
    /// List the keys: ID, algorithm, state, and when that changes by itself
    List,
    /// Replace the key of an algorithm and print the new key ID; the old key stays published while its tokens live
    Rotate {
        /// RS256, ES256 or EdDSA
        #[arg(long, default_value = "RS256", value_parser = parse_alg)]
        alg: SigningAlg,
    },
    /// Withdraw a key that became known to others: it is published no more, and whatever it signed is refused here at once. If
    /// it signs, a new one does from now on
    Withdraw {
        /// The ID of the key, as signet keys list shows it
        kid: String,
    },
}

fn parse_alg(name: &str) -> Result<SigningAlg, String> {
    SigningAlg::find(name).ok_or_else(|| "expected RS256, ES256 or EdDSA".to_owned())
}

/// The settings, as `--help` shows them.
fn environment() -> String {
    let width = SETTINGS.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
    let line =
        |setting: &Described| format!("\n  {:width$}  {} [{}]", setting.name, setting.about, setting.default.text());
    SETTINGS.iter().map(line).fold("Environment:".to_owned(), |text, line| text + &line)
}

/// Runs what the command line asks for. Errors go to standard error, one sentence each.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let result = Config::from_env().map_err(|error| error.to_string()).and_then(|config| {
        start_log(config.log_format, &config.log_filter);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
        runtime.block_on(execute(cli.command.unwrap_or(Command::Serve), config)).map_err(|error| error.to_string())
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "signet: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command, config: Config) -> Result<(), StartError> {
    match command {
        Command::Serve => serve::serve(config).await,
        Command::Migrate => {
            open::migrate(&config).await?;
            print("The database has the schema of this version.");
            Ok(())
        }
        Command::AdminToken(AdminToken::Reset) => {
            let idp = open::as_it_is(&config).await?;
            let token = idp.reset_admin_token().await.map_err(|error| match error {
                idp::Error::NotFound => StartError::NotSetUp,
                idp::Error::Stale => StartError::ResetByOther,
                error => error.into(),
            })?;
            print(token.expose());
            idp.close().await;
            Ok(())
        }
        Command::Keys(keys) => {
            let asked_at = Clock::system().now();
            let idp = open::as_it_is(&config).await?;
            keep_keys(&idp, keys, asked_at).await?;
            idp.close().await;
            Ok(())
        }
        Command::Audit(Audit::Verify { seen }) => {
            let idp = open::as_it_is(&config).await?;
            let report = idp.verify_audit(seen.as_ref()).await?;
            idp.close().await;
            report_audit(report, config.tunables.audit_retention.is_none())
        }
        Command::Events(events) => {
            let filter = events.filter(Clock::system().now()).map_err(StartError::Usage)?;
            let idp = open::as_it_is(&config).await?;
            events.run(&idp, filter, print).await?;
            idp.close().await;
            Ok(())
        }
        Command::Explain { request_id } => {
            let idp = open::as_it_is(&config).await?;
            let lines = explain::lines(&idp, &request_id).await?;
            let explained = lines.ok_or_else(|| explain::nothing_kept(&idp, &request_id).to_string());
            idp.close().await;
            explained.map_err(StartError::NothingKept)?.iter().for_each(|line| print(line));
            Ok(())
        }
        Command::Health { url } => {
            let url = url.unwrap_or_else(|| probe::health_url(config.listen_addr, config.path_of_requests()));
            print(&format!("{} is healthy", probe::ask(&url, probe::PATIENCE).await?));
            Ok(())
        }
        Command::Import(Import::Seed { path, dry_run }) => {
            // Before anything is migrated: it may be the file that DATABASE_URL names.
            let seed = Seed::read(&path, config.database_url.expose()).await?;
            let idp = open_for_import(&config, dry_run).await?;
            print(&idp.import_seed(&seed, dry_run).await?.to_string());
            idp.close().await;
            Ok(())
        }
    }
}

/// Does what a command says of the keys.
async fn keep_keys(idp: &Idp, command: Keys, asked_at: Timestamp) -> Result<(), StartError> {
    match command {
        Keys::Rotate { alg } => print(&rotate(idp, alg, asked_at).await?),
        Keys::Withdraw { kid } => {
            idp.withdraw_key(&Actor::command_line(), &kid).await.map_err(|error| match error {
                idp::Error::NotFound => StartError::NoSuchKey(kid.clone()),
                error => error.into(),
            })?;
            print(&format!(
                "{kid} is withdrawn: nothing that it signed, or that is encrypted to it, is accepted here any more."
            ));
        }
        Keys::List => {
            let keyring = idp.keyring();
            keyring.keys().iter().for_each(|key| print(&describe(idp, key)));
            keyring.encryption_keys().iter().for_each(|key| print(&describe_encryption(idp, key)));
        }
    }
    Ok(())
}

/// Says what was found.
fn report_audit(report: AuditReport, is_kept_for_ever: bool) -> Result<(), StartError> {
    print(&format!("changes in the chain: {}", report.changes));
    let was_swept = report.swept > 0 && is_kept_for_ever;
    let doubt = if was_swept { ", though AUDIT_RETENTION_DAYS is off: was it on before?" } else { "" };
    let at = report.swept_at.map(|at| format!(", the last time at {}", events::utc(at))).unwrap_or_default();
    print(&format!("swept before them: {}{at}{doubt}", report.swept));
    print(&format!("from before the chain: {}", report.unchained));
    print(&format!("erased with a person: {}", report.erased));
    print(&format!("head: {}", report.head));
    report.fault.map_or(Ok(()), |fault| Err(StartError::Audit(fault)))
}

/// Replaces the key that signs, unless somebody has done so since this was asked for: of many commands at once, one makes a key.
async fn rotate(idp: &Idp, alg: SigningAlg, asked_at: Timestamp) -> Result<String, idp::Error> {
    let signing = idp.signing_kid(alg)?;
    let was_replaced = |key: &KeyInfo| key.alg == alg && key.retired_at.is_some_and(|at| at >= asked_at);
    if idp.keyring().keys().iter().any(was_replaced) {
        return Ok(signing);
    }
    idp.rotate_key(&Actor::command_line(), alg, &signing).await
}

/// An import makes what it fills. One that only looks makes nothing: where there is no server yet, it looks at an empty one that
/// goes with the process.
async fn open_for_import(config: &Config, dry_run: bool) -> Result<Idp, StartError> {
    if !dry_run {
        return open::make(config).await;
    }
    match open::as_it_is(config).await {
        Err(StartError::NothingThere { .. }) => open::in_memory(config).await,
        opened => opened,
    }
}

fn date(at: Timestamp) -> String {
    let date = OffsetDateTime::from_unix_timestamp(at.0).ok().map(OffsetDateTime::date);
    date.map_or_else(|| "?".to_owned(), |date| date.to_string())
}

/// A line about a key to decrypt by.
fn describe_encryption(idp: &Idp, key: &EncryptionKeyInfo) -> String {
    let step = match (key.state(), idp.next_encryption_step(key)) {
        (KeyState::Active, Some(at)) => format!("to be replaced on {}", date(at)),
        (_, Some(at)) => format!("decrypts until {}", date(at)),
        _ => String::new(),
    };
    line(&key.kid, EncryptionAlg::EcdhEs.as_str(), key.state(), key.created_at, &step)
}

fn line(kid: &str, alg: &str, state: KeyState, made: Timestamp, step: &str) -> String {
    let line = format!("{kid}  {alg:7}  {:9}  made on {}  {step}", state.as_str(), date(made));
    line.trim_end().to_owned()
}

/// A line about a key.
fn describe(idp: &Idp, key: &KeyInfo) -> String {
    let step = match (key.state, idp.next_step(key)) {
        (KeyState::Next, Some(at)) => format!("becomes active on {}", date(at)),
        (KeyState::Active, Some(at)) => format!("to be replaced on {}", date(at)),
        (KeyState::Retiring, Some(at)) => format!("safe to remove on {}", date(at)),
        (KeyState::Withdrawn, _) => key.retired_at.map_or_else(String::new, |at| format!("since {}", date(at))),
        _ => String::new(),
    };
    line(&key.kid, key.alg.as_str(), key.state, key.created_at, &step)
}

/// Prints the result of a command to standard output. The log goes to standard error.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn start_log(format: LogFormat, filter: &str) {
    let filter = || EnvFilter::new(filter);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter())
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => json_log().with_env_filter(filter()).with_writer(std::io::stderr).init(),
    }
}

/// The log as JSON, an object a line: the facts of the event as members, and what it belongs to in `span`.
pub fn json_log() -> SubscriberBuilder<JsonFields, Format<Json>> {
    tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false)
}
