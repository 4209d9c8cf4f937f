//! Things that were deleted: their pages say so, and lead to what is left of them.

use app::console::history::{Gone, GoneKind};
use app::console::path;
use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams};
use axum::http::request::Parts;
use idp::{Error, Recordable, Target};

use super::history::find;
use super::paging::PageQuery;
use crate::state::Signet;

/// The thing that the address of a request is of, when it was deleted. An address below a thing begins with its ID; that of a scope
/// has its name as a parameter.
pub(super) async fn find_gone(parts: &mut Parts, signet: &Signet) -> Option<Gone> {
    let target = target_of(parts, signet).await?;
    // Whatever fails here leaves the plain page, which is true as well.
    match find(signet, &target).await {
        Err(Error::NotFound) => gone(signet, &target).await.ok().flatten(),
        Ok(_) | Err(_) => None,
    }
}

async fn target_of(parts: &mut Parts, signet: &Signet) -> Option<Target> {
    let matched = parts.extensions.get::<MatchedPath>()?.as_str().to_owned();
    if matched.strip_prefix(path::SCOPES).is_some_and(|rest| rest.starts_with('/')) {
        let name = PageQuery::parse(parts.uri.query()?).text("name");
        return (!name.is_empty()).then(|| Target::new(Recordable::Scope, name));
    }
    let (_, kind) = [
        (path::CLIENTS, Recordable::Client),
        (path::USERS, Recordable::User),
        (path::RESOURCES, Recordable::Resource),
        (path::TRUSTS, Recordable::Trust),
    ]
    .into_iter()
    .find(|(list, _)| matched.strip_prefix(list).is_some_and(|rest| rest.starts_with("/{")))?;
    let params = RawPathParams::from_request_parts(parts, signet).await.ok()?;
    params.iter().next().map(|(_, id)| Target::new(kind, id))
}

/// A thing that is not here, if it was deleted. One that no change is recorded of was never here.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn gone(signet: &Signet, target: &Target) -> Result<Option<Gone>, Error> {
    let (Some(kind), Some(id)) = (kind_of(target.kind), target.id.clone()) else { return Ok(None) };
    if signet.idp.history(target, None, 1).await?.rows.is_empty() {
        return Ok(None);
    }
    Ok(Some(Gone { kind, id, in_bin: signet.idp.find_in_bin(target).await? }))
}

/// None: it is always here.
fn kind_of(kind: Recordable) -> Option<GoneKind> {
    match kind {
        Recordable::Client => Some(GoneKind::Client),
        Recordable::Scope => Some(GoneKind::Scope),
        Recordable::Resource => Some(GoneKind::Resource),
        Recordable::Trust => Some(GoneKind::Trust),
        Recordable::User => Some(GoneKind::User),
        Recordable::Key | Recordable::Registration | Recordable::ClientHosts | Recordable::Settings => None,
    }
}
