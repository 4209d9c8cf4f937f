//! One change of a thing, field by field, and the ways back to the states before and after it.

use leptos::prelude::*;
use oauth::difference::{ChangeRecord, Difference};
use oauth::field::FieldErrors;
use oauth::time::Timestamp;

use super::HistoryOf;
use super::words::{author, deed_of};
use crate::console::editing::{Again, TheirChange};
use crate::console::labels::{label, value};
use crate::console::{Console, path};
use crate::text::Locale;
use crate::ui::{Tone, facts, moment, note, read_table, section, with_query};

/// The field that says to which side of the change a form goes back.
const TO: &str = "to";
/// To the state that the change found. Any other word: to the one that it made.
const BEFORE: &str = "before";

/// One change, with the forms that go back to the states that it found and made. They send `version`, and `to`: `before` or `after`.
#[derive(Debug, Clone)]
pub struct ChangePage {
    pub of: HistoryOf,
    pub change: ChangeRecord,
    /// The way back to the state before it. None: there was none that a form could make again.
    pub undo: Option<Revert>,
    /// The way back to the state after it. None: it made no state that a form could make again.
    pub revert: Option<Revert>,
    /// It is of another thing, which was called the same and was deleted since.
    pub is_of_another: bool,
    /// The changes of the same thing just before and just after it, by their IDs.
    pub neighbours: (Option<String>, Option<String>),
    pub now: Timestamp,
}

/// The change that would bring an old state back.
#[derive(Debug, Clone)]
pub struct Revert {
    pub differences: Vec<Difference>,
    pub version: i64,
    /// Why it was not done.
    pub again: Option<Again>,
    pub errors: FieldErrors,
    /// After a conflict: the change that came in between, if the record knows it.
    pub their_change: Option<TheirChange>,
}

impl ChangePage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(self.of.entry()), self.of.title(), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let said = if self.change.is_erased() {
            note(Tone::Plain, "What it said of a person was erased with them.")
        } else {
            differences(&self.change.differences(), "It changed nothing that is recorded.", ["Before", "After"])
        };
        view! {
            {self.of.head()}
            {section("Change", "Who made it, and from where.", self.facts())}
            <section class="card"><div class="block-head"><h2>"Fields"</h2></div>{said}</section>
            {self.is_of_another.then(|| note(Tone::Plain, "What is called so now was made anew since, so there is no way back."))}
            {self.ways_back()}
            {self.ways()}
        }
    }

    /// The forms that go back to the states on both sides of the change, as far as they are others than the one that is.
    fn ways_back(&self) -> AnyView {
        let action = self.of.change(&self.change.id);
        let is_now = |side: &Option<Revert>| side.as_ref().is_some_and(|revert| revert.differences.is_empty());
        let (is_after, is_before) = (is_now(&self.revert), is_now(&self.undo));
        let undo = self.undo.as_ref().filter(|undo| !undo.is_idle() || self.revert.is_none());
        let undo = undo.map(|undo| {
            // Only where later changes have left their mark does going back take them along.
            let lead = (!is_after && !is_before).then_some("What was changed after it goes back, too. ");
            undo.view(Way::Undo, lead, action.clone())
        });
        let revert = self.revert.as_ref().filter(|revert| !revert.is_idle() || undo.is_none());
        let revert = revert.map(|revert| revert.view(Way::Revert, None, action));
        view! { {undo}{revert} }.into_any()
    }

    /// The ways to the other changes of the same thing.
    fn ways(&self) -> AnyView {
        let (older, newer) = &self.neighbours;
        let link = |id: &Option<String>, words: &'static str| {
            id.as_deref().map(|id| view! { <a class="btn quiet" href=self.of.change(id)>{words}</a> })
        };
        let (older, newer) = (link(older, "The change before"), link(newer, "The change after"));
        view! {
            <div class="actions">
                <a class="btn quiet" href=self.of.address()>"All changes"</a>{older}{newer}
            </div>
        }
        .into_any()
    }

    fn facts(&self) -> AnyView {
        let change = &self.change;
        let mut rows = vec![
            ("Change", deed_of(change).into_any()),
            ("By", author(&change.actor).to_owned().into_any()),
            ("When", moment(change.at, self.now)),
        ];
        if self.of.is_of_many() {
            rows.push(("Of", view! { <code class="long">{change.target.clone()}</code> }.into_any()));
        }
        if let Some(address) = &change.address {
            rows.push(("Address", view! { <code>{address.clone()}</code> }.into_any()));
        }
        if let Some(id) = &change.request_id {
            let href = with_query(path::ACTIVITY, &[("request_id", id)]);
            rows.push(("Request ID", view! { <a class="long" href=href><code>{id.clone()}</code></a> }.into_any()));
        }
        if let Some(event) = &change.event {
            rows.push(("Activity", view! { <a href=path::event(event)>"The event"</a> }.into_any()));
        }
        facts(rows)
    }
}

