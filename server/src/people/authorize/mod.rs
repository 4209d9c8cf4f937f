//! `GET` and `POST /authorize`: translates what [`decide`] says into pages and redirects.

mod arrival;

use app::pages::consent::Newcomer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use idp::{Envelope, Issued, Visitor, activity};
use oauth::activity::EventKind;
use oauth::authorize::{
    Approval, Asked, AuthorizationRequest, AuthorizationResponse, Delivery, Granted, LoginReason, Pending, Redirection,
    Situation, Step, decide, find_client_id,
};
use oauth::client::{Client, ClientOrigin, ConsentPolicy, Encrypted};
use oauth::consent::{Agreement, Answer};
use oauth::destination::Destination;
use oauth::error::{OAuthError, Problem};
use oauth::form::Form;
use oauth::jwe::{ENCRYPTED_HINT, EncryptedJwt};
use oauth::metadata::path;
use oauth::refusal::Reason;
use oauth::registration::{ClientUrl, Program, is_registered_id};
use oauth::scope::{Scope, ScopeToken, find_meanings, open_claim};
use oauth::seal::Sealed;
use oauth::secret::SecretDigest;
use oauth::session::{Session, SignedIn};
use oauth::signed_answer::AUTHORIZATION_TYPE;

use self::arrival::{Arrived, Refused};
use super::shown::{Confirmation, detailed, named};
use super::{check_session, login};
use crate::authorization::{Judged, judge};
use crate::explain;
use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::form::{BodyForm, Query};
use crate::http::page::{Policy, page};
use crate::http::same_origin::{forbidden, is_same_origin};
use crate::http::see_other;
use crate::metrics::Authorization;
use crate::state::Signet;

/// The number of times that a request is decided on anew when what the decision stood on changed before it was acted on.
const TRIES: u32 = 5;

pub(crate) async fn get(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let parameters = query.map_err(|error| malformed(Reason::Malformed, error))?;
    answer(&signet, &headers, &parameters, None).await
}

/// With `confirm` this is the answer to the consent page. Without, it is a request in a body (OpenID Connect Core §3.1.2.1):
/// it usually comes from another site, so the browser sends no cookie with it, and is asked to come back with GET.
pub(crate) async fn post(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
    BodyForm(body): BodyForm,
) -> Result<Response, Failure> {
    let query = query.map_err(|error| malformed(Reason::Malformed, error))?;
    let body = body.map_err(|error| malformed(Reason::BodyMalformed, error))?;
    let Some(confirmation) = Confirmation::read(&headers, &body) else {
        return Ok(see_other(&format!("{}?{}", path::AUTHORIZE, query.followed_by(&body).encode())));
    };
    if !is_same_origin(&headers, signet.issuer()) {
        return Ok(forbidden(&headers, signet.issuer()));
    }
    let answered = match confirmation.confirm.as_str() {
        "yes" => Answer::Yes,
        "no" => Answer::No,
        _ => return Err(malformed(Reason::Malformed, "confirm is neither yes nor no")),
    };
    let parameters = query.followed_by(&Confirmation::rest(&body));
    answer(&signet, &headers, &parameters, Some((confirmation, answered))).await
}

/// The answer to what cannot be read.
fn malformed(reason: Reason, error: impl ToString) -> Failure {
    let problem = Problem::Malformed(reason, error.to_string());
    activity::refused_with(EventKind::Authorization, &problem);
    problem.into()
}

/// Decides, and acts on it. An approval whose grounds are gone when the code is written is decided on again.
async fn answer(
    signet: &Signet,
    headers: &HeaderMap,
    parameters: &Form,
    confirmed: Option<(Confirmation, Answer)>,
) -> Result<Response, Failure> {
    for _ in 0..TRIES {
        let answered = answer_once(signet, headers, parameters, confirmed.as_ref()).await;
        match answered {
            Ok(Some(response)) => return Ok(response),
            Ok(None) => {}
            Err(Failure::Problem(problem)) => {
                let problem = advise(signet, problem, parameters).await?;
                return Err(explain_problem(signet, headers, parameters, problem).await?);
            }
            Err(failure) => return Err(failure),
        }
    }
    Err(idp::Error::Unavailable.into())
}

