//! The history of a thing, one of its changes, and the way back: `…/history` and `…/history/{id}`.

use app::console::history::{ChangePage, HistoryOf, HistoryPage, Revert};
use app::console::{Again, Flash, path};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use idp::{Recordable, Side, Target};
use oauth::difference::ChangeRecord;
use oauth::field::FieldErrors;
use oauth::form::Form;
use oauth::id::{ClientId, ResourceId, Subject, TrustId};

use super::admin::{Admin, done};
use super::editing::{Unsaved, change_since, status};
use super::gone::gone;
use super::paging::{PER_PAGE, PageQuery, Spot};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    let history = |of: fn(String) -> Target| {
        get(move |signet, admin, Path(id): Path<String>, query| list(signet, admin, of(id), query))
    };
    let change = |of: fn(String) -> Target| {
        get(move |signet, admin, Path((id, change)): Path<(String, String)>| show(signet, admin, of(id), change)).post(
            move |signet, admin, Path((id, change)): Path<(String, String)>, form| {
                revert(signet, admin, of(id), change, form)
            },
        )
    };
    let mut routes = Router::new();
    for (list, of) in [
        (path::client_part("{id}", "history"), client as fn(String) -> Target),
        (path::resource_part("{id}", "history"), resource),
        (path::trust_part("{id}", "history"), trust),
        (path::user_part("{id}", "history"), user),
    ] {
        routes = routes.route(&format!("{list}/{{change}}"), change(of)).route(&list, history(of));
    }
    for (list_path, kind) in [
        (path::KEY_HISTORY, Recordable::Key),
        (path::REGISTRATION_HISTORY, Recordable::Registration),
        (path::HOST_HISTORY, Recordable::ClientHosts),
        (path::SETTINGS_HISTORY, Recordable::Settings),
    ] {
        let all = get(move |signet, admin, query| list(signet, admin, Target::all(kind), query));
        let one = get(move |signet, admin, Path(change): Path<String>| show(signet, admin, Target::all(kind), change));
        let one = one.post(move |signet, admin, Path(change): Path<String>, form| {
            revert(signet, admin, Target::all(kind), change, form)
        });
        routes = routes.route(list_path, all).route(&format!("{list_path}/{{change}}"), one);
    }
    routes
        .route(path::SCOPE_HISTORY, get(list_of_scope))
        .route(path::SCOPE_CHANGE, get(show_of_scope).post(revert_scope))
}

/// The address of a change of a thing.
pub(super) fn address_of_change(target: &Target, change: &str) -> String {
    let id = target.id.as_deref().unwrap_or_default();
    let list = match target.kind {
        Recordable::Client => path::client_part(id, "history"),
        Recordable::Scope => return path::scope_change(id, change),
        Recordable::Resource => path::resource_part(id, "history"),
        Recordable::Trust => path::trust_part(id, "history"),
        Recordable::User => path::user_part(id, "history"),
        Recordable::Key => path::KEY_HISTORY.to_owned(),
        Recordable::Registration => path::REGISTRATION_HISTORY.to_owned(),
        Recordable::ClientHosts => path::HOST_HISTORY.to_owned(),
        Recordable::Settings => path::SETTINGS_HISTORY.to_owned(),
    };
    format!("{list}/{change}")
}

fn client(id: String) -> Target {
    Target::new(Recordable::Client, id)
}

fn resource(id: String) -> Target {
    Target::new(Recordable::Resource, id)
}

fn trust(id: String) -> Target {
    Target::new(Recordable::Trust, id)
}

fn user(id: String) -> Target {
    Target::new(Recordable::User, id)
}

/// The scope that `?name=` names, and the change that `?id=` names.
fn of_scope(query: &Form) -> (Target, String) {
    (Target::new(Recordable::Scope, query.text("name")), query.text("id"))
}

async fn list_of_scope(signet: State<Signet>, admin: Admin, query: PageQuery) -> Result<Response, Failure> {
    list(signet, admin, of_scope(&query.form).0, query).await
}

async fn show_of_scope(signet: State<Signet>, admin: Admin, query: PageQuery) -> Result<Response, Failure> {
    let (target, change) = of_scope(&query.form);
    show(signet, admin, target, change).await
}

async fn revert_scope(
    signet: State<Signet>,
    admin: Admin,
    query: PageQuery,
    form: PageForm,
) -> Result<Response, Failure> {
    let (target, change) = of_scope(&query.form);
    revert(signet, admin, target, change, form).await
}

/// The thing as its pages show it, also when it is not here any more.
async fn of(signet: &Signet, target: &Target) -> Result<HistoryOf, Failure> {
    match find(signet, target).await {
        Err(idp::Error::NotFound) => Ok(HistoryOf::Gone(gone(signet, target).await?.ok_or(idp::Error::NotFound)?)),
        found => Ok(found?),
    }
}