/// A side of the change that a form goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// To the state that the change found.
    Undo,
    /// To the state that it made.
    Revert,
}

impl Way {
    fn title(self) -> &'static str {
        match self {
            Self::Undo => "Undo this change",
            Self::Revert => "Revert to this",
        }
    }

    /// The value of [`TO`].
    fn side(self) -> &'static str {
        match self {
            Self::Undo => BEFORE,
            Self::Revert => "after",
        }
    }
}

impl Revert {
    /// True when there is nothing to do, and nothing to say about it.
    fn is_idle(&self) -> bool {
        self.differences.is_empty() && self.again.is_none() && self.errors.is_empty()
    }

    fn view(&self, way: Way, lead: Option<&'static str>, action: String) -> AnyView {
        let why = self.again.map(|again| match again {
            Again::Conflict => {
                let end = match way {
                    Way::Revert => "so nothing was done. Below is what reverting would do now.",
                    Way::Undo => "so nothing was done. Below is what undoing would do now.",
                };
                note(Tone::Warn, TheirChange::told(self.their_change.as_ref(), end))
            }
            Again::Refused => note(Tone::Bad, "Nothing was done: the state cannot be made again as it was."),
            Again::Resumed | Again::FilledIn => {
                note(Tone::Warn, "The console had closed, so nothing was done yet. Look it over and press again.")
            }
        });
        let problems = self.errors.iter().map(|(field, problem)| {
            let problem = Locale::current().field_problem(problem);
            note(Tone::Bad, format!("{}: {problem}", label(field)))
        });
        let problems = problems.collect_view();
        if self.differences.is_empty() {
            let text = match way {
                Way::Revert => "This is how it is now.",
                Way::Undo => "It is now as it was before this change.",
            };
            return view! { {why} {problems} {section(way.title(), "", text)} }.into_any();
        }
        let list = differences(&self.differences, "", ["Now", "Then"]);
        let ends = ends(&self.differences).into_iter().map(|text| note(Tone::Warn, text)).collect_view();
        view! {
            {why}
            {problems}
            <section class="card">
                <div class="block-head"><h2>{way.title()}</h2></div>
                {list}
                {ends}
                <form class="foot" method="post" action=action>
                    <span class="tiny">{lead}"This makes a new change."</span>
                    <input type="hidden" name="version" value=self.version/>
                    <input type="hidden" name=TO value=way.side()/>
                    <button class="btn primary">{way.title()}</button>
                </form>
            </section>
        }
        .into_any()
    }
}

/// The ends of secrets, sessions and tokens that a change of these fields brings, which no other change takes back.
fn ends(differences: &[Difference]) -> Vec<&'static str> {
    let of_field = |difference: &Difference| match difference.field.as_str() {
        "token_endpoint_auth_method" => Some(
            "The client proves itself in another way then. Secrets that do not fit that end for good: make another one under its \
             credentials where it needs one.",
        ),
        "subject_type" | "sector_identifier_uri" => {
            Some("The client knows people by other names then, so all its grants and tokens end.")
        }
        "mode" | "allowed" | "blocked" => {
            Some("What clients of hosts hold that may not come then is revoked for good: people are asked again.")
        }
        "status" if difference.after.as_deref() != Some("enabled") => {
            Some("Nobody gets tokens for it then, and those that are out count for nothing.")
        }
        "enabled" if difference.after.as_deref() != Some("yes") => {
            Some("It is disabled then. A user is signed out everywhere, and a client gets nothing more.")
        }
        _ => None,
    };
    let mut ends: Vec<&str> = differences.iter().filter_map(of_field).collect();
    ends.dedup();
    ends
}

/// Fields with their values on either side.
fn differences(differences: &[Difference], none: &'static str, [before, after]: [&'static str; 2]) -> AnyView {
    if differences.is_empty() {
        return view! { <p class="block muted">{none}</p> }.into_any();
    }
    let side = |text: Option<String>| match text {
        Some(text) => view! { <td>{text}</td> }.into_any(),
        None => view! { <td class="muted">"—"</td> }.into_any(),
    };
    let rows = differences
        .iter()
        .map(|it| {
            view! { <tr><th scope="row">{label(&it.field)}</th>{side(value(&it.field, it.before.as_deref()))}{side(value(&it.field, it.after.as_deref()))}</tr> }.into_any()
        })
        .collect();
    view! { <div class="compare">{read_table("Fields", &["Field", before, after], rows)}</div> }.into_any()
}
