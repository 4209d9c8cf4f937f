//! Forms that were posted when the console was not open any more. The login page carries what was typed in hidden fields, and
//! after the login the form is shown again, filled in: it is not saved before somebody has looked it over.

use app::console::{Flash, path};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use oauth::form::Form;
use oauth::id::Issuer;
use oauth::secret::Secret;
use tower::ServiceExt as _;

use super::admin::{Resumed, done};
use super::login;
use crate::http::cookie::Cookie;
use crate::http::form::{MAX_BODY, read_bytes};
use crate::http::same_origin_path;
use crate::state::Signet;

/// Begins the names of the hidden fields.
const PREFIX: &str = "kept.";
/// Names the hidden field with the address that the form was posted to.
const ADDRESS: &str = "kept-address";
/// Fields that nobody wants to find in a page: what is typed there is not kept. A test walks all forms for others.
const SECRETS: [&str; 4] = ["password", "client_secret", "admin_token", "token"];
/// Room for the admin token in the form that carries another, in bytes.
const ROOM: usize = 4 * 1_024;

/// A form on its way through the login.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// The address that it was posted to: path and query.
    address: String,
    fields: Form,
}

impl Kept {
    /// The form that was posted; none if it is no form, or too large to be carried along.
    fn of(parts: &Parts, body: &[u8], issuer: &Issuer) -> Option<Self> {
        let address = parts.uri.path_and_query()?.as_str().to_owned();
        let fields = SECRETS.iter().fold(Form::parse(body).ok()?, |form, secret| form.without(secret));
        let kept = Self { address, fields };
        (Form::from_pairs(kept.hidden_fields(issuer)).encode().len() + ROOM <= MAX_BODY).then_some(kept)
    }

    /// The form that a login carries, if it leads back into the console.
    pub(super) fn read(login: &Form, issuer: &Issuer) -> Option<Self> {
        let address = login.text(ADDRESS);
        let address = same_origin_path(&address, issuer).filter(|path| path.starts_with(path::DASHBOARD))?.to_owned();
        let fields = login.pairs().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Some(Self { address, fields: Form::from_pairs(fields) })
    }

    /// The hidden fields of the login page.
    pub(super) fn hidden_fields(&self, issuer: &Issuer) -> Vec<(String, String)> {
        let fields = self.fields.pairs().map(|(name, value)| (format!("{PREFIX}{name}"), value.to_owned()));
        std::iter::once((ADDRESS.to_owned(), issuer.address(&self.address))).chain(fields).collect()
    }
}

/// The layer that keeps a form whose answer would be the way to the login.
pub(super) async fn keep_form(State(signet): State<Signet>, request: Request, next: Next) -> Response {
    let is_form = request.method() == Method::POST
        && request.uri().path().starts_with(path::DASHBOARD)
        && request.uri().path() != path::SEARCH;
    if !is_form {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = match read_bytes(Request::from_parts(parts.clone(), body), &()).await {
        Ok(body) => body,
        Err(unread) => return unread.in_words(),
    };
    let answer = next.run(Request::from_parts(parts.clone(), Body::from(body.clone()))).await;
    if !leads_to_login(&answer) {
        return answer;
    }
    match Kept::of(&parts, &body, signet.issuer()) {
        Some(kept) => {
            login::page(&signet, StatusCode::UNAUTHORIZED, &came_from(&parts, signet.issuer()), None, Some(&kept))
        }
        None => answer,
    }
}

fn leads_to_login(answer: &Response) -> bool {
    let location = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let path = location.and_then(|location| location.split('?').next());
    answer.status() == StatusCode::SEE_OTHER && path == Some(path::LOGIN)
}

/// The page that the form was on, as the browser says; the dashboard if it does not.
fn came_from(parts: &Parts, issuer: &Issuer) -> String {
    let referer = parts.headers.get(header::REFERER).and_then(|referer| referer.to_str().ok()).unwrap_or_default();
    let page = same_origin_path(referer, issuer).filter(|page| page.starts_with(path::DASHBOARD));
    let (page, query) =
        page.unwrap_or(path::DASHBOARD).split_once('?').unwrap_or((page.unwrap_or(path::DASHBOARD), ""));
    // It is not said again that something was done.
    let query = Form::parse(query.as_bytes()).unwrap_or_default().without(Flash::PARAMETER).encode();
    if query.is_empty() { page.to_owned() } else { format!("{page}?{query}") }
}

/// The pages with forms, to ask one of them for a form that was kept.
#[derive(Debug, Clone)]
pub(super) struct Forms(Router);

impl Forms {
    pub(super) fn new(pages: Router) -> Self {
        Self(pages)
    }

    /// The answer to a login that carries a form: its page, filled in. What is no form but a button leads to `next` and says that
    /// nothing was done.
    pub(super) async fn show(&self, login: Login, kept: &Kept, next: &str) -> Response {
        let Login { issuer, cookie, mut headers, mut extensions } = login;
        let mut cookies = vec![Cookie::Admin.sent(&issuer, &cookie)];
        cookies.extend(headers.get_all(header::COOKIE).iter().cloned());
        headers.remove(header::COOKIE);
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::TRANSFER_ENCODING);
        for cookie in cookies {
            headers.append(header::COOKIE, cookie);
        }
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form);
        extensions.insert(Resumed);
        let Ok(mut request) = Request::post(&kept.address).body(Body::from(kept.fields.encode())) else {
            return done(next, Flash::NotDone);
        };
        *request.headers_mut() = headers;
        *request.extensions_mut() = extensions;
        match self.0.clone().oneshot(request).await {
            Ok(page) if !page.status().is_redirection() => page,
            Ok(_) | Err(_) => done(next, Flash::NotDone),
        }
    }
}

/// A login that succeeded, as the browser sent it, and the cookie that it is about to be given.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) issuer: Issuer,
    pub(super) cookie: Secret,
    pub(super) headers: HeaderMap,
    pub(super) extensions: Extensions,
}
