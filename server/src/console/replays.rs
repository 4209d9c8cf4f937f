//! The replays of refresh tokens, as the pages of a client and of a user show them.

use app::console::path;
use app::console::replays::{ReplayRow, TokenUse};
use idp::Replay;
use oauth::id::{ClientId, Subject};

use crate::state::Signet;

/// Those of a client, each with its user.
pub(super) async fn of_client(signet: &Signet, client_id: &ClientId) -> Result<Vec<ReplayRow>, idp::Error> {
    let mut rows = Vec::new();
    for replay in signet.idp.replays_of_client(client_id).await? {
        let of = match &replay.subject {
            Some(subject) => {
                let user = signet.idp.find_user(subject).await?;
                let name = user.map_or_else(|| subject.to_string(), |user| user.username.clone());
                Some((name, path::user(subject.as_str())))
            }
            None => None,
        };
        rows.push(row(of, replay));
    }
    Ok(rows)
}

/// Those of a user, each with its client.
pub(super) async fn of_user(signet: &Signet, subject: &Subject) -> Result<Vec<ReplayRow>, idp::Error> {
    let replays = signet.idp.replays_of_user(subject).await?;
    let link = |replay: &Replay| (replay.client_id.to_string(), path::client(replay.client_id.as_str()));
    Ok(replays.into_iter().map(|replay| row(Some(link(&replay)), replay)).collect())
}

fn row(of: Option<(String, String)>, replay: Replay) -> ReplayRow {
    let by = |by: idp::TokenUse| TokenUse { at: by.at, address: by.address, agent: by.agent };
    ReplayRow { of, first: by(replay.first), last: by(replay.last) }
}
