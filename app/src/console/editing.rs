//! A form of the console: the fields, and why it is shown again.

use leptos::prelude::*;
use oauth::difference::{Conflict, ConflictField, Merge};
use oauth::field::FieldErrors;
use oauth::time::Timestamp;

use super::history::author;
use super::labels::{label, value};
use crate::islands::SaveBar;
use crate::ui::{Tone, moment, note, read_table, tag};

/// A form with its fields filled in.
#[derive(Debug, Clone, Default)]
pub struct Editing<T> {
    /// As it is saved, or as it was typed.
    pub draft: T,
    pub errors: FieldErrors,
    /// The version that the draft was made from. None: the thing is new, or keeps no versions.
    pub version: Option<i64>,
    /// Why the form is shown again; none when it is opened.
    pub again: Option<Again>,
    /// After a conflict: what somebody else changed meanwhile, and what was typed.
    pub conflict: Conflict,
    /// After a conflict: the change that came in between, if the record knows it.
    pub their_change: Option<TheirChange>,
    /// The way in which the two changes are put together below.
    pub merge: Merge,
    /// The fields as they were sent, for another way.
    pub resent: Vec<(String, String)>,
}

/// The last change that was made between opening a form and saving it.
#[derive(Debug, Clone)]
pub struct TheirChange {
    /// Its page in the history.
    pub href: String,
    /// The word for its author, as the record has it.
    pub actor: String,
    /// The IP address that it came from.
    pub address: Option<String>,
    pub at: Timestamp,
    /// Changes in between, with this one.
    pub number: u64,
    pub now: Timestamp,
}

impl TheirChange {
    /// By whom, from where and when, and the way to the change. It opens beside the form, so that what was typed stays. `end` says what
    /// was not done.
    fn view(&self, end: &'static str) -> AnyView {
        let from = self.address.as_deref().map(|address| format!(" from {address}"));
        let link = if self.number > 1 {
            format!("see the last of {} changes", self.number)
        } else {
            "see the change".to_owned()
        };
        view! {
            {author(&self.actor).to_owned()} " changed this" {from} " " {moment(self.at, self.now)} ", after you opened it ("
            <a href=self.href.clone() target="_blank" rel="noopener">{link}</a> "), " {end}
        }
        .into_any()
    }

    /// The same where the record may know nothing of it.
    pub(super) fn told(change: Option<&Self>, end: &'static str) -> AnyView {
        match change {
            Some(change) => change.view(end),
            None => view! { "This was changed by someone else since you opened it, " {end} }.into_any(),
        }
    }
}

/// The field of the buttons that choose how two changes are put together.
pub const MERGE: &str = "merge";

/// The form of these buttons.
const RESEND: &str = "resend";

/// The ways, each with its words on a button.
const WAYS: [(Merge, &str); 3] = [
    (Merge::Yours, "Both; where both changed it, yours"),
    (Merge::Theirs, "Both; where both changed it, theirs"),
    (Merge::YoursAlone, "Yours alone: put back what they changed"),
];

/// Why a form that was posted is shown again. Nothing was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Fields are wrong; the errors say which.
    Refused,
    /// Somebody else saved the same thing meanwhile.
    Conflict,
    /// The console had closed. It is open again, and the form waits to be looked over.
    Resumed,
    /// It is opened by a link that says what should be changed.
    FilledIn,
}

impl<T> Editing<T> {
    /// The form of something new.
    pub fn new(draft: T) -> Self {
        Self {
            draft,
            errors: FieldErrors::default(),
            version: None,
            again: None,
            conflict: Conflict::default(),
            their_change: None,
            merge: Merge::default(),
            resent: Vec::new(),
        }
    }

    /// The form of something that is there.
    pub fn of(draft: T, version: i64) -> Self {
        Self { version: Some(version), ..Self::new(draft) }
    }

    /// The form that posts to `action`: why it is shown again, its sections, and the button `save`.
    pub(crate) fn form(&self, action: String, save: &str, sections: impl IntoView + 'static) -> AnyView {
        let version = self.version.map(|version| view! { <input type="hidden" name="version" value=version/> });
        let resend = self.resend(action.clone());
        view! {
            {self.note(&action)}
            <form class="sections" method="post" action=action>
                {version}
                {sections.into_any()}
                <SaveBar label=save.to_owned() refused=self.again.is_some()/>
            </form>
            {resend}
        }
        .into_any()
    }

