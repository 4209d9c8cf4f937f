//! Activity: what happened at this server, the newest first; of all, of a client, or of a user. And one event, with its facts.

use leptos::prelude::*;
use oauth::activity::{Event, EventFilter, EventKind, Outcome, WITHIN};
use oauth::client::Client;
use oauth::listing::CHANGE;
use oauth::time::Timestamp;
use oauth::user::User;

use super::changed::Changed;
use super::choosing::lost_place;
use super::clients::client_head;
use super::frame::Entry;
use super::history::deed;
use super::listed::Walked;
use super::users::user_head;
use super::{Console, path};
use crate::document::fragment;
use crate::explained::Explained;
use crate::ui::{
    Crumb, FILTER, Tone, choices, clock, count, date, empty, exact, facts, filter_button, first_button, kept, left_out,
    minute, moment, page_head, previous_and_next, section, table, tag, tally, with_query,
};

/// The list. Its form is a GET: `within`, `since`, `until`, `outcome`, `kind`, `error`, `user`, `client`, `address` and `request_id` are
/// the filter; `after` or `before` name an event that the page begins behind or ends before, and `page` its number.
#[derive(Debug, Clone)]
pub struct ActivityPage {
    pub about: About,
    pub events: Vec<EventRow>,
    pub filter: EventFilter,
    /// The range of time, by its word.
    pub within: String,
    /// Parts of the query that could not be read.
    pub unread: Vec<String>,
    /// The place of these events in the list, and its lines.
    pub walked: Walked,
    /// Events that the lines of the whole list stand for.
    pub told: u64,
    pub now: Timestamp,
}

/// Whose activity it is.
#[derive(Debug, Clone)]
pub enum About {
    All,
    Client(Box<Client>),
    User(Box<User>),
}

/// An event, and the names of what it is about.
#[derive(Debug, Clone)]
pub struct EventRow {
    pub event: Event,
    /// None: it is about nobody, or they are gone.
    pub username: Option<String>,
    /// The name of what was changed. None: nothing was, or it has none but its ID.
    pub target: Option<String>,
}

/// One event.
#[derive(Debug, Clone)]
pub struct EventPage {
    pub row: EventRow,
    /// Of a refusal.
    pub explained: Option<Explained>,
    pub now: Timestamp,
}

/// The words for a kind of event.
fn kind_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::SignIn => "Sign-in",
        EventKind::SignOut => "Sign-out",
        EventKind::Consent => "Consent",
        EventKind::Authorization => "Authorization",
        EventKind::Token => "Token",
        EventKind::RefreshReplay => "Refresh token replayed",
        EventKind::Revocation => "Revocation",
        EventKind::Introspection => "Introspection",
        EventKind::Userinfo => "Userinfo",
        EventKind::Registration => "Registration",
        EventKind::Request => "Request",
        EventKind::Limit => "Limit",
        EventKind::Admin => "Admin access",
        EventKind::Change => "Change",
        EventKind::Lost => "Events not kept",
    }
}

/// The words for what happened.
fn title(event: &Event) -> String {
    let kind = kind_name(event.kind);
    match (event.outcome, event.kind) {
        (Outcome::Ok, _) | (_, EventKind::RefreshReplay | EventKind::Lost) => kind.to_owned(),
        (Outcome::Refused, _) => format!("{kind} refused"),
    }
}

fn outcome(event: &Event) -> AnyView {
    match event.outcome {
        Outcome::Ok => tag(Tone::Good, "OK"),
        Outcome::Refused => tag(Tone::Bad, "Refused"),
    }
}

