//! `/admin/ui/consents`: the consent policies of all clients.

use app::console::consents::policies::{ConsentPoliciesPage, PolicyRow, UnsavedPolicy};
use app::console::{Again, Flash, path};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use idp::{ClientChange, Recordable, SaveError, Target};
use oauth::client::PolicyDraft;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::listing::{PolicyColumn, Sorting};

use crate::console::admin::{Admin, done};
use crate::console::editing::{Unsaved, change_since, status};
use crate::console::paging::{PageQuery, page_request, past_the_end};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, query: PageQuery) -> Result<Response, Failure> {
    show(&signet, &admin, query, StatusCode::OK, (Vec::new(), false)).await
}

/// A row of the table whose policy was changed.
struct Chosen {
    client_id: ClientId,
    /// The version that the row showed; none from a script that left it out.
    version: Option<i64>,
    consent_policy: String,
}

impl Chosen {
    /// The rows of a form. One that left out what it showed before is taken for changed.
    fn read(form: &Form) -> Vec<Self> {
        let (versions, before) = (form.all("version"), form.all("was"));
        let rows = form.all("client_id").into_iter().zip(form.all("consent_policy")).enumerate();
        let changed = rows.filter(|(number, (_, chosen))| before.get(*number) != Some(chosen));
        let row = |(number, (id, consent_policy)): (usize, (String, String))| Self {
            client_id: ClientId::new(id),
            version: versions.get(number).and_then(|version| version.parse().ok()),
            consent_policy,
        };
        changed.map(row).collect()
    }

    async fn save(&self, signet: &Signet, admin: &Admin) -> Result<(), Unsaved> {
        let actor = admin.actor()?;
        let current = signet.idp.get_client(&self.client_id).await?.client;
        // What stands there already need not be saved, whoever saved it.
        if PolicyDraft::from(&current.policy).consent_policy == self.consent_policy {
            return Ok(());
        }
        let draft = PolicyDraft { consent_policy: self.consent_policy.clone(), ..PolicyDraft::from(&current.policy) };
        let change = ClientChange { policy: Some(draft), ..ClientChange::default() };
        Ok(signet.idp.update_client(actor, &self.client_id, self.version, &change).await?)
    }
}

/// Saves the policies that were changed, and stays where it is in the table. Clients that are gone are passed over.
pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    query: PageQuery,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (mut saved, mut gone, mut unsaved) = (0, 0, Vec::new());
    for row in Chosen::read(&form) {
        match row.save(&signet, &admin).await {
            Ok(()) => saved += 1,
            Err(Unsaved::Refused(SaveError::NotFound)) => gone += 1,
            Err(error) => {
                let (again, errors) = error.again()?;
                let Chosen { client_id, version, consent_policy } = row;
                let client_id = client_id.into_string();
                let their_change = match (again, version) {
                    (Again::Conflict, Some(version)) => {
                        change_since(&signet, &Target::new(Recordable::Client, &client_id), version).await?
                    }
                    _ => None,
                };
                unsaved.push(UnsavedPolicy { client_id, consent_policy, again, their_change, errors });
            }
        }
    }
    if gone > 0 && saved == 0 && unsaved.is_empty() {
        return Err(Failure::Provider(idp::Error::NotFound));
    }
    match unsaved.iter().map(|row| status(row.again)).max() {
        None => Ok(done(&place(&query.form), Flash::Saved)),
        Some(status) => show(&signet, &admin, query, status, (unsaved, saved > 0)).await,
    }
}

/// The address of the part of the table that a query names.
fn place(query: &Form) -> String {
    let kept = ["q", "sort", "page"].into_iter().filter(|name| query.is_set(name));
    let kept = kept.fold(Form::default(), |form, name| form.with(name, &query.text(name))).encode();
    if kept.is_empty() { path::CONSENTS.to_owned() } else { format!("{}?{kept}", path::CONSENTS) }
}

async fn show(
    signet: &Signet,
    admin: &Admin,
    mut query: PageQuery,
    status: StatusCode,
    (unsaved, are_others_saved): (Vec<UnsavedPolicy>, bool),
) -> Result<Response, Failure> {
    let (q, by_name) = (query.text("q"), Sorting { by: PolicyColumn::Name, descending: false });
    let sorting = query.order(by_name);
    query.only(&["q", "sort", "page"]);
    let found = signet.idp.list_consent_policies(&q, sorting, page_request(&query.form)).await?;
    if let Some(elsewhere) = past_the_end(path::CONSENTS, &query.form, &found) {
        return Ok(elsewhere);
    }
    let row =
        |row: idp::ConsentPolicyRow| PolicyRow { client: row.client, version: row.version, consents: row.consents };
    let page = ConsentPoliciesPage {
        rows: found.rows.into_iter().map(row).collect(),
        q,
        sorting,
        page: found.request.number,
        per_page: found.request.size,
        total: found.total,
        unread: query.unread,
        unsaved,
        are_others_saved,
    };
    Ok(admin.page(status, |console| page.render(console)))
}