    /// Why the form is shown again. `address` shows it as it is saved.
    pub(crate) fn note(&self, address: &str) -> Option<AnyView> {
        self.again.map(|again| match again {
            Again::Refused if self.version.is_none() => {
                note(Tone::Bad, "Nothing was created yet: see the fields marked below.")
            }
            Again::Refused => note(Tone::Bad, "Nothing was saved yet: see the fields marked below."),
            Again::Conflict => self.conflict_note(address.to_owned()),
            Again::FilledIn => {
                note(Tone::Plain, "The change is filled in below, and not saved yet: look it over and save.")
            }
            Again::Resumed => note(
                Tone::Warn,
                "The console had closed, so nothing was saved yet. What you typed is below: look it over and save. \
                 Passwords are not kept.",
            ),
        })
    }

    /// Saving again after a conflict is a decision: the form carries the version that it now competes with, and what was typed on top
    /// of it.
    fn conflict_note(&self, reload: String) -> AnyView {
        let Conflict { fields, knows_before } = &self.conflict;
        let who = TheirChange::told(self.their_change.as_ref(), "so nothing was saved. ");
        if fields.is_empty() {
            let text = view! {
                {who}
                "What you typed is still below: save again to replace their change, or "
                <a href=reload>"load the current state"</a>
                "."
            };
            return note(Tone::Warn, text);
        }
        let below = match (*knows_before, self.merge) {
            (false, _) => "What you typed is still below: save again to put it in the place of theirs, or ",
            (true, Merge::Yours) => "Below is your change on top of theirs: save again to keep both, or ",
            (true, Merge::Theirs) => "Below is their change on top of yours: save again to keep both, or ",
            (true, Merge::YoursAlone) => "Below is your change alone: save again to put back what they changed, or ",
        };
        let text = view! {
            {who} {below}
            <a href=reload>"load the current state"</a>" without your change."
        };
        let merge = knows_before.then_some(self.merge);
        let rows = fields.iter().map(|field| conflict_row(field, merge)).collect();
        view! {
            {note(Tone::Warn, text)}
            <section class="card compare">
                <div class="block-head"><h2>"Theirs and yours"</h2></div>
                {read_table("Theirs and yours", &["Field", "-Before", "Theirs", "Yours"], rows)}
                {merge.map(ways)}
            </section>
        }
        .into_any()
    }

    /// The form of the buttons that choose another way: it sends again what was sent first, and saves nothing.
    fn resend(&self, action: String) -> Option<AnyView> {
        let field = |(name, value): &(String, String)| {
            view! { <input type="hidden" name=name.clone() value=value.clone()/> }
        };
        let fields = self.resent.iter().map(field).collect_view();
        let form = || view! { <form id=RESEND method="post" action=action>{fields}</form> }.into_any();
        (!self.resent.is_empty()).then(form)
    }
}

/// The ways to put the two together.
fn ways(chosen: Merge) -> AnyView {
    let buttons = WAYS.map(|(way, words)| {
        let pressed = if way == chosen { "true" } else { "false" };
        view! {
            <button class="btn" form=RESEND name=MERGE value=way.as_str() aria-pressed=pressed>{words}</button>
        }
    });
    view! { <div class="foot wraps ways"><span>"Put together below:"</span>{buttons.collect_view()}</div> }.into_any()
}

/// A field of both. `merge`: the value that stands below is marked.
fn conflict_row(field: &ConflictField, merge: Option<Merge>) -> AnyView {
    let taken = merge.map(|merge| field.takes_yours(merge));
    let mark = |is_taken: bool| is_taken.then(|| view! { <div>{tag(Tone::Good, "Below")}</div> });
    let side = |text: &str| {
        let text = Some(text).filter(|text| !text.is_empty());
        value(field.field, text).unwrap_or_else(|| "—".to_owned())
    };
    let both = (merge.is_some() && field.is_of_both()).then(|| tag(Tone::Warn, "Both"));
    view! {
        <tr>
            <th scope="row">{label(field.field)}" "{both}</th>
            <td class="wide">{side(field.before.as_deref().unwrap_or_default())}</td>
            <td>{side(&field.theirs)}{mark(taken == Some(false))}</td>
            <td>{side(&field.yours)}{mark(taken == Some(true))}</td>
        </tr>
    }
    .into_any()
}
