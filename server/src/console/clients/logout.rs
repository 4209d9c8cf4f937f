//! `/admin/ui/clients/{client_id}/logout`: how the client is told that a session ended, and what became of that.

use app::console::clients::logout::{About, ClientLogoutPage, LogoutMessage, MessageState};
use app::console::{Flash, path};
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{Delivery, LogoutRow};
use oauth::id::{ClientId, SessionId};

use crate::console::admin::{Admin, done};
use crate::console::paging::{PER_PAGE, PageQuery, Spot};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    mut query: PageQuery,
) -> Result<Response, Failure> {
    let client = signet.idp.get_client(&ClientId::new(client_id)).await?.client;
    let mut spot = Spot::read(&query.form);
    query.only_walked(&[]);
    let mut found = signet.idp.list_logouts(&client.client_id, spot.cursor(), PER_PAGE).await;
    if spot.is_left(&found) {
        found = signet.idp.list_logouts(&client.client_id, None, PER_PAGE).await;
    }
    let (found, total) = (found?, signet.idp.count_logouts(&client.client_id).await?);
    let page = ClientLogoutPage {
        walked: spot.walked(&found, total, LogoutRow::place),
        rows: found.rows.into_iter().map(row).collect(),
        client,
        unread: query.unread,
        now: signet.idp.now(),
    };
    Ok(admin.ok(|console| page.render(console)))
}

fn row(row: LogoutRow) -> LogoutMessage {
    LogoutMessage {
        sid: row.sid.into_string(),
        about: match row.user {
            Some(user) => About::User(user.into_string(), row.username),
            None => About::Test,
        },
        ended_at: row.ended_at,
        attempts: row.attempts,
        tried_at: row.tried_at,
        answer: row.answer,
        state: match row.delivery {
            Delivery::Done => MessageState::Done,
            Delivery::Waiting(next) => MessageState::Waiting(next),
            Delivery::GivenUp => MessageState::GivenUp,
        },
    }
}

/// Sends a logout token about nobody.
pub(super) async fn test(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
) -> Result<Response, Failure> {
    admin.actor()?;
    let client_id = signet.idp.get_client(&ClientId::new(client_id)).await?.client.client_id;
    answer(&client_id, signet.idp.test_logout(&client_id).await)
}

/// Sends the message about the session that the form names again.
pub(super) async fn send(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    admin.actor()?;
    let client_id = signet.idp.get_client(&ClientId::new(client_id)).await?.client.client_id;
    let sid = SessionId::new(form.text("sid"));
    answer(&client_id, signet.idp.send_logout_again(&client_id, &sid).await)
}

fn answer(client_id: &ClientId, sent: Result<Delivery, idp::Error>) -> Result<Response, Failure> {
    let flash = match sent {
        Ok(Delivery::Done) => Flash::MessageTaken,
        Ok(Delivery::Waiting(_) | Delivery::GivenUp) => Flash::MessageNotTaken,
        Err(idp::Error::NotFound) => Flash::MessageGone,
        Err(error) => return Err(error.into()),
    };
    Ok(done(&path::client_part(client_id.as_str(), "logout"), flash))
}
