//! Charts of bars: drawn without script, and beside each a table that says the same in words.

use leptos::prelude::*;
use oauth::time::Timestamp;

use super::{count, date, hour, read_table};

/// The height of the drawing, in its own units.
const HEIGHT: u64 = 100;

/// The width of a bar with the gap beside it.
const WIDTH: usize = 10;

/// The height at which something is drawn that is too little to be seen.
const LEAST: u64 = 2;

/// A bar: what went well below, what was refused on top of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    pub at: Timestamp,
    pub ok: u64,
    pub refused: u64,
}

/// A part of a bar that has a list of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    Ok,
    Refused,
}

/// Bars, each `step` seconds long, and the address of the list behind a part of one.
pub(crate) struct Chart<'a> {
    pub(crate) title: &'static str,
    pub(crate) bars: &'a [Bar],
    pub(crate) step: i64,
    /// Nothing of it went well: only refusals are shown.
    pub(crate) only_refusals: bool,
    pub(crate) list: &'a dyn Fn(&Bar, Part) -> String,
}

impl Bar {
    fn all(&self) -> u64 {
        self.ok.saturating_add(self.refused)
    }
}

impl Chart<'_> {
    pub(crate) fn view(&self) -> AnyView {
        let most = self.bars.iter().map(Bar::all).max().unwrap_or_default();
        let bars = self.bars.iter().enumerate().map(|(number, bar)| self.bar(number, bar, most.max(1))).collect_view();
        let span = match self.step {
            3_600 => "an hour",
            86_400 => "a day",
            _ => "in 6 hours",
        };
        let begin = self.bars.first().map(|bar| hour(bar.at));
        let size = format!("0 0 {} {HEIGHT}", self.bars.len() * WIDTH);
        view! {
            <svg class="chart" viewBox=size preserveAspectRatio="none" aria-hidden="true" focusable="false">{bars}</svg>
            <div class="axis tiny">
                <span>{begin}</span>
                {(most > 0).then(|| view! { <span>{format!("up to {} {span}", count(most))}</span> })}
                <span>"now"</span>
            </div>
            <details class="figures">
                <summary>{format!("{} as a table", self.title)}</summary>
                {self.table()}
            </details>
        }
        .into_any()
    }

    fn bar(&self, number: usize, bar: &Bar, most: u64) -> AnyView {
        let height = |part: u64| if part == 0 { 0 } else { (part.saturating_mul(HEIGHT) / most).clamp(LEAST, HEIGHT) };
        let refused = height(bar.refused);
        let ok = height(bar.ok).min(HEIGHT - refused);
        let x = (number * WIDTH + 1).to_string();
        let rect = |class: &'static str, y: u64, height: u64| {
            view! { <rect class=class x=x.clone() y=y.to_string() width="8" height=height.to_string()></rect> }
        };
        let said = if self.only_refusals {
            format!("{}: {} refused", date(bar.at), count(bar.refused))
        } else {
            format!("{}: {} OK, {} refused", date(bar.at), count(bar.ok), count(bar.refused))
        };
        let drawn = view! {
            <title>{said}</title>
            {rect("whole", 0, HEIGHT)}
            {(ok > 0).then(|| rect("ok", HEIGHT - ok, ok))}
            {(refused > 0).then(|| rect("refused", HEIGHT - ok - refused, refused))}
        };
        if bar.all() == 0 {
            view! { <g>{drawn}</g> }.into_any()
        } else {
            view! { <a href=(self.list)(bar, Part::All) tabindex="-1">{drawn}</a> }.into_any()
        }
    }

    fn table(&self) -> AnyView {
        let heads: &[&str] = if self.only_refusals { &["From", "Refused"] } else { &["From", "OK", "Refused"] };
        let rows = self.bars.iter().map(|bar| {
            let ok = (!self.only_refusals)
                .then(|| view! { <td class="num end">{figure(bar.ok, (self.list)(bar, Part::Ok))}</td> });
            let refused = figure(bar.refused, (self.list)(bar, Part::Refused));
            view! { <tr><td class="num">{date(bar.at)}</td>{ok}<td class="num end">{refused}</td></tr> }.into_any()
        });
        read_table(self.title, heads, rows.collect())
    }
}

/// A number that leads to the list of what it counts.
pub(crate) fn figure(number: u64, href: String) -> AnyView {
    if number == 0 { "0".into_any() } else { view! { <a href=href>{count(number)}</a> }.into_any() }
}
