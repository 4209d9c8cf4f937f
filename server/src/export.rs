//! Lists of events as files: a line for each event, read a part at a time and sent as they are taken. However long the list is, little
//! of it is in memory, and when the caller goes away nothing more is read.

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use idp::{Idp, Stretch};
use oauth::activity::{Event, EventFilter};
use oauth::listing::Cursor;
use oauth::time::Timestamp;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::admin_api::EventAnswer;

/// Events that are read at once.
const TOGETHER: u64 = 500;

/// The first line of a CSV file.
const HEAD: &str = "id,time,kind,outcome,error,request_id,user,client_id,scope,address,user_agent,count,facts\r\n";

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// RFC 4180, with a head.
    Csv,
    /// An object in each line, as the admin API answers them.
    JsonLines,
}

/// The rest of a list.
enum Rest {
    Read(Stretch<Event>),
    Behind(String),
    Nothing,
}

impl Format {
    pub(crate) fn find(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/x-ndjson",
        }
    }

    fn head(self) -> &'static str {
        match self {
            Self::Csv => HEAD,
            Self::JsonLines => "",
        }
    }

    fn write(self, event: Event, out: &mut String) {
        match self {
            Self::Csv => write_line(&event, out),
            Self::JsonLines => {
                out.push_str(&serde_json::to_string(&EventAnswer::from(event)).unwrap_or_default());
                out.push('\n');
            }
        }
    }
}

/// A file of the events that the filter finds, the newest first: of those behind a place in the list, or of all.
///
/// # Errors
/// `NotFound` when the place is no ID, or when the database does not answer. Where it stops answering later, the file breaks off.
pub(crate) async fn file(
    idp: &Idp,
    filter: EventFilter,
    place: Option<&Cursor>,
    format: Format,
) -> Result<Response, idp::Error> {
    let first = idp.events(&filter, place, TOGETHER).await?;
    let name = format!("signet-activity-{}.{}", day(idp.now()), format.extension());
    let idp = idp.clone();
    let parts = stream::try_unfold(Rest::Read(first), move |rest| {
        let (idp, filter) = (idp.clone(), filter.clone());
        async move { part(&idp, &filter, rest, format).await }
    });
    let head = stream::iter([Ok(Bytes::from_static(format.head().as_bytes()))]);
    let body = Body::from_stream(stream::StreamExt::chain(head, parts));
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(format!("attachment; filename=\"{name}\""))
                .unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, body).into_response())
}

/// The next lines, and what comes after them.
async fn part(
    idp: &Idp,
    filter: &EventFilter,
    rest: Rest,
    format: Format,
) -> Result<Option<(Bytes, Rest)>, idp::Error> {
    let found = match rest {
        Rest::Nothing => return Ok(None),
        Rest::Read(found) => found,
        Rest::Behind(last) => idp
            .events(filter, Some(&Cursor::After(last)), TOGETHER)
            .await
            .inspect_err(|error| tracing::warn!(%error, "an export broke off"))?,
    };
    let last = found.rows.last().filter(|_| found.is_more).map(|event| event.id.clone());
    let mut lines = String::new();
    found.rows.into_iter().for_each(|event| format.write(event, &mut lines));
    Ok(Some((lines.into(), last.map_or(Rest::Nothing, Rest::Behind))))
}

fn day(at: Timestamp) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.0).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

fn instant(at: Timestamp) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.0).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z")).unwrap_or_default()
}

fn write_line(event: &Event, out: &mut String) {
    let facts =
        if event.facts.is_empty() { String::new() } else { serde_json::Value::from(event.facts.clone()).to_string() };
    let (at, count) = (instant(event.at), event.count.to_string());
    let cells = [
        Some(event.id.as_str()),
        Some(&at),
        Some(event.kind.as_str()),
        Some(event.outcome.as_str()),
        event.error.as_deref(),
        event.request_id.as_deref(),
        event.user.as_ref().map(oauth::id::Subject::as_str),
        event.client.as_ref().map(oauth::id::ClientId::as_str),
        event.scope.as_deref(),
        event.address.as_deref(),
        event.agent.as_deref(),
        Some(&count),
        Some(&facts),
    ];
    for (number, cell) in cells.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        write_cell(cell.unwrap_or_default(), out);
    }
    out.push_str("\r\n");
}

/// A cell of RFC 4180 §2. A spreadsheet takes what begins with certain characters for a formula, and some begin a new cell at a semicolon
/// or a tab: an apostrophe before it makes it a text.
fn write_cell(text: &str, out: &mut String) {
    let mut plain = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        if begins && matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n') {
            plain.push('\'');
        }
        begins = matches!(c, ',' | ';' | '\t' | '\r' | '\n' | '"');
        plain.push(c);
    }
    if plain.contains([',', ';', '"', '\t', '\r', '\n']) {
        out.push('"');
        out.push_str(&plain.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(&plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_a_stranger_wrote() {
        for (text, cell) in [
            ("", ""),
            ("plain text", "plain text"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("\t=1", "\"'\t'=1\""),
            ("\r=1", "\"'\r'=1\""),
            ("a;=cmd|' /C calc'!A0", "\"a;'=cmd|' /C calc'!A0\""),
            ("{\"uri\":\"=1\"}", "\"{\"\"uri\"\":\"\"'=1\"\"}\""),
            ("2-1=1", "2-1=1"),
            ("line\nline", "\"line\nline\""),
        ] {
            let mut out = String::new();
            write_cell(text, &mut out);
            assert_eq!(out, cell, "{text:?}");
        }
    }
}