/// The thing while it is here.
pub(super) async fn find(signet: &Signet, target: &Target) -> Result<HistoryOf, idp::Error> {
    let id = target.id.clone().unwrap_or_default();
    Ok(match target.kind {
        Recordable::Client => HistoryOf::Client(Box::new(signet.idp.get_client(&ClientId::new(id)).await?.client)),
        Recordable::Scope => HistoryOf::Scope(signet.idp.get_scope(&id).await?.scope.name.to_string()),
        Recordable::Resource => {
            let record = signet.idp.get_resource(&ResourceId::new(id)).await?;
            HistoryOf::Resource(Box::new(record.resource), record.is_default)
        }
        Recordable::Trust => HistoryOf::Trust(Box::new(signet.idp.get_trust(&TrustId::new(id)).await?.trust)),
        Recordable::User => HistoryOf::User(Box::new(signet.idp.get_user(&Subject::new(id)).await?.user)),
        Recordable::Key => HistoryOf::Keys,
        Recordable::Registration => HistoryOf::Registration,
        Recordable::ClientHosts => HistoryOf::ClientHosts,
        Recordable::Settings => HistoryOf::Settings,
    })
}

async fn list(
    State(signet): State<Signet>,
    admin: Admin,
    target: Target,
    mut query: PageQuery,
) -> Result<Response, Failure> {
    // The name of a scope.
    query.only_walked(if target.kind == Recordable::Scope { &["name"] } else { &[] });
    let of = of(&signet, &target).await?;
    let mut spot = Spot::read(&query.form);
    let mut found = signet.idp.history(&target, spot.cursor(), PER_PAGE).await;
    if spot.is_left(&found) {
        found = signet.idp.history(&target, None, PER_PAGE).await;
    }
    let (found, total) = (found?, signet.idp.count_changes(&target).await?);
    let walked = spot.walked(&found, total, |change| change.id.clone());
    let page = HistoryPage { of, changes: found.rows, walked, unread: query.unread, now: signet.idp.now() };
    Ok(admin.ok(|console| page.render(console)))
}

async fn show(State(signet): State<Signet>, admin: Admin, target: Target, change: String) -> Result<Response, Failure> {
    let of = of(&signet, &target).await?;
    let change = signet.idp.get_change(&target, &change).await?;
    let page = page(&signet, &target, of, change).await?;
    Ok(admin.ok(|console| page.render(console)))
}

/// Goes back to the state that a change made, or with `to=before` to the one that it found, through the door of the form. `version` is
/// the one that the page showed.
async fn revert(
    State(signet): State<Signet>,
    admin: Admin,
    target: Target,
    change: String,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let of = of(&signet, &target).await?;
    let change = signet.idp.get_change(&target, &change).await?;
    let side = if form.text("to") == "before" { Side::Before } else { Side::After };
    let back = signet.idp.reversal_to(&target, &change, side).await?.ok_or(idp::Error::NotFound)?;
    let version = form.text("version").parse().ok();
    let revert = async {
        let actor = admin.actor()?;
        // Without one it is from no page, and nobody saw what it would do.
        let version = version.ok_or(idp::SaveError::Stale)?;
        Ok::<_, Unsaved>(signet.idp.revert(actor, &target, version, &back.to).await?)
    };
    match revert.await {
        Ok(()) => Ok(done(&of.address(), if side == Side::Before { Flash::Undone } else { Flash::Reverted })),
        Err(error) => {
            let (again, errors) = error.again()?;
            let mut page = page(&signet, &target, of, change).await?;
            let asked = if side == Side::Before { &mut page.undo } else { &mut page.revert };
            if let Some(revert) = asked {
                (revert.again, revert.errors) = (Some(again), errors);
                if let (Again::Conflict, Some(version)) = (again, version) {
                    revert.their_change = change_since(&signet, &target, version).await?;
                }
            }
            Ok(admin.page(status(again), |console| page.render(console)))
        }
    }
}

async fn page(signet: &Signet, target: &Target, of: HistoryOf, change: ChangeRecord) -> Result<ChangePage, Failure> {
    let is_gone = matches!(of, HistoryOf::Gone(_));
    let way_back = async |side| {
        if is_gone {
            return Ok(None);
        }
        let back = signet.idp.reversal_to(target, &change, side).await?;
        let revert = back.map(|back| Revert {
            differences: back.differences,
            version: back.version,
            again: None,
            their_change: None,
            errors: FieldErrors::default(),
        });
        Ok::<_, idp::Error>(revert)
    };
    let (undo, revert) = (way_back(Side::Before).await?, way_back(Side::After).await?);
    let neighbours = signet.idp.neighbours(target, &change.id).await?;
    let is_of_another = !is_gone && signet.idp.is_of_another(target, &change).await?;
    Ok(ChangePage { of, change, undo, revert, is_of_another, neighbours, now: signet.idp.now() })
}