impl ActivityPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let (entry, title) = match &self.about {
            About::All => (Entry::Activity, "Activity".to_owned()),
            About::Client(client) => (Entry::Clients, format!("{} activity", client.client_name)),
            About::User(user) => (Entry::Users, format!("{} activity", user.username)),
        };
        let nonce = console.nonce.clone();
        console.page(Some(entry), title, move || self.view(nonce))
    }

    fn address(&self) -> String {
        match &self.about {
            About::All => path::ACTIVITY.to_owned(),
            About::Client(client) => path::client_part(client.client_id.as_str(), "activity"),
            About::User(user) => path::user_part(user.subject.as_str(), "activity"),
        }
    }

    /// The address with the filter, and with `more`.
    fn link(&self, more: &[(&str, &str)]) -> String {
        let is_said = |name: &str| match &self.about {
            About::All => false,
            About::Client(_) => name == "client",
            About::User(_) => name == "user",
        };
        let mut pairs = self.pairs();
        pairs.retain(|(name, _)| !is_said(name));
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        with_query(&self.address(), &pairs.chain(more.iter().copied()).collect::<Vec<_>>())
    }

    /// Another address of the same list, with the whole filter.
    fn beside(&self, path: &str, more: (&str, &str)) -> String {
        let pairs = self.pairs();
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        with_query(path, &pairs.chain([more]).collect::<Vec<_>>())
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.filter.pairs();
        // A range of time that ends now is said by its word.
        if !self.within.is_empty() {
            pairs.retain(|(name, _)| *name != "since");
            pairs.push(("within", self.within.clone()));
        }
        pairs
    }

    fn view(self, nonce: String) -> impl IntoView {
        let head = match &self.about {
            About::All => {
                let changes = with_query(path::ACTIVITY, &[("kind", EventKind::Change.as_str())]);
                let changes = view! { <a class="btn" href=changes>"All changes"</a> };
                page_head(Vec::new(), "Activity", "What happened here, the newest first.", changes)
            }
            About::Client(client) => client_head(client, "Activity"),
            About::User(user) => user_head(user, "Activity"),
        };
        let unread = view! { {left_out(&self.unread)} {lost_place(self.walked.place.is_lost)} };
        let rows: Vec<_> = self.events.iter().map(|row| line(row, self.now)).collect();
        let list = if rows.is_empty() {
            let all = view! { <a class="btn" href=self.address()>"Show everything"</a> };
            empty("No events", "Nothing that happened here fits.", all)
        } else {
            table("Activity", &["Event", "-Client", "-User", "Outcome", "-When"], rows)
        };
        let script = |text: &'static str| view! { <script type="module" nonce=nonce.clone() inner_html=text></script> };
        let live = self.is_live().then(|| script(include_str!("live.js")));
        let files = self.has_files().then(|| script(include_str!("export.js")));
        view! {
            {head}
            {unread}
            <section class="card">
                <div class="bar">
                    {first_button(FILTER, Some(CHANGE))}
                    {self.ranges()}
                    {self.outcomes()}
                    <a class="btn quiet" href=self.link(&[])>{if self.is_newest() { "Reload" } else { "Newest" }}</a>
                    {self.live_switch()}
                </div>
                {self.fields()}
                {list}
                {self.foot()}
                {self.beyond()}
            </section>
            {live}
            {files}
        }
    }

    /// True where the page begins with the newest event: new ones can be put on top.
    fn is_newest(&self) -> bool {
        self.walked.place.previous.is_none()
    }

    /// True for a list to which new events belong.
    fn is_live(&self) -> bool {
        self.is_newest() && self.filter.until.is_none_or(|until| until > self.now)
    }

    /// True for a list that can be taken along.
    fn has_files(&self) -> bool {
        self.walked.total.number() > 0
    }

    /// The switch of the live tail. The script shows it.
    fn live_switch(&self) -> Option<AnyView> {
        let latest = self.events.first().map(|row| row.event.id.as_str()).unwrap_or_default();
        let href = self.beside(path::ACTIVITY_LIVE, ("last", latest));
        let switch = view! {
            <span class="live" data-live hidden>
                <button type="button" class="btn quiet" formaction=href aria-pressed="true">"Live"</button>
                <span class="tiny" role="status"></span>
            </span>
        };
        self.is_live().then(|| switch.into_any())
    }

    /// The number of events, the ways to take them along, and to newer and older ones.
    fn foot(&self) -> AnyView {
        let all = self.walked.total;
        let (line, stand) = if all == 1 { ("line", "stands") } else { ("lines", "stand") };
        let lines = format!("{} {line}", tally(all));
        let told =
            (!all.is_more() && all != self.told).then(|| format!(" that {stand} for {} events", count(self.told)));
        let export = |format: &'static str, label: &'static str| {
            let href = self.beside(path::ACTIVITY_EXPORT, ("format", format));
            view! { <a class="btn" href=href download data-file=format>{label}</a> }
        };
        // The script says here how many events of a file have come.
        let exports = self.has_files().then(|| {
            view! {
                <span class="tiny" role="status" data-taken=tally(all)></span>
                {export("csv", "Export CSV")}
                {export("jsonl", "Export JSON lines")}
            }
        });
        let (previous, next) = self.walked.ways(|place| self.link(place));
        let ways = previous_and_next(previous, next);
        // The live tail says here how many came since.
        view! { <div class="foot wraps"><span>{lines}{told}<span data-since></span></span>{exports}{ways}</div> }
            .into_any()
    }

    /// The way from the events of a user to those that can name nobody.
    fn beyond(&self) -> Option<AnyView> {
        let About::User(_) = &self.about else { return None };
        let mut pairs = self.pairs();
        pairs.retain(|(name, _)| matches!(*name, "within" | "since" | "until"));
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        let all = with_query(path::ACTIVITY, &pairs.chain([("outcome", "refused")]).collect::<Vec<_>>());
        let view = view! {
            <p class="bar muted small">
                <span>
                    "A request that was refused before anybody was known stands at its client: see "
                    <a href=all>"all refusals of this time"</a>"."
                </span>
            </p>
        };
        Some(view.into_any())
    }

    fn ranges(&self) -> AnyView {
        let is_any = self.filter.since.is_none() && self.filter.until.is_none();
        // Instead of a stretch by the clock.
        let range = |word: &str| format!("within={word}&since=&until=");
        let ranges = WITHIN.iter().map(|(word, _)| ((*word).to_owned(), range(word), self.within == *word));
        choices("Time", ranges.chain([("Any time".to_owned(), range(""), is_any)]).collect())
    }

    fn outcomes(&self) -> AnyView {
        let choice = |label: &str, outcome: Option<Outcome>| {
            let word = outcome.map(Outcome::as_str).unwrap_or_default();
            (label.to_owned(), format!("outcome={word}"), self.filter.outcome == outcome)
        };
        let outcomes = [("All", None), ("OK", Some(Outcome::Ok)), ("Refused", Some(Outcome::Refused))];
        choices("Outcome", outcomes.into_iter().map(|(label, outcome)| choice(label, outcome)).collect())
    }

    /// The rest of the filter.
    fn fields(&self) -> AnyView {
        let kinds = EventKind::ALL.iter().map(|kind| {
            let chosen = self.filter.kind == Some(*kind);
            view! { <option value=kind.as_str() selected=chosen>{kind_name(*kind)}</option> }
        });
        let pairs = self.filter.pairs();
        let value = |name: &str| {
            pairs.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let all = matches!(self.about, About::All);
        let texts = [
            ("client", "Client ID"),
            ("user", "User"),
            ("error", "Error code"),
            ("address", "IP address"),
            ("request_id", "Request ID"),
        ];
        let user = all.then_some("A user is named by username, email address or subject. ");
        let texts =
            texts.into_iter().filter(|(name, _)| all || !matches!(*name, "client" | "user")).map(|(name, label)| {
                view! {
                    <input
                        class="input code"
                        name=name
                        value=value(name)
                        placeholder=label
                        aria-label=label
                        aria-describedby="filter-hint"
                        spellcheck="false"
                    />
                }
            });
        // A range that ends now is said by its word.
        let since = self.filter.since.filter(|_| self.within.is_empty());
        let times = [("since", "From", since), ("until", "Until", self.filter.until)].map(|(name, label, at)| {
            view! {
                <label class="time">
                    {label}
                    <input class="input" type="datetime-local" name=name value=at.map(minute) step="any" aria-describedby="filter-hint"/>
                </label>
            }
        });
        view! {
            <form class="bar filters" id=FILTER method="get" action=self.address() role="search">
                {kept([("within", self.within.as_str()), ("outcome", &value("outcome"))])}
                <select class="input" name="kind" aria-label="Kind of event">
                    <option value="">"Every kind"</option>
                    {kinds.collect_view()}
                </select>
                {texts.collect_view()}
                {times.collect_view()}
                {filter_button()}
                <p class="tiny" id="filter-hint">{user}"Names, IDs, codes and addresses are compared as a whole. Times are in UTC."</p>
            </form>
        }
        .into_any()
    }
}

