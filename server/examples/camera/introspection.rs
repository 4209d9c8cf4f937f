//! Introspection: an API that was sent an access token asks the server what it is good for (RFC 7662).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::common::failure::Failure;
use crate::common::relying_party::{Login, RelyingParty};

impl RelyingParty {
    /// The scopes of the login's access token; `None` when it is good for nothing any more.
    pub(crate) async fn introspect(&self, login: &Login) -> Result<Option<BTreeSet<String>>, Failure> {
        let metadata = format!("{}/.well-known/oauth-authorization-server", self.issuer.as_str());
        let metadata = self.answer(self.http.get(metadata)).await?;
        let endpoint = metadata.get("introspection_endpoint").and_then(Value::as_str);
        let endpoint = endpoint.ok_or_else(|| Failure::unexpected("the server has no introspection_endpoint"))?;
        let (id, token) = (self.client_id.as_str(), login.access_token.secret().as_str());
        let request = self.http.post(endpoint);
        let request = match &self.client_secret {
            Some(secret) => request.basic_auth(id, Some(secret.secret())).form(&[("token", token)]),
            None => request.form(&[("token", token), ("client_id", id)]),
        };
        let answer = self.answer(request).await?;
        let scope = answer.get("scope").and_then(Value::as_str).unwrap_or_default();
        let active = answer.get("active") == Some(&Value::Bool(true));
        Ok(active.then(|| scope.split(' ').map(str::to_owned).collect()))
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value, Failure> {
        let away = |error: reqwest::Error| Failure::Away(self.issuer.as_str().to_owned(), error.to_string());
        request.send().await.and_then(reqwest::Response::error_for_status).map_err(away)?.json().await.map_err(away)
    }
}
