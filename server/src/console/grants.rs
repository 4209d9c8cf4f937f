//! `/admin/ui/clients/{client_id}/grants` and the same of a user: what may act for whom, and revoking that.

use app::console::grants::{GrantListPage, GrantRevocationPage, GrantRow, GrantsOf, Revoking};
use app::console::{Flash, path};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use idp::{ChosenGrants, GrantFilter, Stretch};
use oauth::count::Count;
use oauth::form::Form;
use oauth::id::{ClientId, GrantId, Subject};
use oauth::listing::GrantColumn;
use oauth::resource::Resources;

use super::admin::{Admin, done};
use super::paging::{PER_PAGE, PageQuery, Spot, chosen};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    let of_client = |part| path::client_part("{client_id}", part);
    let of_user = |part| path::user_part("{subject}", part);
    Router::new()
        .route(&of_client("grants"), get(list_of_client))
        .route(&of_client("grants/revoke"), get(ask_of_client).post(revoke_of_client))
        .route(&of_user("grants"), get(list_of_user))
        .route(&of_user("grants/revoke"), get(ask_of_user).post(revoke_of_user))
}

/// Whose grants, and which of them the address finds.
struct Place {
    of: GrantsOf,
    by: String,
    /// `None`: nobody is called so.
    filter: Option<GrantFilter>,
}

impl Place {
    async fn of_client(signet: &Signet, client_id: String, form: &Form) -> Result<Self, Failure> {
        let client = signet.idp.get_client(&ClientId::new(client_id)).await?.client;
        let mut filter = Some(GrantFilter { client: Some(client.client_id.clone()), user: None });
        let by = form.text("by").trim().to_owned();
        if !by.is_empty() {
            let user = signet.idp.find_user_called(&by).await?;
            filter = user.and_then(|user| filter.map(|filter| GrantFilter { user: Some(user.subject), ..filter }));
        }
        Ok(Self { of: GrantsOf::Client(Box::new(client)), by, filter })
    }

    async fn of_user(signet: &Signet, subject: String, form: &Form) -> Result<Self, Failure> {
        let user = signet.idp.get_user(&Subject::new(subject)).await?.user;
        let by = form.text("by").trim().to_owned();
        let client = Some(by.as_str()).filter(|by| !by.is_empty()).map(ClientId::new);
        let filter = Some(GrantFilter { client, user: Some(user.subject.clone()) });
        Ok(Self { of: GrantsOf::User(Box::new(user)), by, filter })
    }

    /// The address of the list.
    fn address(&self) -> String {
        match &self.of {
            GrantsOf::Client(client) => path::client_part(client.client_id.as_str(), "grants"),
            GrantsOf::User(user) => path::user_part(user.subject.as_str(), "grants"),
        }
    }

    async fn list(self, signet: &Signet, admin: &Admin, mut query: PageQuery) -> Result<Response, Failure> {
        let (mut spot, order) = (Spot::read(&query.form), query.order(GrantColumn::USUAL));
        query.only_walked(&["by", "sort"]);
        let (found, total) = match &self.filter {
            None => (Stretch { rows: Vec::new(), is_later: false, is_more: false }, Count::default()),
            Some(filter) => {
                let mut found = signet.idp.list_grants(filter, order, spot.cursor(), PER_PAGE).await;
                if spot.is_left(&found) {
                    found = signet.idp.list_grants(filter, order, None, PER_PAGE).await;
                }
                (found?, signet.idp.count_grants(filter).await?)
            }
        };
        let page = GrantListPage {
            of: self.of,
            by: self.by,
            walked: spot.walked(&found, total, |row| row.grant.id.to_string()),
            rows: describe(signet, found.rows).await?,
            order,
            unread: query.unread,
            now: signet.idp.now(),
        };
        Ok(admin.ok(|console| page.render(console)))
    }

    /// Asks whether to revoke the grants that `?id=` names, or all that the filter finds.
    async fn ask(self, signet: &Signet, admin: &Admin, query: &Form) -> Result<Response, Failure> {
        let revoking = match (&self.filter, query.is_set("all")) {
            (Some(filter), true) => Revoking::All(signet.idp.count_grants(filter).await?),
            _ => {
                let rows = signet.idp.get_grants(&ids(query)).await?;
                if rows.is_empty() {
                    return Ok(done(&self.address(), Flash::NothingChosen));
                }
                Revoking::These(describe(signet, rows).await?)
            }
        };
        let page = GrantRevocationPage { of: self.of, by: self.by, revoking, now: signet.idp.now() };
        Ok(admin.ok(|console| page.render(console)))
    }

    async fn revoke(self, signet: &Signet, admin: &Admin, form: &Form) -> Result<Response, Failure> {
        let chosen = match (&self.filter, form.is_set("all")) {
            (Some(filter), true) => ChosenGrants::All(filter.clone()),
            _ => ChosenGrants::These(ids(form)),
        };
        let revoked = signet.idp.revoke_chosen_grants(admin.actor()?, &chosen).await?;
        Ok(done(&self.address(), Flash::GrantsRevoked(revoked)))
    }
}

fn ids(form: &Form) -> Vec<GrantId> {
    chosen(form).into_iter().map(GrantId::new).collect()
}

async fn describe(signet: &Signet, rows: Vec<idp::GrantRow>) -> Result<Vec<GrantRow>, Failure> {
    let resources = signet.idp.resources().await?;
    Ok(rows.into_iter().map(|row| view(row, &resources)).collect())
}

fn view(row: idp::GrantRow, resources: &Resources) -> GrantRow {
    let grant = row.grant;
    let named =
        |id| resources.find(id).map_or_else(|| "a resource that is gone".to_owned(), |found| found.name.clone());
    GrantRow {
        scope: grant.scope.to_string(),
        resources: grant.resources.iter().map(named).collect(),
        in_session: grant.sid.is_some() && !grant.outlives_session(),
        user: grant.subject.map(|user| {
            let name = row.username.unwrap_or_else(|| user.to_string());
            (user.into_string(), name)
        }),
        id: grant.id.into_string(),
        client_id: grant.client_id.into_string(),
        client_name: row.client_name,
        created_at: row.created_at,
        used_at: row.used_at,
        ends_at: row.ends_at,
        refresh_tokens: row.refresh_tokens,
        access_tokens: row.access_tokens,
    }
}

async fn list_of_client(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    query: PageQuery,
) -> Result<Response, Failure> {
    Place::of_client(&signet, client_id, &query.form).await?.list(&signet, &admin, query).await
}

async fn ask_of_client(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    Place::of_client(&signet, client_id, &query).await?.ask(&signet, &admin, &query).await
}

async fn revoke_of_client(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    Place::of_client(&signet, client_id, &form).await?.revoke(&signet, &admin, &form).await
}

async fn list_of_user(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    query: PageQuery,
) -> Result<Response, Failure> {
    Place::of_user(&signet, subject, &query.form).await?.list(&signet, &admin, query).await
}

async fn ask_of_user(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    Place::of_user(&signet, subject, &query).await?.ask(&signet, &admin, &query).await
}

async fn revoke_of_user(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    Place::of_user(&signet, subject, &form).await?.revoke(&signet, &admin, &form).await
}
