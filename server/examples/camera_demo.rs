//! A camera that shows to whom what their scopes allow: `camera:view` the picture, `camera:control` the buttons that move it,
//! `camera:record` the recordings. It asks for the first at sign-in and for the others when somebody wants them.
//!
//! Each call asks the server what the access token is good for, as an API does that gets tokens from others.
//!
//! `make demo` starts it beside a server. Settings: `ISSUER`, `CLIENT_ID`, `CLIENT_SECRET`, `LISTEN_ADDR`, `BASE_URL`.

mod common;

#[path = "camera/introspection.rs"]
mod introspection;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use maud::{Markup, html};

use common::failure::Failure;
use common::page;
use common::relying_party::Login;
use common::site::{Fields, Site, around};

const VIEW: &str = "camera:view";
const CONTROL: &str = "camera:control";
const RECORD: &str = "camera:record";

/// The scopes of this application, and what people read about them when they are asked.
const SCOPES: [(&str, &str); 3] =
    [(VIEW, "See what the camera sees"), (CONTROL, "Turn the camera"), (RECORD, "Make and see recordings")];

/// The direction of the camera, in units of the room, which is 800 wide and 400 high. It sees 400 by 225 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Direction {
    x: i32,
    y: i32,
}

struct Camera {
    direction: Direction,
    recordings: Vec<Direction>,
}

struct Demo {
    site: Site,
    camera: Mutex<Camera>,
}

type Shared = State<Arc<Demo>>;
type Scopes = BTreeSet<String>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (site, listener) = Site::open("camera_demo", 3001).await?;
    let camera = Camera { direction: Direction { x: 200, y: 100 }, recordings: Vec::new() };
    serve(listener, routes(Demo { site, camera: Mutex::new(camera) })).await?;
    Ok(())
}

fn routes(demo: Demo) -> Router {
    let routes = Router::new()
        .route("/", get(show))
        .route("/login", get(begin))
        .route("/callback", get(finish))
        .route("/logout", post(end))
        .route("/now.svg", get(picture))
        .route("/recordings/{number}", get(recording))
        .route("/turn", post(turn))
        .route("/record", post(record));
    around(&demo.site, routes).with_state(Arc::new(demo))
}

/// Whoever is signed in, with what the server says their access token is good for now.
async fn allowed(demo: &Demo, headers: &HeaderMap) -> Result<Option<(Login, Scopes)>, Failure> {
    let Some(login) = demo.site.signed_in(headers, false).await? else { return Ok(None) };
    let scopes = demo.site.server.introspect(&login).await?.ok_or(Failure::Expired)?;
    Ok(Some((login, scopes)))
}

/// Lets nobody pass whose token has not the scope (RFC 6750 §3.1, `insufficient_scope`).
async fn require(demo: &Demo, headers: &HeaderMap, scope: &'static str) -> Result<(), Response> {
    match allowed(demo, headers).await {
        Ok(Some((_, scopes))) if scopes.contains(scope) => Ok(()),
        Ok(_) => Err((StatusCode::FORBIDDEN, format!("This needs the scope {scope}.\n")).into_response()),
        Err(failure) => Err(failure.into_response()),
    }
}

async fn show(State(demo): Shared, headers: HeaderMap) -> Result<Response, Failure> {
    let allowed = allowed(&demo, &headers).await?;
    // A server leaves out what it does not know or what this client may not have, and says what it granted.
    let left_out = |wanted: &str| allowed.as_ref().is_some_and(|(_, scopes)| !scopes.contains(wanted));
    if wanted(&headers).is_some_and(left_out) {
        return Ok(remember(page::render("Unknown scope", &how_to_allow(&demo.site)).into_response(), None));
    }
    let body = match allowed {
        None => html! {
            h1 { "Camera" }
            p { "Somebody's living room. Sign in to see it." }
            a.button href="/login" { "Sign in" }
        },
        Some((login, scopes)) => {
            let camera = demo.camera.lock().unwrap_or_else(PoisonError::into_inner);
            room(&login, &scopes, &camera)
        }
    };
    Ok(remember(page::render("Camera", &body).into_response(), None))
}

fn room(login: &Login, scopes: &Scopes, camera: &Camera) -> Markup {
    let may = |scope: &str| scopes.contains(scope);
    let Direction { x, y } = camera.direction;
    html! {
        h1 { "Camera" }
        p { "Signed in as " strong { (login.name) } ", with " @for scope in scopes { code { (scope) } " " } }
        @if may(VIEW) {
            // The address changes with the picture, so that no browser shows the one before.
            img.picture src=(format!("/now.svg?at={x},{y}")) alt="The living room, now" width="400" height="225";
        } @else { (ask(VIEW, "You may not see the picture.", "Ask to see it")) }
        @if may(CONTROL) {
            form.row.turn method="post" action="/turn" {
                @for way in ["left", "right", "up", "down"] { button name="way" value=(way) { (way) } }
            }
        } @else { (ask(CONTROL, "You may not turn the camera.", "Ask for the controls")) }
        @if may(RECORD) {
            form method="post" action="/record" { button { "Record" } }
            ul {
                @for number in 1..=camera.recordings.len() {
                    li { a href=(format!("/recordings/{number}")) { "Recording " (number) } }
                } @if camera.recordings.is_empty() { li { span { "Nothing was recorded." } } }
            }
        } @else { (ask(RECORD, "You may not make recordings.", "Ask for the recordings")) }
        form method="post" action="/logout" { button { "Log out" } }
    }
}

