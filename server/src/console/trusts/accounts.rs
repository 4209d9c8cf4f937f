//! `/admin/ui/trusts/{id}/accounts`: the accounts of people whom an identity provider vouches for.

use app::console::trusts::accounts::{AccountLink, FROM, FROM_USER, TrustAccountsPage, UnlinkPage};
use app::console::{Again, Editing, Flash, path};
use axum::extract::{Path, State};
use axum::response::Response;
use idp::Error;
use oauth::form::Form;
use oauth::id::TrustId;
use oauth::trust::{LinkDraft, Trust, TrustKind};

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after};
use crate::console::listed::address;
use crate::console::paging::{PER_PAGE, PageQuery, Spot};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

/// The links beside the one that `?after=` or `?before=` names. `?subject=` and `?user=` are what was typed before something else was asked.
pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    mut query: PageQuery,
) -> Result<Response, Failure> {
    query.only_walked(&["subject", "user"]);
    let trust = identity_provider(&signet, &TrustId::new(id)).await?;
    let draft = typed(&query.form);
    // Whoever made the address may be somebody else.
    let again = (draft != LinkDraft::default()).then_some(Again::FilledIn);
    let spot = Spot::read(&query.form);
    let page = page(&signet, trust, spot, Editing { again, ..Editing::new(draft) }).await?;
    let page = TrustAccountsPage { unread: query.unread, ..page };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn link(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let id = TrustId::new(id);
    let trust = identity_provider(&signet, &id).await?;
    let sent = Sent::read(&form, typed(&form));
    let link = async { Ok::<_, Unsaved>(signet.idp.link_account(admin.actor()?, &id, &sent.draft).await?) };
    match link.await {
        Ok(_) => Ok(done(&path::trust_part(id.as_str(), "accounts"), Flash::Linked)),
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let page = page(&signet, trust, Spot::default(), editing).await?;
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

/// The question before a link is ended.
pub(super) async fn ask(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let trust = identity_provider(&signet, &TrustId::new(id)).await?;
    let query = query.unwrap_or_default();
    let link = signet.idp.get_link(&trust.id, &query.text("id")).await?;
    let is_of_user = query.text(FROM) == FROM_USER;
    let page = UnlinkPage { link: account_link(link), trust, is_of_user, draft: typed(&query) };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn end(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let id = TrustId::new(id);
    let link = signet.idp.unlink_account(admin.actor()?, &id, &form.text("id")).await?;
    if form.text(FROM) == FROM_USER {
        return Ok(done(&path::user_part(link.user.as_str(), "security"), Flash::Unlinked));
    }
    let LinkDraft { subject, user } = typed(&form);
    let typed = [("subject", subject), ("user", user)].into_iter().filter(|(_, text)| !text.is_empty());
    Ok(done(&address(&path::trust_part(id.as_str(), "accounts"), typed.collect()), Flash::Unlinked))
}

/// The link that somebody is about to make.
fn typed(form: &Form) -> LinkDraft {
    let mut draft = LinkDraft::default();
    let Ok(()) = draft.take(form);
    draft
}

/// The trust, if it has accounts.
async fn identity_provider(signet: &Signet, id: &TrustId) -> Result<Trust, Error> {
    let trust = signet.idp.get_trust(id).await?.trust;
    if trust.kind() == TrustKind::IdentityProvider { Ok(trust) } else { Err(Error::NotFound) }
}

async fn page(
    signet: &Signet,
    trust: Trust,
    mut spot: Spot,
    editing: Editing<LinkDraft>,
) -> Result<TrustAccountsPage, Error> {
    let mut found = signet.idp.list_links(&trust.id, spot.cursor(), PER_PAGE).await;
    if spot.is_left(&found) {
        found = signet.idp.list_links(&trust.id, None, PER_PAGE).await;
    }
    let (found, total) = (found?, signet.idp.count_links(&trust.id).await?);
    let walked = spot.walked(&found, total, |row| row.id.clone());
    let links = found.rows.into_iter().map(account_link).collect();
    Ok(TrustAccountsPage { trust, links, walked, editing, unread: Vec::new(), now: signet.idp.now() })
}

fn account_link(row: idp::LinkRow) -> AccountLink {
    AccountLink {
        id: row.id,
        there: row.subject,
        user: row.user.to_string(),
        username: row.username,
        created_at: row.created_at,
    }
}
