//! Authorization requests, as both of their endpoints judge them: what is pushed is judged as if it came from a browser (RFC 9126 §2.1).

use idp::{Discovery, Scopes};
use oauth::authorize::{AuthorizationRequest, Redirection};
use oauth::client::Client;
use oauth::details::AuthorizationDetails;
use oauth::error::{ErrorCode, OAuthError};
use oauth::form::Form;
use oauth::refusal::Reason;
use oauth::resource::{Target, read_resources};
use oauth::response_type::ResponseType;

use crate::state::Signet;

/// A request that the client may make, with the scopes of this server and of the resources that it is for.
pub(crate) struct Judged {
    pub(crate) request: AuthorizationRequest,
    pub(crate) known: Scopes,
}

/// Judges the parameters of a request, once it is certain where the answer goes.
pub(crate) async fn judge(
    signet: &Signet,
    parameters: &Form,
    client: &Client,
    redirection: &Redirection,
) -> Result<Result<Judged, OAuthError>, idp::Error> {
    let target = match read_target(signet, parameters, client).await? {
        Ok(target) => target,
        Err(error) => return Ok(Err(error)),
    };
    let known = signet.idp.scopes_at(&target).await?;
    let request = AuthorizationRequest::verify(parameters, client, target, &known, redirection);
    Ok(match request {
        // The operator took back what the client was registered for.
        Ok(request) if request.response_type.has_tokens() && !signet.idp.legacy_response_types() => {
            let error = OAuthError::new(Reason::ResponseTypeOff);
            Err(error.sent("response_type", request.response_type.as_str()).expected([ResponseType::Code]))
        }
        request => request.map(|request| Judged { request, known }),
    })
}

/// The resources that a request is for, and what is to be done there in detail. A resource that is not known is looked for.
async fn read_target(
    signet: &Signet,
    parameters: &Form,
    client: &Client,
) -> Result<Result<Target, OAuthError>, idp::Error> {
    let named = match read_resources(parameters) {
        Ok(named) => named,
        Err(error) => return Ok(Err(error)),
    };
    let details = match AuthorizationDetails::read(parameters) {
        Ok(details) => details,
        Err(error) => return Ok(Err(error)),
    };
    let target = signet.idp.resources().await?.aimed_or_default(&named, &details, client);
    if !target.as_ref().is_err_and(|error| error.code == ErrorCode::InvalidTarget) {
        return Ok(target);
    }
    Ok(match signet.idp.discover_resources(&named).await? {
        Discovery::Accepted => signet.idp.resources().await?.aimed_or_default(&named, &details, client),
        Discovery::Pending => Err(OAuthError::new(Reason::ResourcePending)),
        Discovery::Nothing => target,
    })
}