/// The person, by name where they have one.
fn person(row: &EventRow) -> Option<AnyView> {
    let user = row.event.user.as_ref()?;
    let name = row.username.clone().unwrap_or_else(|| user.to_string());
    Some(view! { <a class="long" href=path::user(user.as_str())>{name}</a> }.into_any())
}

fn client(event: &Event) -> Option<AnyView> {
    let client = event.client.as_ref()?;
    Some(view! { <a class="long" href=path::client(client.as_str())><code>{client.to_string()}</code></a> }.into_any())
}

/// The most telling word about an event, beside its kind.
fn detail(event: &Event) -> String {
    match (&event.error, event.kind) {
        (Some(error), _) => error.clone(),
        (None, EventKind::Token) => event.fact("grant_type").unwrap_or_default(),
        (None, EventKind::Admin) => event.fact("action").map(|action| deed(&action)).unwrap_or_default(),
        (None, _) => event.fact("response_type").or_else(|| event.scope.clone()).unwrap_or_default(),
    }
}

/// Lines of the list, as HTML: for a page that shows the list already.
#[must_use]
pub fn lines(rows: &[EventRow], now: Timestamp) -> String {
    fragment(|| rows.iter().map(|row| line(row, now)).collect_view())
}

fn line(row: &EventRow, now: Timestamp) -> AnyView {
    let event = &row.event;
    let many = (event.count > 1).then(|| {
        let number = count(event.count.unsigned_abs());
        view! { <span class="tiny">{format!(" × {number}")}</span> }
    });
    let changed = Changed::of(row);
    let told = match &changed {
        Some(changed) => view! {
            <div class="tiny ellipsis">{changed.thing()}</div>
            <div class="tiny">{changed.sentence()}</div>
        }
        .into_any(),
        None => view! { <div class="tiny ellipsis">{detail(event)}</div> }.into_any(),
    };
    view! {
        <tr id=event.id.clone()>
            <td>
                <a class="name" href=path::event(&event.id)>{kind_name(event.kind)}</a>{many}
                {told}
                {(!changed.is_some_and(|changed| changed.is_of_client_or_user())).then(|| about(row))}
            </td>
            <td class="wide">{client(event)}</td>
            <td class="wide">{person(row)}</td>
            <td>{outcome(event)}<div class="tiny slim">{moment(event.at, now)}</div></td>
            <td class="num wide">{moment(event.at, now)}<div class="tiny">{clock(event.at)}</div></td>
        </tr>
    }
    .into_any()
}

