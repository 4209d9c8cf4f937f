//! The console, as a browser without JavaScript sees it.

mod access;
mod acting;
mod api;
mod chosen;
mod clients;
mod conflicts;
mod filters;
mod gone;
mod handover;
mod history;
mod kept;
mod keys;
pub(crate) mod lists;
mod odd_queries;
mod questions;
mod replays;
mod scopes;
mod short_lists;
mod tips;
mod trial;
mod trusts;
mod undo;
mod users;
mod wizard;

use crate::browser::Answer;

/// True for a page of the console, frame and all.
fn is_in_frame(answer: &Answer) -> bool {
    answer.body.contains("aria-label=\"Console\"") && answer.body.contains("id=\"content\"")
}

/// Sees that a form was refused with this sentence beside this field or group of fields.
fn refused(answer: &Answer, field: &str, sentence: &str) {
    assert_eq!(answer.status, axum::http::StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    let ids = [format!("id=\"field-{field}-error\""), format!("id=\"group-{field}-error\"")];
    let error = ids.iter().find_map(|id| answer.body.split(id).nth(1)).unwrap_or_default();
    let error = error.split('>').nth(1).and_then(|text| text.split('<').next()).unwrap_or_default();
    assert!(error.contains(sentence), "{field}: {error:?}");
    assert!(is_in_frame(answer));
}

/// Posts a form that makes something; the page that it leads to, or the form again.
async fn made(browser: &mut crate::browser::Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let answer = browser.post(path, fields).await;
    if answer.status.is_redirection() { browser.follow(&answer).await } else { answer }
}

/// Sees that something was done and that the page it leads to says `sentence`.
async fn done(browser: &mut crate::browser::Browser<'_>, answer: &Answer, sentence: &str) -> Answer {
    let page = browser.follow(answer).await;
    assert!(page.body.contains(sentence), "{sentence}: {}", page.body);
    page
}
