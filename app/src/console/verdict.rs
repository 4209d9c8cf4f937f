//! The answer to the first question of whoever opens the console: is everything well?

use leptos::prelude::*;
use oauth::activity::Volume;
use oauth::time::Timestamp;

use super::dashboard::{EndingSecret, FailingClient};
use super::path;
use crate::path as site;
use crate::ui::{Tone, count, moment, note, tag, with_query, word_of};

/// Something that needs a look.
#[derive(Debug, Clone)]
pub enum Concern {
    /// The work beside requests failed when it was last tried.
    Chores,
    /// The end of the record of changes is not as it was written: the fault.
    Record(String),
    /// No key signs by this algorithm.
    NoKey(&'static str),
    /// A key that nothing replaces by itself signs for long.
    OldKey { alg: &'static str, since: Timestamp },
    /// A secret that its owner needs.
    Secret(EndingSecret),
    /// Events that could not be kept.
    Lost(u64),
    /// Refresh tokens that two parties used.
    Replays(u64),
    /// Admin tokens that were not looked at, after too many wrong ones.
    AdminGuesses(u64),
    /// Tries to tell an application of the end of a session.
    Logouts(u64),
    /// Tries to tell an application of an answer.
    Pings(u64),
    /// More refusals in the last 24 hours than on any of seven days before.
    Rise { since: Timestamp, last_day: u64, most_before: u64 },
    /// A client that is refused more often than not.
    Refused(FailingClient),
}

/// The rest that the dashboard knows.
pub(super) struct Seen {
    /// The time that was looked at, in words behind `in`.
    pub(super) stretch: String,
    /// The figures are of what happened since then.
    pub(super) begin: Timestamp,
    pub(super) volume: Volume,
    pub(super) now: Timestamp,
}

pub(super) fn verdict(concerns: &[Concern], seen: &Seen) -> AnyView {
    if concerns.is_empty() {
        return all_is_well(seen);
    }
    let rows = concerns.iter().map(|concern| {
        let (tone, word) = if concern.is_bad(seen.now) { (Tone::Bad, "Now") } else { (Tone::Warn, "Look") };
        view! { <li>{tag(tone, word)}<div class="grow">{concern.said(seen)}</div></li> }
    });
    let title = format!("{} a look", word_of(concerns.len() as u64, "thing needs", "things need"));
    view! {
        <section class="card block verdict" aria-labelledby="verdict">
            <div class="block-head"><h2 id="verdict">{title}</h2></div>
            <ul class="key-list">{rows.collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn all_is_well(seen: &Seen) -> AnyView {
    let stretch = &seen.stretch;
    let looked =
        format!("the end of the record of changes, and what was refused, replayed or not delivered in {stretch}.");
    let looked = match seen.volume {
        Volume::Changes => {
            "and the end of the record of changes. Refusals are not kept here, so nothing is known of them.".to_owned()
        }
        Volume::Problems => {
            format!("{looked} Successes are not kept here, so nobody knows how often a client is refused.")
        }
        Volume::All => looked,
    };
    let text = "Nothing of this needs a look: the work of each minute, keys, secrets, ";
    note(Tone::Good, view! { <b>"Everything is well."</b> " " {text} {looked} })
}

impl Concern {
    /// True for what fails already, or may be an attack.
    fn is_bad(&self, now: Timestamp) -> bool {
        match self {
            Self::Chores | Self::Record(_) | Self::NoKey(_) | Self::Lost(_) | Self::Replays(_) | Self::Refused(_) => {
                true
            }
            Self::Secret(secret) => secret.expires_at < now,
            Self::OldKey { .. } | Self::AdminGuesses(_) | Self::Logouts(_) | Self::Pings(_) | Self::Rise { .. } => {
                false
            }
        }
    }

    /// A sentence that begins with the link to the page where it is mended or seen.
    fn said(&self, seen: &Seen) -> AnyView {
        let link = |href: String, words: String| view! { <a href=href><bdi>{words}</bdi></a> };
        let list = |since: Timestamp, like: &[(&str, &str)]| {
            let since = since.0.to_string();
            with_query(path::ACTIVITY, &[&[("since", since.as_str())], like].concat())
        };
        let here = |like: &[(&str, &str)]| list(seen.begin, like);
        let (now, stretch) = (seen.now, &seen.stretch);
        match self {
            Self::Chores => view! {
                {link(format!("{}#the-work-of-each-minute-fails", site::docs("troubleshooting")), "The work of each minute fails".to_owned())}
                " at this node: what has expired stays in the database, or keys are not replaced. The log says which, and why."
            }
            .into_any(),
            Self::Record(fault) => view! {
                {link(format!("{}#the-record-of-changes", site::docs("monitoring")), "The record of changes is not as it was written".to_owned())} ": " {fault.clone()} "."
            }
            .into_any(),
            Self::NoKey(alg) => {
                view! { {link(path::KEYS.to_owned(), format!("No {alg} key signs"))} ": tokens by it are refused." }.into_any()
            }
            Self::OldKey { alg, since } => view! {
                {link(with_query(path::KEY_ROTATE, &[("alg", *alg)]), format!("The {alg} key is old"))} ": it was made " {moment(*since, now)}
                ", and nothing replaces it by itself."
            }
            .into_any(),
            Self::Secret(secret) => {
                let ends = if secret.expires_at < now { " ended " } else { " ends " };
                let then = if secret.is_replaced {
                    ". It is still used, though there is another one."
                } else {
                    ", and nothing is in its place yet."
                };
                view! {
                    {link(secret.href.clone(), secret.owner.clone())} ": the secret " <bdi>{secret.name.clone()}</bdi> {ends}
                    {moment(secret.expires_at, now)} {then}
                }
                .into_any()
            }
            Self::Lost(number) => {
                let words = format!("{} lost", word_of(*number, "event was", "events were"));
                view! { {link(here(&[("kind", "lost")]), words)} {format!(" in {stretch}: the database was away, or too slow.")} }
                    .into_any()
            }
            Self::Replays(number) => {
                let words = word_of(*number, "refresh token was replayed", "refresh tokens were replayed");
                let said = format!(" in {stretch}: two parties used the same one, and what was issued for it is revoked.");
                view! { {link(here(&[("kind", "refresh_replay")]), words)} {said} }.into_any()
            }
            Self::AdminGuesses(number) => {
                let words = word_of(*number, "admin token was delayed", "admin tokens were delayed");
                let href = here(&[("error", "admin_delayed")]);
                view! { {link(href, words)} {format!(" in {stretch}: somebody guesses, or a script sends an old one.")} }
                    .into_any()
            }
            Self::Logouts(number) => {
                let words = format!("{} to tell of a sign-out failed", word_of(*number, "try", "tries"));
                let said = format!(" in {stretch}: an application did not take the message. Each event names the address and the answer.");
                view! { {link(here(&[("error", "logout_undelivered")]), words)} {said} }.into_any()
            }
            Self::Pings(number) => {
                let words = format!("{} to tell of an answer failed", word_of(*number, "try", "tries"));
                let said = format!(" in {stretch}: an application did not take the message. Each event names the address and the answer.");
                view! { {link(here(&[("error", "ping_undelivered")]), words)} {said} }.into_any()
            }
            Self::Rise { since, last_day, most_before } => {
                let href = list(*since, &[("outcome", "refused")]);
                let said = format!(": {} in 24 hours, at most {} on a day of the week before.", count(*last_day), count(*most_before));
                view! { {link(href, "Refusals rose".to_owned())} {said} }.into_any()
            }
            Self::Refused(client) => {
                let id = client.client_id.as_str();
                let href = here(&[("client", id), ("outcome", "refused")]);
                let name = client.name.clone().unwrap_or_else(|| id.to_owned());
                let said = format!(" is refused more often than not: {} in {stretch}.", word_of(client.refusals, "time", "times"));
                view! { {link(href, name)} {said} }.into_any()
            }
        }
    }
}