/// The client and the user, where their columns have no room.
fn about(row: &EventRow) -> AnyView {
    let (client, person) = (client(&row.event), person(row));
    let between = (client.is_some() && person.is_some()).then_some(" · ");
    view! { <div class="tiny slim">{client}{between}{person}</div> }.into_any()
}

/// The facts of an event that all events have.
pub(super) fn event_facts(row: &EventRow, now: Timestamp) -> Vec<(&'static str, AnyView)> {
    let event = &row.event;
    let like = |name: &'static str, value: &str, all: &'static str| {
        let href = with_query(path::ACTIVITY, &[(name, value)]);
        view! { <code class="long">{value.to_owned()}</code> " " <a class="tiny" href=href>{all}</a> }.into_any()
    };
    let when = view! { {exact(event.at)} ", " {moment(event.at, now)} };
    let mut rows: Vec<(&'static str, AnyView)> = vec![("When", when.into_any()), ("Outcome", outcome(event))];
    rows.extend(event.error.as_deref().map(|error| ("Code", like("error", error, "All events with this code"))));
    let texts = [("Scope", &event.scope), ("Browser", &event.agent)];
    for (label, text) in texts {
        if let Some(text) = text {
            rows.push((label, view! { <span class="long">{text.clone()}</span> }.into_any()));
        }
    }
    if event.count > 1 {
        let number = count(event.count.unsigned_abs());
        rows.push(("Stands for", format!("{number} like it in its minute").into_any()));
    }
    rows.extend(client(event).map(|view| ("Client", view)));
    rows.extend(person(row).map(|view| ("User", view)));
    if let Some(changed) = Changed::of(row) {
        let history = changed.href().map(|href| view! { " " <a href=href.to_owned()>"In its history"</a> });
        rows.push(("Changed", changed.thing()));
        rows.push(("Change", view! { <p>{format!("{}.", changed.sentence())}{history}</p> }.into_any()));
    }
    rows.extend(
        event.address.as_deref().map(|address| ("Address", like("address", address, "All events from this address"))),
    );
    rows.extend(
        event.request_id.as_deref().map(|id| ("Request ID", like("request_id", id, "All events of this request"))),
    );
    rows
}

impl EventPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let event = &self.row.event;
        console.page(Some(Entry::Activity), format!("{}, {}", title(event), date(event.at)), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let event = &self.row.event;
        let rows = event_facts(&self.row, self.now);
        let explained = self
            .explained
            .map(|explained| section("Explanation", "What the check found, and what to do.", explained.view()));
        let told: Vec<_> = event
            .facts()
            .map(|(name, text)| {
                view! { <tr><td><code>{name.to_owned()}</code></td><td class="said">{text}</td></tr> }.into_any()
            })
            .collect();
        let told = (!told.is_empty()).then(|| {
            section("Facts", "What was sent, and what was said to it.", table("Facts", &["Fact", "Value"], told))
        });
        view! {
            {page_head(vec![Crumb::new("Activity", path::ACTIVITY)], title(event), date(event.at), ())}
            {explained}
            {section("Event", "", facts(rows))}
            {told}
        }
    }
}