/// Keeps what the person is shown in place of an answer to the client, and explains it to those who may see that.
async fn explain_problem(
    signet: &Signet,
    headers: &HeaderMap,
    parameters: &Form,
    problem: Problem,
) -> Result<Failure, Failure> {
    activity::refused_with(EventKind::Authorization, &problem);
    let client_id = find_client_id(parameters).ok();
    Ok(match explain::of_problem(signet, headers, client_id.as_ref(), &problem).await? {
        Some(explained) => Failure::Explained(problem, Box::new(explained)),
        None => problem.into(),
    })
}

/// Tells the person what to do when the client is one of those that register themselves: they do not do so again when they are not
/// known, and ask in the same way for ever. What is said depends on the request and on the rules of this server alone, so that strangers
/// do not learn whether a client is disabled or was deleted.
async fn advise(signet: &Signet, problem: Problem, parameters: &Form) -> Result<Problem, Failure> {
    let client_id = match problem {
        Problem::UnknownClient { client_id } if !ClientUrl::is_meant(&client_id) => client_id,
        other => return Ok(other),
    };
    let program = Program::of(&parameters.text("redirect_uri"));
    let program = program.or_else(|| is_registered_id(&client_id).then(Program::default));
    Ok(match program {
        Some(program) if signet.idp.takes_registrations().await? => Problem::ForgottenClient { client_id, program },
        _ => Problem::UnknownClient { client_id },
    })
}

/// One authorization request, with all that is known about it.
struct Visit<'a> {
    signet: &'a Signet,
    visitor: Visitor,
    redirection: Redirection,
    request: AuthorizationRequest,
    /// Its parameters, wherever they stood.
    asked: Asked,
    /// The request, if it was pushed.
    pushed: Option<SecretDigest>,
    pending: Pending,
    known: idp::Scopes,
    /// The agreement of whoever is signed in with this client from before, where it counts.
    remembered: Option<Agreement>,
}

