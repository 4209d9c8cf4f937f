//! The first page of the console: whether everything is well. Each figure leads to the list of what it counts.

use leptos::prelude::*;
use oauth::activity::{Span, Volume};
use oauth::count::Count;
use oauth::id::ClientId;
use oauth::jose::KeyState;
use oauth::metadata::path as endpoint;
use oauth::time::Timestamp;

use super::clients::credentials::NewSecret;
use super::frame::Entry;
use super::keys::KeyRow;
use super::verdict::{Concern, Seen, verdict};
use super::{Console, path};
pub use crate::ui::Bar;
use crate::ui::{
    Chart, Icon, Part, Tone, code_line, exact, facts, figure, moment, note, page_head, segments, table, tally,
    with_query, word_of,
};

/// Seconds from now within which a key that is replaced by itself is named.
const SOON: i64 = 30 * 86_400;

/// Reasons that are shown at once.
const REASONS: usize = 8;

/// The state of the server: how many there are, what happened in a span (`within`), what ends soon, and the server's addresses.
#[derive(Debug, Clone)]
pub struct DashboardPage {
    pub issuer: String,
    /// All that needs a look, the worst first.
    pub concerns: Vec<Concern>,
    pub span: Span,
    /// The beginning of the span.
    pub since: Timestamp,
    /// The figures of the activity are of what happened since then.
    pub begin: Timestamp,
    /// Days that activity is kept, if those are fewer than the span has.
    pub kept_days: Option<i64>,
    /// The activity that is kept at all.
    pub volume: Volume,
    pub clients: Count,
    /// Of these, the ones that were created since `since`.
    pub new_clients: Count,
    pub users: Count,
    pub new_users: Count,
    /// Browsers in which somebody is signed in.
    pub sessions: Count,
    pub sign_ins: Vec<Bar>,
    pub tokens: Vec<Bar>,
    /// Of any kind; nothing of it is OK.
    pub refusals: Vec<Bar>,
    /// Of these, the ones of the console and the admin API.
    pub admin_refusals: u64,
    /// Refusals by code, the most frequent first, without codes of the console and the admin API. The empty code: events that were not
    /// kept.
    pub reasons: Vec<(String, u64)>,
    pub failing: Vec<FailingClient>,
    /// The first that end.
    pub ending: Vec<EndingSecret>,
    /// `None`: they were all done once.
    pub first_steps: Option<FirstSteps>,
    pub keys: Vec<KeyRow>,
    /// The admin token, right after the server was set up.
    pub new_token: NewSecret,
    pub now: Timestamp,
}

/// A client whose requests were refused.
#[derive(Debug, Clone)]
pub struct FailingClient {
    pub client_id: ClientId,
    /// `None`: it is gone.
    pub name: Option<String>,
    pub refusals: u64,
    /// Most of what it asked for lately was refused.
    pub is_mostly: bool,
}

/// A secret that ends soon, or ended lately.
#[derive(Debug, Clone)]
pub struct EndingSecret {
    pub name: String,
    /// The name of the client or resource that has it.
    pub owner: String,
    /// The page where another one is made.
    pub href: String,
    pub expires_at: Timestamp,
    /// Its owner has one that lives longer.
    pub is_replaced: bool,
}

/// The first steps that are done.
#[derive(Debug, Clone, Copy)]
pub struct FirstSteps {
    pub client: bool,
    pub user: bool,
    pub sign_in: bool,
}

