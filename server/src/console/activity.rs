//! `/admin/ui/activity`, the same of a client and of a user, the list as a file, and one event.

use app::console::activity::{About, ActivityPage, EventPage, EventRow};
use app::console::listed::Walked;
use app::console::{Flash, path};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use oauth::activity::{Event, EventFilter};
use oauth::id::{ClientId, Subject};
use oauth::time::Timestamp;

use super::admin::Admin;
use super::paging::{PageQuery, SPOT, Spot};
use crate::explain;
use crate::export::{self, Format};
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::http::see_other;
use crate::state::Signet;

/// Events on a page.
pub(super) const PER_PAGE: u64 = 50;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, query: PageQuery) -> Result<Response, Failure> {
    let page = page(&signet, query, About::All, |_| {}).await?;
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn of_client(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    query: PageQuery,
) -> Result<Response, Failure> {
    let client = signet.idp.get_client(&ClientId::new(client_id)).await?.client;
    let id = client.client_id.clone();
    let page = page(&signet, query, About::Client(Box::new(client)), |filter| filter.client = Some(id)).await?;
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn of_user(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    query: PageQuery,
) -> Result<Response, Failure> {
    let user = signet.idp.get_user(&Subject::new(subject)).await?.user;
    let subject = user.subject.clone();
    let page = page(&signet, query, About::User(Box::new(user)), |filter| filter.user = Some(subject)).await?;
    Ok(admin.ok(|console| page.render(console)))
}

/// The list as a file. What cannot be read of the query is said by the list.
pub(super) async fn export(
    State(signet): State<Signet>,
    _: Admin,
    RawQuery(raw): RawQuery,
    Query(query): Query,
) -> Result<Response, Failure> {
    let Ok(query) = query else {
        return Ok(see_other(&format!("{}?{}", path::ACTIVITY, raw.unwrap_or_default())));
    };
    let (filter, unread) = EventFilter::read(&query, &["format"], signet.idp.now());
    match Format::find(&query.text("format")) {
        Some(format) if unread.is_empty() => {
            let filter = signet.idp.by_subject(&filter).await?;
            Ok(export::file(&signet.idp, filter, None, format).await?)
        }
        Some(_) => Ok(see_other(&format!("{}?{}", path::ACTIVITY, query.without("format").encode()))),
        None => Ok(see_other(&format!("{}?{}", path::ACTIVITY, query.encode()))),
    }
}

pub(super) async fn event(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let event = signet.idp.get_event(&id).await?;
    let explained = explain::of_event(&signet.idp, &event).await?;
    let page = EventPage { row: row(&signet, event).await?, explained, now: signet.idp.now() };
    Ok(admin.ok(|console| page.render(console)))
}

async fn page(
    signet: &Signet,
    PageQuery { form: query, unread: broken }: PageQuery,
    about: About,
    narrow: impl FnOnce(&mut EventFilter),
) -> Result<ActivityPage, Failure> {
    let now = signet.idp.now();
    let mut spot = Spot::read(&query);
    let [after, before, number] = SPOT;
    let (mut filter, mut unread) = EventFilter::read(&query, &[after, before, number, Flash::PARAMETER], now);
    unread.extend(broken);
    narrow(&mut filter);
    let which = signet.idp.by_subject(&filter).await?;
    let (mut found, count) =
        tokio::join!(signet.idp.events(&which, spot.cursor(), PER_PAGE), signet.idp.count_events(&which));
    if spot.is_left(&found) {
        found = signet.idp.events(&which, None, PER_PAGE).await;
    }
    let (found, count) = (found?, count?);
    let walked = Walked { per_page: PER_PAGE, ..spot.walked(&found, count.lines, |event| event.id.clone()) };
    let events = rows(signet, found.rows).await?;
    let is_read = !unread.iter().any(|name| name == "within");
    let is_by_clock = Timestamp::read(query.text("since").trim()).is_some();
    let within = Some(query.text("within")).filter(|_| is_read && !is_by_clock).unwrap_or_default();
    Ok(ActivityPage { about, events, filter, within, unread, walked, told: count.told, now })
}

/// Lines of the list.
pub(super) async fn rows(signet: &Signet, events: Vec<Event>) -> Result<Vec<EventRow>, Failure> {
    let (users, mut targets) = tokio::try_join!(signet.idp.name_users(&events), signet.idp.name_targets(&events))?;
    let row = |event: Event| {
        let username = event.user.as_ref().and_then(|user| users.get(user)).cloned();
        EventRow { username, target: targets.remove(&event.id), event }
    };
    Ok(events.into_iter().map(row).collect())
}

/// A line of the list.
pub(super) async fn row(signet: &Signet, event: Event) -> Result<EventRow, Failure> {
    rows(signet, vec![event]).await?.pop().ok_or(Failure::Provider(idp::Error::NotFound))
}
