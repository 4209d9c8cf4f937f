//! `GET /admin/ui`.

use app::console::dashboard::{Bar, DashboardPage, EndingSecret, FailingClient, FirstSteps};
use app::console::path;
use axum::extract::State;
use axum::response::Response;
use idp::activity::{ActivitySums, BarSum};
use idp::{ExpiringSecret, SecretOwner};
use oauth::activity::{EventKind, Outcome, Span};

use super::admin::Admin;
use super::concerns;
use super::handover::Handover;
use super::keys::rows;
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::state::Signet;

pub(crate) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Query(query): Query,
    handover: Handover,
) -> Result<Response, Failure> {
    let idp = &signet.idp;
    let span = Span::find(&query.unwrap_or_default().text("within")).unwrap_or_default();
    let sums = idp.sum_activity(span).await?;
    // What was created is known for as long as it is here, whatever is kept of the activity.
    let since = span.begin(idp.now());
    let (clients, new_clients, users, new_users, sessions) = tokio::try_join!(
        idp.count_clients(),
        idp.count_new_clients(since),
        idp.count_users(),
        idp.count_new_users(since),
        idp.count_sessions(),
    )?;
    let first_steps = idp.first_steps().await?;
    let (secrets, needed) = tokio::try_join!(idp.expiring_secrets(), idp.needed_secrets())?;
    let failing = failing(&signet, &sums).await?;
    let bars = |is_counted: &dyn Fn(&BarSum) -> bool| draw(&signet, span, &sums, is_counted);
    let page = DashboardPage {
        issuer: signet.issuer().to_string(),
        concerns: concerns::find(&signet, &sums, needed.iter().map(ending).collect(), &failing).await?,
        span,
        since,
        begin: sums.begin,
        kept_days: idp.activity_retention_days().filter(|_| sums.begin > since),
        volume: idp.activity_volume(),
        clients,
        new_clients,
        users,
        new_users,
        sessions,
        sign_ins: bars(&|sum| sum.kind == EventKind::SignIn),
        tokens: bars(&|sum| sum.kind == EventKind::Token),
        refusals: bars(&|sum| sum.outcome == Outcome::Refused),
        admin_refusals: of_admins(&sums),
        reasons: reasons(&sums),
        failing,
        ending: secrets.iter().map(ending).collect(),
        first_steps: first_steps.map(|steps| FirstSteps {
            client: steps.client,
            user: steps.user,
            sign_in: steps.sign_in,
        }),
        keys: rows(&signet).into_iter().filter(|key| !key.decrypts).collect(),
        new_token: handover.secret(&signet, &admin),
        now: idp.now(),
    };
    Ok(handover.close(&signet, admin.ok(|console| page.render(console))))
}

/// The bars of a span, with those sums in them that are to be counted.
fn draw(signet: &Signet, span: Span, sums: &ActivitySums, is_counted: &dyn Fn(&BarSum) -> bool) -> Vec<Bar> {
    let begin = span.begin(signet.idp.now());
    let numbers = 0..i64::try_from(span.bars()).unwrap_or_default();
    // Bars of a time of which nothing is kept would say that nothing happened.
    let times = numbers.map(|number| begin.plus(number * span.step())).filter(|at| *at >= sums.begin);
    let mut bars: Vec<Bar> = times.map(|at| Bar { at, ok: 0, refused: 0 }).collect();
    for sum in sums.bars.iter().filter(|sum| is_counted(sum)) {
        let Some(bar) = bars.iter_mut().find(|bar| bar.at == sum.at) else { continue };
        match sum.outcome {
            Outcome::Ok => bar.ok += sum.count,
            Outcome::Refused => bar.refused += sum.count,
        }
    }
    bars
}

/// Refusals by code, but of codes that nobody got but administrators.
fn reasons(sums: &ActivitySums) -> Vec<(String, u64)> {
    let of_others = sums.codes.iter().filter(|sum| !sum.is_of_admins);
    of_others.map(|sum| (sum.error.clone(), sum.count)).collect()
}

/// The refusals of the console and the admin API.
fn of_admins(sums: &ActivitySums) -> u64 {
    let of_them = |sum: &&BarSum| (sum.kind, sum.outcome) == (EventKind::Admin, Outcome::Refused);
    sums.bars.iter().filter(of_them).map(|sum| sum.count).sum()
}

async fn failing(signet: &Signet, sums: &ActivitySums) -> Result<Vec<FailingClient>, idp::Error> {
    let mut failing = Vec::with_capacity(sums.clients.len());
    for (client_id, refusals) in &sums.clients {
        let client = match signet.idp.get_client(client_id).await {
            Ok(found) => Some(found),
            Err(idp::Error::NotFound) => None,
            Err(error) => return Err(error),
        };
        // One that was disabled is refused as it should be.
        let is_mostly = match client.as_ref().filter(|found| found.client.enabled) {
            Some(found) => concerns::is_mostly_refused(signet, sums, found, *refusals).await?,
            None => false,
        };
        let name = client.map(|found| found.client.client_name);
        failing.push(FailingClient { client_id: client_id.clone(), name, refusals: *refusals, is_mostly });
    }
    Ok(failing)
}

fn ending(secret: &ExpiringSecret) -> EndingSecret {
    let href = match &secret.owner {
        SecretOwner::Client(id) => path::client_part(id.as_str(), "credentials"),
        SecretOwner::Resource(id) => path::resource_part(id.as_str(), "credentials"),
    };
    EndingSecret {
        name: secret.name.clone(),
        owner: secret.owner_name.clone(),
        href,
        expires_at: secret.expires_at,
        is_replaced: secret.is_replaced,
    }
}