async fn answer_once(
    signet: &Signet,
    headers: &HeaderMap,
    parameters: &Form,
    confirmed: Option<&(Confirmation, Answer)>,
) -> Result<Option<Response>, Failure> {
    // First: what is refused is told of whoever is signed in.
    let signed_in = match Cookie::Session.read(headers, signet.issuer()) {
        Some(cookie) => signet.idp.find_session(&cookie).await?,
        None => None,
    };
    if let Some(signed_in) = &signed_in {
        activity::about_user(&signed_in.session.subject);
    }
    let arrived = match arrival::arrive(signet, headers, parameters, signed_in.is_some()).await? {
        Ok(arrived) => arrived,
        Err(Refused { client, redirection, error }) => {
            return redirect_error(signet, &client, &redirection, &error).await.map(Some);
        }
    };
    let Arrived { visitor, redirection, asked, pushed, pending } = arrived;
    let client = &visitor.client;
    if let Err(error) = asked.check_way(client) {
        return redirect_error(signet, client, &redirection, &error).await.map(Some);
    }
    let Judged { request, known } = match judge(signet, &asked.parameters, client, &redirection).await? {
        Ok(judged) => judged,
        Err(error) => return redirect_error(signet, client, &redirection, &error).await.map(Some),
    };
    note_request(&asked.parameters, &request);
    let hint = request.id_token_hint.as_deref().map(|hint| signet.idp.find_id_token(hint));
    if matches!(hint, Some(None)) {
        let is_encrypted = request.id_token_hint.as_deref().is_some_and(EncryptedJwt::is_meant);
        let error = if is_encrypted {
            OAuthError::because(Reason::IdTokenHintUnknown, ENCRYPTED_HINT)
        } else {
            OAuthError::new(Reason::IdTokenHintUnknown)
        };
        return redirect_error(signet, client, &redirection, &error).await.map(Some);
    }
    let remembered = match &signed_in {
        Some(signed_in) if !visitor.asks_anew && client.rules().consent != ConsentPolicy::Skip => {
            signet.idp.find_consent(&signed_in.session.subject, &client.client_id).await?
        }
        _ => None,
    };
    let visit = Visit { signet, visitor, redirection, request, asked, pushed, pending, known, remembered };
    let answered = match (&signed_in, confirmed) {
        (Some(signed_in), Some((confirmation, answered))) if visit.was_shown(confirmation, signed_in)? => {
            Some(*answered)
        }
        _ => None,
    };
    let kind = if answered.is_some() { EventKind::Consent } else { EventKind::Authorization };
    let known_as =
        signed_in.as_ref().map(|it| visit.visitor.client.known_subject(&it.session.subject, signet.idp.pairwise()));
    let step = decide(
        &visit.request,
        &Situation {
            client: &visit.visitor.client,
            notes: visit.pending.notes(),
            signed_in: signed_in.as_ref(),
            known_as: known_as.as_ref(),
            hinted: hint.as_ref().and_then(Option::as_ref).map(|hint| &hint.subject),
            remembered: visit.remembered.as_ref(),
            known: &visit.known,
            answer: answered,
            now: signet.idp.now(),
        },
    );
    let mut response = match step {
        Step::Login(reason) => see_other(&visit.login_address(signed_in.as_ref().map(|it| &it.session), reason)),
        Step::SelectAccount(signed_in) => visit.select_account(signed_in),
        Step::Consent(signed_in) => visit.consent(signed_in)?,
        Step::Issue(approval) => match visit.issue(&approval).await? {
            Some(response) => {
                activity::happened(kind);
                response
            }
            None => return Ok(None),
        },
        Step::Refuse(error) => visit.refused(&error, kind).await?,
    };
    check_session::note(signet, headers, signed_in.as_ref().map(|it| &it.session), &mut response);
    Ok(Some(response))
}

/// Tells the activity what a request asks for. The client learns of scopes that are left out by the `scope` of its tokens.
fn note_request(asked: &Form, request: &AuthorizationRequest) {
    activity::about_scope(&request.scope);
    if let Ok(asked) = Scope::parse(&asked.text("scope")) {
        activity::left_out(&asked, &request.scope);
    }
    if !request.target.details().is_empty() {
        activity::fact("authorization_details", request.target.details().types().join(" "));
    }
    if request.response_type.has_tokens() {
        activity::fact("response_type", request.response_type.as_str());
    }
}

/// Tells the client what is wrong.
async fn redirect_error(
    signet: &Signet,
    client: &Client,
    redirection: &Redirection,
    error: &OAuthError,
) -> Result<Response, Failure> {
    signet.metrics.count_authorization(Authorization::Error(error.code));
    activity::refused_by(EventKind::Authorization, error);
    activity::fact("redirect_uri", redirection.redirect_uri());
    let about = idp::request_id::current().map(|id| signet.issuer().url(&app::path::explanation(&id)));
    let envelope = envelope(signet, client, redirection).await?;
    deliver(signet, client, &envelope, redirection.error(error, about))
}

/// The envelope of an answer to the client. One that is to be encrypted, and cannot be, is not sent as it is.
async fn envelope(signet: &Signet, client: &Client, redirection: &Redirection) -> Result<Envelope, Failure> {
    if !redirection.is_signed() {
        return Ok(Envelope::default());
    }
    let envelope = signet.idp.envelope(client, Encrypted::Authorization).await;
    envelope.map_err(|error| unanswerable(client, error))
}

fn unanswerable(client: &Client, error: idp::Error) -> Failure {
    match error {
        idp::Error::NoRecipient(reason) => {
            Problem::Unanswerable { client_id: client.client_id.to_string(), reason }.into()
        }
        other => other.into(),
    }
}