impl DashboardPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Dashboard), "Dashboard", move || self.view())
    }

    fn view(self) -> impl IntoView {
        view! {
            {page_head(
                Vec::new(),
                "Dashboard",
                view! { "This server is " <code>{self.issuer.clone()}</code> "." },
                view! { {self.spans()} <a class="btn primary" href=path::CLIENT_WIZARD>"New client"</a> },
            )}
            {self.admin_token()}
            {self.verdict()}
            {self.checklist()}
            {self.volume_note()}
            {self.kept_note()}
            <div class="stats">
                {self.stat("Clients", self.clients, path::CLIENTS, self.new_clients)}
                {self.stat("Users", self.users, path::USERS, self.new_users)}
                <a class="card stat" href=path::SESSIONS>
                    <span class="small muted">"Sessions"</span>
                    <b>{tally(self.sessions)}</b>
                    <span class="tiny">"browsers that are signed in now"</span>
                </a>
            </div>
            <div class="charts">
                {self.chart("Sign-ins", Some("sign_in"), &self.sign_ins)}
                {self.chart("Tokens", Some("token"), &self.tokens)}
                {self.chart("Refusals", None, &self.refusals)}
            </div>
            <div class="pair">
                {self.reasons()}
                {self.failing()}
            </div>
            <div class="pair">
                {self.ending()}
                {self.signing()}
            </div>
            <details class="more">
                <summary>"Addresses for applications"</summary>
                {endpoints(&self.issuer, false)}
            </details>
        }
    }

    fn verdict(&self) -> AnyView {
        let seen = Seen { stretch: self.stretch(), begin: self.begin, volume: self.volume, now: self.now };
        verdict(&self.concerns, &seen)
    }

    /// The time of the figures of the activity, in words behind `in`.
    fn stretch(&self) -> String {
        match self.kept_days {
            None => self.span.to_string(),
            Some(1) => "the day that is kept".to_owned(),
            Some(days) => format!("the {days} days that are kept"),
        }
    }

    /// Said where less is kept than the span asks for.
    fn kept_note(&self) -> Option<AnyView> {
        let days = word_of(self.kept_days?.unsigned_abs(), "day", "days");
        let kept = view! {
            "Activity is kept for " {days} " only (ACTIVITY_RETENTION_DAYS), so its figures and charts do not begin before "
            {exact(self.begin)} "."
        };
        Some(note(Tone::Plain, kept))
    }

    fn spans(&self) -> AnyView {
        let link = |span: &Span| {
            let words = span.as_str();
            (words.to_owned(), with_query(path::DASHBOARD, &[("within", words)]), *span == self.span)
        };
        segments("Time", Span::ALL.iter().map(link).collect())
    }

    fn volume_note(&self) -> Option<AnyView> {
        let kept = match self.volume {
            Volume::All => return None,
            Volume::Problems => "Only refusals are kept here (ACTIVITY is problems), so nothing else is counted below.",
            Volume::Changes => "Only changes are kept here (ACTIVITY is changes), so nothing is counted below.",
        };
        Some(note(Tone::Plain, kept))
    }

    /// The list of events since the beginning of the figures that are like this.
    fn list(&self, like: &[(&str, &str)]) -> String {
        let since = self.begin.0.to_string();
        with_query(path::ACTIVITY, &[&[("since", since.as_str())], like].concat())
    }

    fn stat(&self, title: &'static str, number: Count, href: &'static str, new: Count) -> AnyView {
        let since = self.since.0.to_string();
        let delta = if new == 0 {
            format!("none new in {}", self.span).into_any()
        } else {
            let new_ones = with_query(href, &[("since", &since)]);
            view! { <a href=new_ones>{format!("+{}", tally(new))}</a> {format!(" in {}", self.span)} }.into_any()
        };
        view! {
            <div class="card stat">
                <a class="small" href=href>{title}</a>
                <b>{tally(number)}</b>
                <span class="tiny">{delta}</span>
            </div>
        }
        .into_any()
    }

    fn chart(&self, title: &'static str, kind: Option<&'static str>, bars: &[Bar]) -> AnyView {
        let kind = kind.unwrap_or_default();
        let only_refusals = kind.is_empty();
        let outcome = |part: Part| match part {
            Part::All if !only_refusals => "",
            Part::Ok => "ok",
            Part::All | Part::Refused => "refused",
        };
        let step = self.span.step();
        let list = |bar: &Bar, part: Part| {
            // Before the beginning events may be gone in part.
            let (since, until) = (bar.at.max(self.begin).0.to_string(), bar.at.plus(step).0.to_string());
            let like = [("since", since.as_str()), ("until", &until), ("kind", kind), ("outcome", outcome(part))];
            with_query(path::ACTIVITY, &like)
        };
        let all = |part: Part| self.list(&[("kind", kind), ("outcome", outcome(part))]);
        let (ok, refused) = bars.iter().fold((0_u64, 0_u64), |(ok, refused), bar| {
            (ok.saturating_add(bar.ok), refused.saturating_add(bar.refused))
        });
        let ok = (!only_refusals).then(|| view! { <span class="key ok">{figure(ok, all(Part::Ok))} " OK"</span> });
        view! {
            <section class="card block">
                <div class="block-head"><h2>{title}</h2></div>
                <p class="keys small">
                    {ok}
                    <span class="key refused">{figure(refused, all(Part::Refused))} " refused"</span>
                    {only_refusals.then(|| self.of_admins().map(|number| view! { <span>{number} " of them at the console and the admin API"</span> }))}
                </p>
                {Chart { title, bars, step, only_refusals, list: &list }.view()}
            </section>
        }
        .into_any()
    }

    /// The refusals that are no matter of people and applications.
    fn of_admins(&self) -> Option<AnyView> {
        let href = self.list(&[("kind", "admin"), ("outcome", "refused")]);
        (self.admin_refusals > 0).then(|| figure(self.admin_refusals, href))
    }

    /// Refusals by code.
    fn reasons(&self) -> AnyView {
        let row = |(code, number): &(String, u64)| {
            let (said, like) = if code.is_empty() {
                ("events that could not be kept".into_any(), [("kind", "lost"), ("outcome", "refused")])
            } else {
                (view! { <code>{code.clone()}</code> }.into_any(), [("error", code.as_str()), ("outcome", "refused")])
            };
            view! { <tr><td>{said}</td><td class="num end">{figure(*number, self.list(&like))}</td></tr> }.into_any()
        };
        let heads = ["Code", "Refusals"];
        let (first, rest) = self.reasons.split_at(self.reasons.len().min(REASONS));
        let more = (!rest.is_empty()).then(|| {
            let rows = rest.iter().map(row).collect();
            view! {
                <details class="figures">
                    <summary>{format!("{} more", rest.len())}</summary>
                    {table("More refusals by reason", &heads, rows)}
                </details>
            }
        });
        let list = if first.is_empty() {
            self.nothing("Nothing was refused")
        } else {
            view! { {table("Refusals by reason", &heads, first.iter().map(row).collect())} {more} }.into_any()
        };
        let of_admins = self.of_admins().map(|number| {
            view! { <p class="tiny">"Besides " {number} " at the console and the admin API, where administrators and their scripts ask."</p> }
        });
        view! {
            <section class="card block">
                <div class="block-head"><h2>"Refusals by reason"</h2></div>
                {list}
                {of_admins}
            </section>
        }
        .into_any()
    }

    fn failing(&self) -> AnyView {
        let row = |client: &FailingClient| {
            let id = client.client_id.as_str();
            let name = match &client.name {
                Some(name) => view! { <a class="name" href=path::client(id)>{name.clone()}</a> }.into_any(),
                None => view! { <code>{id.to_owned()}</code> }.into_any(),
            };
            let href = self.list(&[("client", id), ("outcome", "refused")]);
            view! { <tr><td>{name}</td><td class="num end">{figure(client.refusals, href)}</td></tr> }.into_any()
        };
        let list = if self.failing.is_empty() {
            self.nothing("No client was refused")
        } else {
            table("Top failing clients", &["Client", "Refusals"], self.failing.iter().map(row).collect())
        };
        view! {
            <section class="card block">
                <div class="block-head"><h2>"Top failing clients"</h2></div>
                {list}
            </section>
        }
        .into_any()
    }

    fn nothing(&self, said: &str) -> AnyView {
        view! { <p class="muted small">{format!("{said} in {}.", self.stretch())}</p> }.into_any()
    }

    /// Secrets and keys that end soon, in the order of their ends.
    fn ending(&self) -> AnyView {
        let now = self.now;
        let row = |at: Timestamp, href: String, name: String, text: String| {
            let ends = if at < now { "ended " } else { "ends " };
            let row = view! {
                <li>
                    <div class="grow who-text"><a class="name" href=href>{name}</a><div class="tiny ellipsis">{text}</div></div>
                    <span class="tiny">{ends}{moment(at, now)}</span>
                </li>
            };
            (at, row.into_any())
        };
        let secrets = self.ending.iter().map(|secret| {
            row(secret.expires_at, secret.href.clone(), secret.name.clone(), format!("Secret of {}", secret.owner))
        });
        let keys = self.keys.iter().filter(|key| key.state == KeyState::Active);
        let keys = keys.filter_map(|key| Some((key, key.step_at.filter(|at| at.since(now) < SOON)?)));
        let keys = keys.map(|(key, at)| {
            let text = format!("Signing key {}, replaced by itself", key.kid);
            row(at, path::KEYS.to_owned(), key.alg.to_owned(), text)
        });
        let mut rows: Vec<_> = secrets.chain(keys).collect();
        rows.sort_by_key(|(at, _)| *at);
        let list = if rows.is_empty() {
            view! { <p class="muted small">"No secret and no key ends within 30 days."</p> }.into_any()
        } else {
            let rows = rows.into_iter().map(|(_, row)| row).collect_view();
            view! { <ul class="key-list">{rows}</ul> }.into_any()
        };
        view! {
            <section class="card block">
                <div class="block-head"><h2>"Ends soon"</h2></div>
                {list}
            </section>
        }
        .into_any()
    }

    /// The admin token, this one time.
    fn admin_token(&self) -> Option<AnyView> {
        let another = view! { <code>"signet admin-token reset"</code> " on the server makes another." };
        match &self.new_token {
            NewSecret::None => None,
            NewSecret::Over => Some(note(
                Tone::Plain,
                view! { "The admin token was shown once and is not shown again. If nobody kept it, " {another} },
            )),
            NewSecret::Shown(token) => {
                let keep = view! { "Keep it now: the server has only its digest, so it is not shown again. If it is lost, " {another} };
                let card = view! {
                    <section class="card block">
                        <div class="block-head"><h2>"This is your admin token"</h2></div>
                        <p class="muted small">"It opens the console, and scripts send it as " <code>"X-Admin-Token"</code> "."</p>
                        {facts(vec![("Admin token", code_line("admin token", token))])}
                        {note(Tone::Warn, keep)}
                    </section>
                };
                Some(card.into_any())
            }
        }
    }

    /// The tasks that are left; nothing once all were done.
    fn checklist(&self) -> Option<AnyView> {
        let done = self.first_steps?;
        let steps = [
            (true, "Set the server up", "The admin token is set.", path::DASHBOARD),
            (done.client, "Create the first client", "An application that signs people in.", path::CLIENT_WIZARD),
            (done.user, "Create the first user", "Somebody who can sign in.", path::USER_NEW),
            (done.sign_in, "Try to sign in", "On the page that your users see.", endpoint::LOGIN),
        ];
        let number = steps.iter().filter(|(done, ..)| *done).count();
        let rows = steps
            .iter()
            .map(|(done, title, text, href)| {
                let (class, state) = if *done { ("done", "Done: ") } else { ("", "To do: ") };
                let title = if *done {
                    view! { <b>{*title}</b> }.into_any()
                } else {
                    view! { <a class="name" href=*href>{*title}</a> }.into_any()
                };
                view! {
                    <li class=class>
                        <span class="tick">{Icon::Check.view()}</span>
                        <div><span class="visually-hidden">{state}</span>{title}<p class="tiny">{*text}</p></div>
                    </li>
                }
            })
            .collect_view();
        let list = view! {
            <section class="card block">
                <div class="block-head"><h2>"First steps"</h2><span class="tiny">{format!("{number} of {}", steps.len())}</span></div>
                <ol class="checklist">{rows}</ol>
            </section>
        };
        Some(list.into_any())
    }

    fn signing(&self) -> AnyView {
        let now = self.now;
        let rows = self
            .keys
            .iter()
            .filter(|key| key.state == KeyState::Active)
            .map(|key| {
                view! {
                    <li>
                        <b class="mono">{key.alg}</b>
                        <code class="grow ellipsis">{key.kid.clone()}</code>
                        <span class="tiny">{moment(key.created_at, now)}</span>
                    </li>
                }
            })
            .collect_view();
        let retiring = self.keys.iter().filter(|key| key.state == KeyState::Retiring).count();
        let retiring = (retiring > 0)
            .then(|| view! { <p class="tiny">{format!("{retiring} more published until its tokens end.")}</p> });
        view! {
            <section class="card block">
                <div class="block-head"><h2>"Signing keys"</h2><a class="small" href=path::KEYS>"All keys"</a></div>
                <ul class="key-list">{rows}</ul>
                {retiring}
            </section>
        }
        .into_any()
    }
}

/// The addresses that the documentation of every client library asks for; without those for people, where nobody signs in.
pub(super) fn endpoints(issuer: &str, is_for_machines: bool) -> AnyView {
    const FOR_PEOPLE: [&str; 3] = [endpoint::AUTHORIZE, endpoint::USERINFO, endpoint::END_SESSION];
    let rows = [
        ("Issuer", ""),
        ("Discovery", endpoint::OPENID_CONFIGURATION),
        ("Authorization", endpoint::AUTHORIZE),
        ("Token", endpoint::TOKEN),
        ("Userinfo", endpoint::USERINFO),
        ("Public keys", endpoint::JWKS),
        ("End session", endpoint::END_SESSION),
    ];
    let rows = rows.into_iter().filter(|(_, path)| !is_for_machines || !FOR_PEOPLE.contains(path));
    let rows = rows.map(|(term, path)| (term, code_line(&term.to_lowercase(), format!("{issuer}{path}"))));
    view! {
        <section class="card block">
            <div class="block-head"><h2>"Endpoints"</h2></div>
            {facts(rows.collect())}
        </section>
    }
    .into_any()
}
