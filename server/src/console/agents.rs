//! `/admin/ui/agents`: clients that came with a document, and the hosts that may send some.

use app::console::agents::{Agent, AgentsPage, AskedHost, Upload};
use app::console::{Editing, Flash, path};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use idp::{Recordable, Target};
use oauth::field::FieldErrors;
use oauth::registration::HostPolicyDraft;
use oauth::time::Timestamp;

use super::admin::{Admin, done};
use super::editing::{Sent, Unsaved, after_edit};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    Router::new()
        .route(path::AGENTS, get(show).post(save))
        .route(path::AGENT_HOST, post(list_host))
        .route(path::AGENT_DOCUMENT, post(put_document))
}

async fn show(State(signet): State<Signet>, admin: Admin) -> Result<Response, Failure> {
    let page = page(&signet, None, FieldErrors::default(), Upload::default()).await?;
    Ok(admin.ok(|console| page.render(console)))
}

async fn save(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let mut draft = HostPolicyDraft::from(&signet.idp.host_rules().await?.policy);
    let Ok(()) = draft.take(&form);
    let sent = Sent::read(&form, draft);
    let save = async { Ok::<_, Unsaved>(signet.idp.save_host_rules(admin.actor()?, &sent.draft, sent.version).await?) };
    match save.await {
        Ok(ended) => Ok(done(path::AGENTS, Flash::HostsSaved(ended))),
        Err(error) => {
            let rules = signet.idp.host_rules().await?;
            let saved = (HostPolicyDraft::from(&rules.policy), rules.version);
            let target = Target::all(Recordable::ClientHosts);
            let (status, editing) = after_edit(&signet, &target, error, sent, saved).await?;
            let page = page(&signet, Some(editing), FieldErrors::default(), Upload::default()).await?;
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn list_host(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let allow = form.text("allow") == "yes";
    let listed = signet.idp.list_host(admin.actor()?, &form.text("host"), allow).await.map_err(Unsaved::from);
    match listed {
        Ok(ended) => Ok(done(path::AGENTS, Flash::HostsSaved(ended))),
        Err(error) => {
            let (status, errors) = error.errors()?;
            let page = page(&signet, None, errors, Upload::default()).await?;
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn put_document(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (client_id, document) = (form.text("client_id"), form.text("document"));
    let put = async { Ok::<_, Unsaved>(signet.idp.put_document(admin.actor()?, &client_id, &document).await?) };
    match put.await {
        Ok(()) => Ok(done(path::AGENTS, Flash::Saved)),
        Err(error) => {
            let (status, errors) = match error {
                Unsaved::Resumed => (StatusCode::OK, Default::default()),
                refused @ Unsaved::Refused(_) => refused.errors()?,
            };
            let page = page(&signet, None, FieldErrors::default(), Upload { client_id, document, errors }).await?;
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn page(
    signet: &Signet,
    editing: Option<Editing<HostPolicyDraft>>,
    refused: FieldErrors,
    upload: Upload,
) -> Result<AgentsPage, Failure> {
    let rules = signet.idp.host_rules().await?;
    let agents = signet.idp.list_documents().await?.into_iter().map(|row| Agent {
        blocked: rules.policy.judge(&row.host).is_shut(),
        client_id: row.client_id.into_string(),
        client_name: row.client_name,
        host: row.host,
        enabled: row.enabled,
        source: row.source,
        fetched_at: row.fetched_at,
        grants: row.grants,
        last_used_at: row.last_used_at,
    });
    let asked = signet.idp.asked_hosts().await?.into_iter().map(|asked| AskedHost {
        host: asked.host,
        client_id: asked.client_id.into_string(),
        asked_at: Timestamp(asked.asked_at),
    });
    let saved = || Editing::of(HostPolicyDraft::from(&rules.policy), rules.version);
    Ok(AgentsPage {
        agents: agents.collect(),
        asked: asked.collect(),
        rules: editing.unwrap_or_else(saved),
        refused,
        upload,
        now: signet.idp.now(),
    })
}
