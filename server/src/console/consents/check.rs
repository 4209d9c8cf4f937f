//! `GET /admin/ui/consents/check`: what a user would be asked, now. Nothing is written, and nobody is asked for anything.

use app::console::consents::check::{ConsentCheckPage, Found, Verdict};
use app::console::path;
use axum::extract::State;
use axum::response::Response;
use oauth::authorize::{AuthorizationRequest, Notes, Redirection, Situation, Step, decide, judge_consent};
use oauth::claims::ClaimsRequest;
use oauth::client::Client;
use oauth::consent::Agreement;
use oauth::error::OAuthError;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::form::Form;
use oauth::id::{ClientId, LoginId, SessionId};
use oauth::pkce::CodeChallenge;
use oauth::resource::read_resources;
use oauth::scope::{Scope, ScopeToken, find_meanings};
use oauth::session::{Factor, Session, SignedIn};
use oauth::user::User;

use crate::console::admin::Admin;
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let page = page(&signet, &query.unwrap_or_default()).await?;
    Ok(admin.ok(|console| page.render(console)))
}

async fn page(signet: &Signet, query: &Form) -> Result<ConsentCheckPage, Failure> {
    let text = |name: &str| query.text(name).trim().to_owned();
    let mut page = ConsentCheckPage {
        client: text("client"),
        user: text("user"),
        scope: text("scope"),
        redirect_uri: text("redirect_uri"),
        resource: text("resource"),
        ..ConsentCheckPage::default()
    };
    if page.client.is_empty() && page.user.is_empty() {
        return Ok(page);
    }
    let mut errors = FieldErrors::default();
    let client = match signet.idp.get_client(&ClientId::new(page.client.as_str())).await {
        Ok(record) => Some(record.client),
        Err(idp::Error::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let user = signet.idp.find_user_called(&page.user).await?;
    if let Some(client) = &client {
        page.redirect_uris = client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect();
        if !page.redirect_uris.contains(&page.redirect_uri) {
            page.redirect_uri = page.redirect_uris.first().cloned().unwrap_or_default();
        }
    } else {
        errors.note("client", FieldProblem::NoClient);
    }
    if user.is_none() {
        errors.note("user", FieldProblem::NoUser);
    }
    page.errors = errors;
    if let (Some(client), Some(user)) = (client, user) {
        page.found = Some(find(signet, &page, client, user).await?);
    }
    Ok(page)
}

/// Decides as the authorization endpoint would for whoever is signed in just now.
async fn find(signet: &Signet, page: &ConsentCheckPage, client: Client, user: User) -> Result<Found, Failure> {
    let mut found = Found {
        client: (client.client_name.clone(), path::client_part(client.client_id.as_str(), "policy")),
        user: (user.username.clone(), path::user_part(user.subject.as_str(), "consents")),
        verdict: Verdict::Refused(String::new(), String::new()),
        scopes: Vec::new(),
        left_out: Vec::new(),
        resources: Vec::new(),
    };
    let stopped = |error: &str, words: &str| Verdict::Refused(error.to_owned(), words.to_owned());
    if !client.enabled {
        found.verdict = stopped("unknown_client", "the client is disabled");
    } else if !user.enabled {
        found.verdict = stopped("login_required", "the user is disabled and cannot sign in");
    } else {
        found.verdict = match request(signet, page, &client).await? {
            Ok((request, known)) => decided(signet, &client, user, &request, &known, &mut found).await?,
            Err(refused) => refused,
        };
        let asked = Scope::parse(&page.scope).unwrap_or_default();
        if !matches!(found.verdict, Verdict::Refused(..)) {
            let is_kept = |token: &&ScopeToken| !found.scopes.iter().any(|(name, ..)| name == token.as_str());
            found.left_out = asked.iter().filter(is_kept).map(ToString::to_string).collect();
        }
    }
    Ok(found)
}

/// The request, with the scopes that there are where it is for; or why it is refused. A resource that is not known is not looked for.
async fn request(
    signet: &Signet,
    page: &ConsentCheckPage,
    client: &Client,
) -> Result<Result<(AuthorizationRequest, idp::Scopes), Verdict>, Failure> {
    let challenge = CodeChallenge::of("any");
    // An old client may have no codes.
    let response_type = client.response_types().first().copied().unwrap_or_default();
    let parameters = [
        ("client_id", page.client.as_str()),
        ("redirect_uri", &page.redirect_uri),
        ("response_type", response_type.as_str()),
        ("nonce", "any"),
        ("scope", &page.scope),
        ("resource", &page.resource),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let parameters = parameters.into_iter().filter(|(_, value)| !value.is_empty());
    let form = parameters.fold(Form::default(), |form, (name, value)| form.with(name, value));
    let redirection = match Redirection::verify(&form, client, signet.issuer()) {
        Ok(redirection) => redirection,
        Err(problem) => {
            let words = "the client has no redirect URI to which anybody could be sent back".to_owned();
            return Ok(Err(Verdict::Refused(problem.reason().to_string(), words)));
        }
    };
    let refused = |error: OAuthError| Verdict::Refused(error.code.as_str().to_owned(), error.description.into_owned());
    let target = match read_resources(&form) {
        Ok(named) => signet.idp.resources().await?.named_or_default(&named, client),
        Err(error) => Err(error),
    };
    let target = match target {
        Ok(target) => target,
        Err(error) => return Ok(Err(refused(error))),
    };
    let known = signet.idp.scopes_at(&target).await?;
    let request = AuthorizationRequest::verify(&form, client, target, &known, &redirection);
    Ok(request.map(|request| (request, known)).map_err(refused))
}

async fn decided(
    signet: &Signet,
    client: &Client,
    user: User,
    request: &AuthorizationRequest,
    known: &idp::Scopes,
    found: &mut Found,
) -> Result<Verdict, Failure> {
    let remembered = signet.idp.find_consent(&user.subject, &client.client_id).await?;
    found.resources = request.target.iter().map(|resource| resource.name.clone()).collect();
    found.scopes = scopes(request, known, remembered.as_ref());
    let (now, subject) = (signet.idp.now(), user.subject.clone());
    let session =
        Session { subject, sid: SessionId::new(""), login: LoginId::new(""), factors: vec![Factor::password(now)] };
    let signed_in = SignedIn { session, user: user.into() };
    let situation = Situation {
        client,
        notes: &Notes::default(),
        signed_in: Some(&signed_in),
        known_as: None,
        hinted: None,
        remembered: remembered.as_ref(),
        known,
        answer: None,
        now,
    };
    Ok(match decide(request, &situation) {
        Step::Issue(approval) => Verdict::Granted(approval.consent),
        Step::Refuse(error) => Verdict::Refused(error.code.as_str().to_owned(), error.description.into_owned()),
        Step::Login(_) | Step::SelectAccount(_) | Step::Consent(_) => match judge_consent(request, &situation) {
            Err(because) => Verdict::Asked(because),
            Ok(consented) => Verdict::Granted(consented),
        },
    })
}

/// The scopes of a request in words, and whether each would be allowed for the first time.
fn scopes(
    request: &AuthorizationRequest,
    known: &idp::Scopes,
    remembered: Option<&Agreement>,
) -> Vec<(String, String, bool)> {
    let nothing = ClaimsRequest::default();
    let is_new = |token: &ScopeToken| {
        remembered.is_some_and(|it| !it.covers(&Scope::from_iter([token.clone()]), &nothing, known))
    };
    let meanings = request.scope.iter().flat_map(|token| {
        find_meanings(token, known).map(|meaning| (token.to_string(), meaning.description.clone(), is_new(token)))
    });
    meanings.collect()
}