/// Sends an answer of the protocol to the client, signed if it asked for that.
fn deliver(
    signet: &Signet,
    client: &Client,
    envelope: &Envelope,
    answer: AuthorizationResponse<'_>,
) -> Result<Response, Failure> {
    let signed = answer
        .claims(signet.idp.now())
        .map(|claims| signet.idp.sign_answer(client.authorization_alg(), AUTHORIZATION_TYPE, &claims))
        .transpose()?;
    let sealed = signed.map(|jwt| envelope.seal(jwt)).transpose().map_err(|error| unanswerable(client, error))?;
    Ok(match answer.deliver(sealed) {
        Delivery::Redirect(url) => {
            let mut response = see_other(&url);
            response
                .headers_mut()
                .insert(axum::http::header::CACHE_CONTROL, axum::http::HeaderValue::from_static("no-store"));
            response
        }
        Delivery::FormPost { action, fields } => {
            let nonce = idp::random::nonce();
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let html = app::pages::form_post::FormPostPage { action, fields, nonce: nonce.clone() }
                .render(&crate::assets::pkg());
            page(StatusCode::OK, &Policy::OneScript { nonce }, html)
        }
    })
}

impl Visit<'_> {
    /// Issues what was approved, and sends it. `None`: the grounds of the approval have changed. All that an answer needs is there before
    /// anything is written.
    async fn issue(&self, approval: &Approval<'_>) -> Result<Option<Response>, Failure> {
        let (signet, client) = (self.signet, &self.visitor.client);
        let envelope = envelope(signet, client, &self.redirection).await?;
        let error = match signet.idp.issue(&self.request, &self.visitor, approval, self.pushed).await {
            Ok(Issued::Granted(granted)) => {
                return self.issued(&approval.signed_in.session, &granted, &envelope).map(Some);
            }
            Ok(Issued::Changed) => return Ok(None),
            Ok(Issued::Full) => OAuthError::new(Reason::ClientsFull),
            Err(idp::Error::NoRecipient(reason)) => OAuthError::new(reason),
            Err(error) => return Err(error.into()),
        };
        redirect_error(signet, client, &self.redirection, &error).await.map(Some)
    }

    /// Sends what was granted.
    fn issued(&self, session: &Session, granted: &Granted, envelope: &Envelope) -> Result<Response, Failure> {
        self.signet.metrics.count_authorization(Authorization::Issued);
        let (client_id, origin) = (&self.request.client_id, self.redirection.origin());
        let state = check_session::state_for(self.signet, client_id, origin, session);
        deliver(self.signet, &self.visitor.client, envelope, self.redirection.success(granted, state))
    }

    /// A person's no is an answer to a pushed request, too.
    async fn refused(&self, error: &OAuthError, kind: EventKind) -> Result<Response, Failure> {
        if let (Some(digest), EventKind::Consent) = (self.pushed, kind) {
            self.signet.idp.spend_pushed(digest).await?;
        }
        let response = redirect_error(self.signet, &self.visitor.client, &self.redirection, error).await?;
        activity::refused_by(kind, error);
        Ok(response)
    }

    /// The login page, from where the request goes on. The request notes the login that will not do.
    fn login_address(&self, found: Option<&Session>, reason: LoginReason) -> String {
        let waiting = self.pending.demanding(found, self.signet.idp.now());
        login::address(self.signet, &waiting.address(self.signet.idp.seal()), reason)
    }

    /// To the login page, because the person wants to be somebody else.
    fn switch_address(&self, signed_in: &SignedIn) -> String {
        self.login_address(Some(&signed_in.session), LoginReason::NobodySignedIn)
    }

    fn select_account(&self, signed_in: &SignedIn) -> Response {
        let html = app::pages::select_account::SelectAccountPage {
            client_name: self.visitor.place().unwrap_or_else(|| self.visitor.client.client_name.clone()),
            username: signed_in.user.username.clone(),
            continue_href: self.pending.selecting(&signed_in.session).address(self.signet.idp.seal()),
            other_href: self.switch_address(signed_in),
        }
        .render(&crate::assets::pkg());
        page(StatusCode::OK, &Policy::NoScript, html)
    }

    fn consent(&self, signed_in: &SignedIn) -> Result<Response, Failure> {
        let scopes = self.request.scope.iter().flat_map(|token| {
            let described = find_meanings(token, &self.known).map(|definition| definition.description.clone());
            described.map(|description| (token.to_string(), description))
        });
        let claims = self.request.claims.about_the_account();
        let beyond = claims.into_iter().filter(|claim| !open_claim(&self.request.scope, &self.known, claim));
        let parts = self.shown(signed_in)?;
        let html = app::pages::consent::ConsentPage {
            action: self.pending.address(self.signet.idp.seal()),
            shown: self.signet.idp.seal().tag(Sealed::Consent, &parts.each_ref().map(String::as_str)),
            client: app::pages::client::ClientFace::of(&self.visitor.client),
            newcomer: self.newcomer(),
            destination: Destination::of(self.redirection.redirect_uri()),
            resources: named(&self.request.target),
            details: detailed(&self.request.target, self.remembered.as_ref()),
            scopes: scopes.collect(),
            new_scopes: self.new_scopes(),
            claims: beyond.map(str::to_owned).collect(),
            username: signed_in.user.username.clone(),
            switch_href: self.switch_address(signed_in),
        }
        .render(&crate::assets::pkg());
        Ok(page(StatusCode::OK, &Policy::NoScript, html))
    }

    /// The words of the page about a client that nobody here looked at before it came.
    fn newcomer(&self) -> Option<Newcomer> {
        let client = &self.visitor.client;
        let uris = &client.redirect_uris;
        // One that registered itself has a name of its own choice, and nothing else that is sure but where the answer goes.
        let registered = (client.origin == ClientOrigin::Registration)
            .then(|| Destination::of(self.redirection.redirect_uri()).to_string());
        Some(Newcomer {
            place: self.visitor.place().or(registered)?,
            is_new: self.visitor.is_new,
            only_on_device: uris.iter().all(|uri| Destination::of(uri.as_str()).is_on_device()),
        })
    }

    /// The scopes that the person has not allowed this client yet, if they allowed some.
    fn new_scopes(&self) -> Vec<String> {
        let Some(remembered) = &self.remembered else { return Vec::new() };
        let nothing = oauth::claims::ClaimsRequest::default();
        let is_new =
            |token: &&ScopeToken| !remembered.covers(&Scope::from_iter([(*token).clone()]), &nothing, &self.known);
        self.request.scope.iter().filter(is_new).map(ToString::to_string).collect()
    }

    /// All that the consent page says: about whom, for which client as it is registered now, the request, and the scopes with
    /// what they mean now.
    fn shown(&self, signed_in: &SignedIn) -> Result<[String; 4], Failure> {
        let agreement = Agreement::of(&self.request.scope, &self.known).about(&self.request.target);
        let in_words = (named(&self.request.target), self.request.target.details_in_words());
        let meaning = (agreement, in_words, self.new_scopes());
        Ok([
            signed_in.session.subject.to_string(),
            serde_json::to_string(&*self.visitor.client).map_err(Failure::internal)?,
            self.asked.parameters.encode(),
            serde_json::to_string(&meaning).map_err(Failure::internal)?,
        ])
    }

    fn was_shown(&self, confirmation: &Confirmation, signed_in: &SignedIn) -> Result<bool, Failure> {
        let parts = self.shown(signed_in)?;
        Ok(confirmation.is_about(self.signet.idp.seal(), Sealed::Consent, &parts.each_ref().map(String::as_str)))
    }
}
