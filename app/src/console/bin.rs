//! The recycle bin: what was deleted and can be restored.

use leptos::prelude::*;
use oauth::time::Timestamp;

use super::choosing::lost_place;
use super::frame::Entry;
use super::history::author;
use super::listed::Walked;
use super::question::Question;
use super::{Console, path};
use crate::text::Locale;
use crate::ui::{Crumb, Tone, empty, left_out, moment, note, page_head, table, tag, word_of};
use oauth::field::FieldProblem;

/// Something in the bin.
#[derive(Debug, Clone)]
pub struct BinRow {
    pub id: String,
    /// `client`, `user` or `scope`.
    pub kind: &'static str,
    pub name: String,
    /// Client ID, subject, or name of the scope.
    pub target: String,
    /// The word for whoever deleted it.
    pub actor: String,
    pub deleted_at: Timestamp,
    /// The time at which it is erased.
    pub leaves_at: Timestamp,
}

/// The bin, the newest first. Restoring sends `id`. The list is a GET: `after` or `before` name a thing that the page begins behind or ends
/// before, `page` its number, and `id` the only thing that is shown.
#[derive(Debug, Clone)]
pub struct BinPage {
    pub rows: Vec<BinRow>,
    /// Days that things stay; 0: nothing comes here.
    pub days: i64,
    /// A thing that could not be restored, and the reason.
    pub refused: Option<(BinRow, FieldProblem)>,
    /// None: one thing is shown alone.
    pub walked: Option<Walked>,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    pub now: Timestamp,
}

/// The question whether to erase something for ever.
#[derive(Debug, Clone)]
pub struct ErasurePage {
    pub row: BinRow,
}

/// The fate of something that is deleted, behind `it` or `they`. `days`: those that things stay in the bin.
pub(super) fn fate(days: i64, are_many: bool) -> AnyView {
    if days == 0 {
        return if are_many { "are erased at once and for ever" } else { "is erased at once and for ever" }.into_any();
    }
    let (lies, is) = if are_many { ("lie", "are") } else { ("lies", "is") };
    let days = word_of(days.unsigned_abs(), "day", "days");
    view! { {format!("{lies} in the ")}<a href=path::BIN>"recycle bin"</a>{format!(" for {days}, and {is} erased then")} }
        .into_any()
}

fn kind_name(kind: &str) -> &'static str {
    match kind {
        "client" => "Client",
        "user" => "User",
        _ => "Scope",
    }
}

impl BinPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Bin), "Recycle bin", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let lead = match self.days {
            0 => "Nothing is kept: what is deleted is erased at once (BIN_DAYS).".to_owned(),
            1 => "What you delete can be restored for a day. Meanwhile it is dead: nobody signs in by it.".to_owned(),
            days => {
                format!("What you delete can be restored for {days} days. Meanwhile it is dead: nobody signs in by it.")
            }
        };
        let refused = self.refused.as_ref().map(|(row, problem)| note(Tone::Bad, refusal(row, problem)));
        let rows: Vec<_> = self.rows.iter().map(|row| line(row, self.now)).collect();
        let list = if rows.is_empty() {
            let words = match self.days {
                0 => "Clients, users and scopes that you delete are erased at once and for ever.".to_owned(),
                days => {
                    let days = word_of(days.unsigned_abs(), "day", "days");
                    format!("Clients, users and scopes that you delete lie here for {days}.")
                }
            };
            empty("Nothing here", words, ())
        } else {
            let foot = match &self.walked {
                Some(walked) => walked.foot(path::BIN, &[], self.rows.len()),
                None => view! { <div class="foot"><a class="btn" href=path::BIN>"The whole bin"</a></div> }.into_any(),
            };
            let table = table("Recycle bin", &["Name", "-By", "-Deleted", "-Erased", ""], rows);
            view! { {table} {foot} }.into_any()
        };
        let lost = lost_place(self.walked.as_ref().is_some_and(|walked| walked.place.is_lost));
        view! {
            {page_head(Vec::new(), "Recycle bin", lead, ())}
            {left_out(&self.unread)}
            {lost}
            {refused}
            <section class="card">{list}</section>
        }
    }
}

/// The thing that has the name.
fn taken(kind: &str) -> &'static str {
    match kind {
        "client" => "another client has that ID",
        "user" => "another user has that name or email address",
        _ => "another scope has that name",
    }
}

/// The sentence for a thing that could not be restored.
fn refusal(row: &BinRow, problem: &FieldProblem) -> String {
    match problem {
        FieldProblem::Taken => {
            let (name, other) = (&row.name, taken(row.kind));
            format!("{name} was not restored: {other} by now. Change or delete that one first.")
        }
        problem => format!("{} was not restored: {}", row.name, Locale::current().field_problem(problem)),
    }
}

fn line(row: &BinRow, now: Timestamp) -> AnyView {
    let target = (row.target != row.name)
        .then(|| view! { <div class="tiny"><code class="long">{row.target.clone()}</code></div> });
    let (of, by) = (format!(" {}", row.name), author(&row.actor).to_owned());
    view! {
        <tr>
            <td>
                <span class="name">{row.name.clone()}</span>" "{tag(Tone::Plain, kind_name(row.kind))}
                {target}
                <div class="tiny slim">{by.clone()}" · "{moment(row.deleted_at, now)}</div>
                <div class="tiny slim">"Erased "{moment(row.leaves_at, now)}</div>
            </td>
            <td class="wide">{by}</td>
            <td class="num wide">{moment(row.deleted_at, now)}</td>
            <td class="num wide">{moment(row.leaves_at, now)}</td>
            <td class="end">
                <form class="row-actions" method="post" action=path::BIN_RESTORE>
                    <button class="btn" name="id" value=row.id.clone()>"Restore"<span class="visually-hidden">{of.clone()}</span></button>
                    <a class="btn danger" href=path::erasure(&row.id)>"Delete for ever"<span class="visually-hidden">{of}</span></a>
                </form>
            </td>
        </tr>
    }
    .into_any()
}

impl ErasurePage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Bin), "Delete for ever", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let row = self.row;
        let what_follows = match row.kind {
            "user" => {
                "Their claims, password and consents are erased, and what the record of changes and the activity say of them. \
                 Their subject is never given to anybody else, by an import neither."
            }
            "client" => "Its settings, the digests of its secrets and what people allowed it are erased.",
            _ => "Its description and its claims are erased. What people agreed about it does not come back.",
        };
        let about = view! { <span class="name">{row.name.clone()}</span>" "{tag(Tone::Plain, kind_name(row.kind))} };
        Question {
            crumbs: vec![Crumb::new("Recycle bin", path::BIN)],
            title: "Delete for ever",
            about: about.into_any(),
            text: view! { <p>{what_follows}" This cannot be taken back."</p> }.into_any(),
            action: path::BIN_ERASE.to_owned(),
            hidden: vec![("id".to_owned(), row.id)],
            button: "Delete for ever",
            back: path::BIN.to_owned(),
        }
        .view()
    }
}
