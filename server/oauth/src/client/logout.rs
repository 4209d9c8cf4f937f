//! The addresses of a client that this server sends people and messages to by itself: when somebody signs out, and when somebody
//! signs in from here.

use fluent_uri::Uri;
use serde::{Deserialize, Serialize};

use crate::destination::Destination;
use crate::field::{FieldProblem, check_web_url};
use crate::id::{Issuer, SessionId};
use crate::origin::WebOrigin;
use crate::redirect_uri::RedirectUri;

/// The ways in which a client hears that a session ended (OpenID Connect Back-Channel Logout 1.0 §2.2, Front-Channel Logout 1.0 §2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientLogout {
    /// Gets a logout token, from this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// True: it needs `sid` in logout tokens, which all of them have.
    #[serde(default, skip_serializing_if = "is_off")]
    pub backchannel_logout_session_required: bool,
    /// Is opened in a frame of the page on which somebody signs out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// True: it needs `iss` and `sid` in the query.
    #[serde(default, skip_serializing_if = "is_off")]
    pub frontchannel_logout_session_required: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_off(flag: &bool) -> bool {
    !flag
}

impl ClientLogout {
    /// True for a client that nothing is registered of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True for a client that is to hear of the end of its sessions.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.backchannel_logout_uri.is_some() || self.frontchannel_logout_uri.is_some()
    }

    /// The address of the frame for a session that ended (Front-Channel Logout 1.0 §3).
    #[must_use]
    pub fn frame(&self, issuer: &Issuer, sid: &SessionId) -> Option<String> {
        let uri = self.frontchannel_logout_uri.as_ref()?;
        if !self.frontchannel_logout_session_required {
            return Some(uri.clone());
        }
        Some(with_parameters(uri, &[("iss", issuer.as_str()), ("sid", sid.as_str())]))
    }
}

/// A URI with parameters behind those that it has.
#[must_use]
pub fn with_parameters(uri: &str, parameters: &[(&str, &str)]) -> String {
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{uri}{separator}{query}")
}

/// An optional address to which logout tokens are sent: https, or http on this computer.
///
/// # Errors
/// Also when it has a fragment.
pub fn check_backchannel_logout_uri(text: &str) -> Result<Option<String>, FieldProblem> {
    check_called(text, &[])
}

/// An optional address for a frame: the same, and of the origin of a redirect URI (Front-Channel Logout 1.0 §2).
///
/// # Errors
/// Also when the query has a parameter that this server adds.
pub fn check_frontchannel_logout_uri(
    text: &str,
    redirect_uris: &[RedirectUri],
) -> Result<Option<String>, FieldProblem> {
    let uri = check_called(text, &["iss", "sid"])?;
    if let Some(uri) = &uri {
        let origin = WebOrigin::of_url(uri).map(WebOrigin::into_string).ok();
        if origin.is_none() || !redirect_uris.iter().any(|redirect_uri| redirect_uri.origin() == origin) {
            return Err(FieldProblem::OriginOfNoRedirectUri);
        }
    }
    Ok(uri)
}

/// An optional address at which a login begins (OpenID Connect Core §4).
///
/// # Errors
/// As of the others.
pub fn check_initiate_login_uri(text: &str) -> Result<Option<String>, FieldProblem> {
    check_called(text, &["iss", "login_hint", "target_link_uri"])
}

/// `added` are the parameters that this server adds.
fn check_called(text: &str, added: &[&'static str]) -> Result<Option<String>, FieldProblem> {
    let Some(url) = check_web_url(text)? else { return Ok(None) };
    if url.starts_with("http:") && !Destination::of(&url).is_on_device() {
        return Err(FieldProblem::HttpsOrLoopback);
    }
    let uri = Uri::parse(url.as_str()).map_err(|_| FieldProblem::WebUrl)?;
    if uri.fragment().is_some() {
        return Err(FieldProblem::Fragment);
    }
    let query = uri.query().map(|query| query.as_str()).unwrap_or_default();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        if let Some(added) = added.iter().find(|added| **added == name) {
            return Err(FieldProblem::AddedParameter(added));
        }
    }
    Ok(Some(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_called_is_https_or_on_this_computer() {
        for (typed, kept) in [
            ("HTTPS://A.example/bye?x=1", "https://a.example/bye?x=1"),
            ("http://localhost:3000/bye", "http://localhost:3000/bye"),
            ("http://[::1]/bye", "http://[::1]/bye"),
        ] {
            assert_eq!(check_backchannel_logout_uri(typed), Ok(Some(kept.to_owned())));
        }
        assert_eq!(check_backchannel_logout_uri(" "), Ok(None));
        for (typed, problem) in [
            ("http://a.example/bye", FieldProblem::HttpsOrLoopback),
            ("https://a.example/bye#x", FieldProblem::Fragment),
            ("https://u:p@a.example/bye", FieldProblem::WebUrlUserInfo),
            ("com.example.app:/bye", FieldProblem::WebUrl),
            ("/bye", FieldProblem::WebUrl),
        ] {
            assert_eq!(check_backchannel_logout_uri(typed), Err(problem.clone()), "{typed}");
            assert_eq!(check_initiate_login_uri(typed), Err(problem), "{typed}");
        }
        let hinted = check_initiate_login_uri("https://a.example/login?login%5Fhint=x");
        assert_eq!(hinted, Err(FieldProblem::AddedParameter("login_hint")));
    }

    #[test]
    fn a_frame_is_of_the_origin_of_a_redirect_uri() {
        let uris =
            ["https://App.example:443/cb", "com.example.app:/cb"].map(|uri| RedirectUri::parse(uri, true).unwrap());
        let check = |uri| check_frontchannel_logout_uri(uri, &uris);
        assert_eq!(check("https://app.example/bye"), Ok(Some("https://app.example/bye".to_owned())));
        for other in ["https://b.example/bye", "https://app.example:8443/bye", "http://localhost/bye"] {
            assert_eq!(check(other), Err(FieldProblem::OriginOfNoRedirectUri), "{other}");
        }
        assert_eq!(check("https://app.example/bye?sid=1"), Err(FieldProblem::AddedParameter("sid")));
    }

    #[test]
    fn a_frame_says_which_session_ended_to_those_who_need_it() {
        let (issuer, sid) = (Issuer::parse("https://id.example").unwrap(), SessionId::new("s-1"));
        let frame = |uri: &str, required| {
            let logout = ClientLogout {
                frontchannel_logout_uri: Some(uri.to_owned()),
                frontchannel_logout_session_required: required,
                ..ClientLogout::default()
            };
            logout.frame(&issuer, &sid).unwrap()
        };
        assert_eq!(frame("https://a.example/bye", false), "https://a.example/bye");
        let query = "iss=https%3A%2F%2Fid.example&sid=s-1";
        assert_eq!(frame("https://a.example/bye", true), format!("https://a.example/bye?{query}"));
        assert_eq!(frame("https://a.example/bye?", true), format!("https://a.example/bye?{query}"));
        assert_eq!(frame("https://a.example/bye?x=1", true), format!("https://a.example/bye?x=1&{query}"));
        assert_eq!(ClientLogout::default().frame(&issuer, &sid), None);
    }
}