/// Incremental authorization: the scope is asked for when it is needed.
fn ask(scope: &str, text: &str, link: &str) -> Markup {
    html! { p.ask { (text) " " a href=(format!("/login?scope={scope}")) { (link) } } }
}

/// Asks for what the person has already and the one scope more that the link names.
async fn begin(State(demo): Shared, headers: HeaderMap, Query(query): Query<Fields>) -> Result<Response, Failure> {
    let held = allowed(&demo, &headers).await.unwrap_or_default().map(|(_, scopes)| scopes).unwrap_or_default();
    let wanted = query.get("scope").map_or(VIEW, String::as_str);
    let ours = SCOPES.iter().map(|(scope, _)| *scope).filter(|scope| *scope == wanted || held.contains(*scope));
    let scopes: Vec<_> = ["profile"].into_iter().chain(ours).collect();
    let wanted = SCOPES.iter().find(|(scope, _)| *scope == wanted).map(|(scope, _)| *scope);
    Ok(remember(demo.site.begin(&headers, &scopes, false).await?, wanted))
}

/// The cookie with the scope that was asked for last.
const WANTED: &str = "camera_wanted";

/// The scope that was asked for, until the answer has come.
fn wanted(headers: &HeaderMap) -> Option<&'static str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let sent = pairs.into_iter().find(|(name, _)| *name == WANTED)?.1;
    SCOPES.iter().map(|(scope, _)| *scope).find(|scope| *scope == sent)
}

/// The same answer, which remembers what was asked for, or forgets it.
fn remember(mut response: Response, wanted: Option<&'static str>) -> Response {
    let (value, seconds) = wanted.map_or(("", 0), |scope| (scope, 600));
    let cookie = format!("{WANTED}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn finish(State(demo): Shared, headers: HeaderMap, Query(query): Query<Fields>) -> Result<Response, Failure> {
    let refused = query.contains_key("error");
    if query.get("error").is_some_and(|error| error == "invalid_scope") {
        let advice = page::render("Unknown scope", &how_to_allow(&demo.site));
        return Ok(remember((StatusCode::BAD_REQUEST, advice).into_response(), None));
    }
    let response = demo.site.finish(&headers, query).await?;
    Ok(if refused { remember(response, None) } else { response })
}

/// The advice for a server that does not know these scopes.
fn how_to_allow(site: &Site) -> Markup {
    let (issuer, client_id) = (site.server.issuer.as_str(), site.server.client_id.as_str());
    let call =
        |path: &str, body: &str| format!("curl \"{issuer}{path}\" -H \"X-Admin-Token: $ADMIN_TOKEN\" -d '{body}'\n");
    let scopes = SCOPES
        .map(|(name, text)| call("/admin/scopes", &format!("{{\"name\": \"{name}\", \"description\": \"{text}\"}}")));
    let names = SCOPES.map(|(name, _)| name).join(" ");
    let policy = format!(
        "{{\"allowed_scopes\": \"openid profile email offline_access {names}\", \
         \"default_scopes\": \"openid profile email offline_access\"}}"
    );
    html! {
        h1 { "The server does not know these scopes" }
        p { "Or this client may not ask for them. An administrator can allow them in the console, or so:" }
        pre { (scopes.concat()) (call(&format!("/admin/clients/{client_id}/policy"), &policy)) }
        p { a.button href="/" { "Back to the start" } }
    }
}

async fn end(State(demo): Shared, headers: HeaderMap) -> Result<Response, Failure> {
    demo.site.end(&headers).await
}

async fn picture(State(demo): Shared, headers: HeaderMap) -> Result<Response, Response> {
    require(&demo, &headers, VIEW).await?;
    let direction = demo.camera.lock().unwrap_or_else(PoisonError::into_inner).direction;
    Ok(draw(direction))
}

async fn recording(State(demo): Shared, headers: HeaderMap, Path(number): Path<usize>) -> Result<Response, Response> {
    require(&demo, &headers, RECORD).await?;
    let camera = demo.camera.lock().unwrap_or_else(PoisonError::into_inner);
    let direction = number.checked_sub(1).and_then(|index| camera.recordings.get(index));
    direction.map(|direction| draw(*direction)).ok_or_else(|| StatusCode::NOT_FOUND.into_response())
}

async fn turn(State(demo): Shared, headers: HeaderMap, Form(form): Form<Fields>) -> Result<Redirect, Response> {
    require(&demo, &headers, CONTROL).await?;
    let (x, y) = match form.get("way").map(String::as_str) {
        Some("left") => (-100, 0),
        Some("right") => (100, 0),
        Some("up") => (0, -50),
        Some("down") => (0, 50),
        _ => (0, 0),
    };
    let direction = &mut demo.camera.lock().unwrap_or_else(PoisonError::into_inner).direction;
    direction.x = (direction.x + x).clamp(0, 400);
    direction.y = (direction.y + y).clamp(0, 175);
    Ok(Redirect::to("/"))
}

async fn record(State(demo): Shared, headers: HeaderMap) -> Result<Redirect, Response> {
    require(&demo, &headers, RECORD).await?;
    let mut camera = demo.camera.lock().unwrap_or_else(PoisonError::into_inner);
    let direction = camera.direction;
    // The disk of a camera is small.
    if camera.recordings.len() < 20 {
        camera.recordings.push(direction);
    }
    Ok(Redirect::to("/"))
}

/// The part of the room that the camera sees.
fn draw(Direction { x, y }: Direction) -> Response {
    let svg = include_str!("camera/room.svg").replacen("0 0 800 400", &format!("{x} {y} 400 225"), 1);
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "no-store")], svg).into_response()
}
