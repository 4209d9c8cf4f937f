//! The pages for the people who sign in.

use app::account::consents::ConsentsPage;
use app::pages::admin_login::AdminLoginPage;
use app::pages::approve::{ApprovePage, ApprovedPage, Waiting};
use app::pages::client::ClientFace;
use app::pages::consent::{ConsentPage, Newcomer};
use app::pages::detail::Detail;
use app::pages::device::{DeviceCodePage, DeviceConsentPage, DeviceDonePage, DeviceNewcomer};
use app::pages::error::{ErrorPage, Reason};
use app::pages::explained::ExplainedPage;
use app::pages::form_post::FormPostPage;
use app::pages::home::HomePage;
use app::pages::login::LoginPage;
use app::pages::logout::LogoutPage;
use app::pages::refusal::{Because, Refusal};
use app::pages::select_account::SelectAccountPage;
use app::pages::setup::SetupPage;
use app::pages::signed_in::SignedInPage;
use app::pages::signed_out::SignedOutPage;
use oauth::authorize::LoginReason;
use oauth::destination::Destination;
use oauth::details::DetailInWords;
use oauth::error::Problem;
use oauth::field::FieldProblem;
use oauth::grant::UserCode;

use crate::sample::{ISSUER, LONG, NOW, billing, consents, demo, long};

pub(crate) fn pages(pkg: &str) -> Vec<(&'static str, String)> {
    let home = |is_set_up, username: Option<&str>| {
        HomePage {
            is_administrator: false,
            issuer: ISSUER.to_owned(),
            waiting: usize::from(username == Some("bob")),
            is_set_up,
            signed_in: username.map(|name: &str| (name.to_owned(), String::new())),
        }
        .render(pkg)
    };
    let admin = |refusal| AdminLoginPage { action: "/admin/login".to_owned(), refusal, kept: Vec::new() }.render(pkg);
    let kept = vec![("kept.client_name".to_owned(), "The shop".to_owned())];
    let admin_kept = AdminLoginPage { action: "/admin/login".to_owned(), refusal: None, kept }.render(pkg);
    vec![
        ("home-first", home(false, None)),
        ("home", home(true, None)),
        ("home-signed-in", home(true, Some("alice"))),
        ("home-waiting", home(true, Some("bob"))),
        ("login-signed-in", signed_in(pkg)),
        ("setup", SetupPage { error: None }.render(pkg)),
        ("setup-error", SetupPage { error: Some(FieldProblem::TooShort(16)) }.render(pkg)),
        ("admin-login", admin(None)),
        ("admin-login-refused", admin(refused(Because::Wrong))),
        ("admin-login-kept", admin_kept),
        ("login", login(None, "", None, pkg)),
        ("login-client", login(Some(ClientFace::of(&billing())), "", None, pkg)),
        ("login-refused", login(Some(ClientFace::of(&demo())), "alice", refused(Because::Wrong), pkg)),
        ("login-delayed", login(None, "alice", refused(Because::TooMany { wait: 8 }), pkg)),
        ("login-long", login(Some(ClientFace::of(&long())), "", None, pkg)),
        ("account", account(consents(), pkg)),
        ("account-empty", account(Vec::new(), pkg)),
        ("select-account", select_account(pkg)),
        ("consent-details", consent_details(pkg)),
        ("consent", consent(ClientFace::of(&billing()), "https://billing.example.com/cb", pkg)),
        ("consent-app", consent(ClientFace::of(&billing()), "com.example.billing:/cb", pkg)),
        ("consent-program", consent(ClientFace::of(&billing()), "http://127.0.0.1:51234/cb", pkg)),
        ("consent-newcomer", newcomer("Claude", "https://claude.ai/api/mcp/auth_callback", false, pkg)),
        ("consent-newcomer-program", newcomer("Claude Code", "http://localhost:57470/callback", true, pkg)),
        (
            "consent-long",
            consent(
                ClientFace::of(&long()),
                "https://a-rather-long-subdomain.of-a-rather-long-domain.example.com/cb",
                pkg,
            ),
        ),
        ("device", device_code("", None, pkg)),
        ("device-wrong", device_code("WDJB-MJHT", refused(Because::Wrong), pkg)),
        ("device-consent", device_consent(ClientFace::of(&billing()), None, pkg)),
        ("device-consent-long", device_consent(ClientFace::of(&long()), None, pkg)),
        ("device-consent-newcomer", device_consent(ClientFace::of(&billing()), Some(device_newcomer(true)), pkg)),
        ("device-consent-registered", device_consent(ClientFace::of(&long()), Some(device_newcomer(false)), pkg)),
        ("device-allowed", DeviceDonePage { allowed: true }.render(pkg)),
        ("device-declined", DeviceDonePage { allowed: false }.render(pkg)),
        ("approve-empty", approve(Vec::new(), false, pkg)),
        ("approve", approve(vec![waiting(ClientFace::of(&billing()), Some("W4SCT"), None)], false, pkg)),
        ("approve-gone", approve(Vec::new(), true, pkg)),
        ("approve-many", approve(many_waiting(), false, pkg)),
        ("approve-allowed", ApprovedPage { allowed: true, left: 0 }.render(pkg)),
        ("approve-declined", ApprovedPage { allowed: false, left: 3 }.render(pkg)),
        ("signed-out", SignedOutPage::default().render(pkg)),
        ("signed-out-telling", telling().render(pkg)),
        ("logout", logout(pkg)),
        ("error", error(pkg)),
        ("error-explained", error_explained(pkg)),
        ("explained", explained(pkg)),
        ("form-post", form_post(pkg)),
    ]
}

fn login(client: Option<ClientFace>, username: &str, refusal: Option<Refusal>, pkg: &str) -> String {
    let reason = LoginReason::NobodySignedIn;
    LoginPage { action: "/login?next=%2F".to_owned(), reason, client, username: username.to_owned(), refusal }
        .render(pkg)
}

fn telling() -> SignedOutPage {
    let next = Some("https://billing.example.com/bye".to_owned());
    SignedOutPage { frames: vec!["about:blank".to_owned()], next }
}

fn signed_in(pkg: &str) -> String {
    SignedInPage { username: "alice".to_owned(), other_href: "/login?next=%2F".to_owned() }.render(pkg)
}

fn account(consents: Vec<app::account::consents::Consent>, pkg: &str) -> String {
    ConsentsPage { username: "alice".to_owned(), withdrawn: consents.is_empty(), consents, now: NOW }.render(pkg)
}

fn select_account(pkg: &str) -> String {
    SelectAccountPage {
        client_name: "Billing".to_owned(),
        username: "alice".to_owned(),
        continue_href: "/authorize".to_owned(),
        other_href: "/login".to_owned(),
    }
    .render(pkg)
}

fn scopes() -> Vec<(String, String)> {
    let scopes = [
        ("openid", "Know who you are"),
        ("profile", "Your name, picture and other profile details"),
        ("email", "Your email address"),
        ("offline_access", "Stay signed in when you are away"),
        ("photos:read", ""),
    ];
    scopes.map(|(name, description)| (name.to_owned(), description.to_owned())).to_vec()
}

fn device_code(user_code: &str, refusal: Option<Refusal>, pkg: &str) -> String {
    DeviceCodePage {
        user_code: user_code.to_owned(),
        refusal,
        username: "alice".to_owned(),
        switch_href: "/login".to_owned(),
    }
    .render(pkg)
}

fn device_newcomer(has_document: bool) -> DeviceNewcomer {
    DeviceNewcomer {
        place: has_document.then(|| "agent.example.com".to_owned()),
        is_new: true,
        proves_nothing: !has_document,
    }
}

fn device_consent(client: ClientFace, newcomer: Option<DeviceNewcomer>, pkg: &str) -> String {
    DeviceConsentPage {
        shown: String::new(),
        user_code: UserCode::from_random(7_654_321_987),
        client,
        newcomer,
        resources: vec![("Notes".to_owned(), "mcp.example.com".to_owned())],
        details: details().into_iter().take(1).collect(),
        scopes: scopes(),
        asked_at: NOW.plus(-130),
        now: NOW,
        username: "alice".to_owned(),
        switch_href: "/login".to_owned(),
    }
    .render(pkg)
}

fn approve(waiting: Vec<Waiting>, is_gone: bool, pkg: &str) -> String {
    ApprovePage { waiting, is_gone, now: NOW, username: "alice".to_owned(), switch_href: "/login".to_owned() }
        .render(pkg)
}

fn waiting(client: ClientFace, message: Option<&str>, newcomer: Option<DeviceNewcomer>) -> Waiting {
    Waiting {
        id: String::new(),
        shown: String::new(),
        client,
        newcomer,
        resources: vec![("Notes".to_owned(), "mcp.example.com".to_owned())],
        details: details().into_iter().skip(1).take(1).collect(),
        scopes: scopes(),
        binding_message: message.map(str::to_owned),
        address: Some("203.0.113.7".to_owned()),
        asked_at: NOW.plus(-130),
    }
}

fn many_waiting() -> Vec<Waiting> {
    let message =
        "Pay 1,250.00 EUR to the Bright Hill Bakery and Coffee House, invoice 2026-11-27/4711, in one instalment";
    vec![
        waiting(ClientFace::of(&billing()), Some("W4SCT"), None),
        waiting(ClientFace::of(&long()), Some(message), None),
        waiting(ClientFace::of(&demo()), None, Some(device_newcomer(false))),
    ]
}

fn consent(client: ClientFace, redirect_uri: &str, pkg: &str) -> String {
    ConsentPage {
        action: "/authorize?client_id=billing-prod".to_owned(),
        client,
        newcomer: None,
        shown: String::new(),
        destination: Destination::of(redirect_uri),
        resources: vec![("Notes".to_owned(), "mcp.example.com".to_owned())],
        details: Vec::new(),
        new_scopes: vec!["photos:read".to_owned()],
        scopes: scopes(),
        claims: vec!["phone_number".to_owned()],
        username: "alice".to_owned(),
        switch_href: "/login".to_owned(),
    }
    .render(pkg)
}

/// The same with authorization details, and no scope beside them.
fn consent_details(pkg: &str) -> String {
    ConsentPage {
        action: "/authorize?client_id=billing-prod".to_owned(),
        client: ClientFace::of(&billing()),
        newcomer: None,
        shown: String::new(),
        destination: Destination::of("https://billing.example.com/cb"),
        resources: vec![("Example Bank".to_owned(), "bank.example.com".to_owned())],
        details: details(),
        new_scopes: Vec::new(),
        scopes: Vec::new(),
        claims: Vec::new(),
        username: "alice".to_owned(),
        switch_href: "/login".to_owned(),
    }
    .render(pkg)
}

fn details() -> Vec<Detail> {
    let detail = |sentence: &str, fields: &[(&str, &[&str])], is_new| {
        let field = |(label, values): &(&str, &[&str])| {
            ((*label).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
        };
        let fields = fields.iter().map(field).collect();
        Detail { words: DetailInWords { sentence: sentence.to_owned(), fields }, is_new }
    };
    vec![
        detail("See your accounts", &[("Actions", &["list_accounts", "read_balances", "read_transactions"])], false),
        detail(
            "Make a payment",
            &[
                ("Instructed amount, currency", &["EUR"]),
                ("Instructed amount, amount", &["123.50"]),
                ("Creditor name", &["Merchant A"]),
                ("Creditor account, iban", &["DE02100100109307118603"]),
                ("Urgent", &["no"]),
            ],
            true,
        ),
        detail(
            "<b>A sentence</b> & one that is \"escaped\"",
            &[("Locations", &["https://example.com/payments?a=1&b=<2>"])],
            false,
        ),
        detail(LONG, &[("Text", &[LONG])], false),
    ]
}

/// The consent page of a client that came with a document.
fn newcomer(name: &str, redirect_uri: &str, only_on_device: bool, pkg: &str) -> String {
    ConsentPage {
        action: "/authorize?client_id=x".to_owned(),
        client: ClientFace { name: name.to_owned(), logo: None, ..ClientFace::of(&demo()) },
        newcomer: Some(Newcomer { place: "claude.ai".to_owned(), is_new: true, only_on_device }),
        shown: String::new(),
        destination: Destination::of(redirect_uri),
        resources: vec![("Notes".to_owned(), "mcp.example.com".to_owned())],
        details: Vec::new(),
        new_scopes: Vec::new(),
        scopes: vec![("notes:read".to_owned(), "Read your notes".to_owned())],
        claims: Vec::new(),
        username: "alice".to_owned(),
        switch_href: "/login".to_owned(),
    }
    .render(pkg)
}

fn logout(pkg: &str) -> String {
    LogoutPage {
        action: "/logout".to_owned(),
        shown: String::new(),
        client_name: Some("Billing".to_owned()),
        username: "alice".to_owned(),
    }
    .render(pkg)
}

fn error(pkg: &str) -> String {
    let reason = Reason::Problem(Problem::RedirectUriUnregistered {
        client_id: "billing-prod".to_owned(),
        redirect_uri: "https://billing.example.com/oauth2/callback/that/nobody/registered?and=more".to_owned(),
    });
    ErrorPage { reason, request_id: Some("7b9ce33e27f84ea1".to_owned()), explained: None }.render(pkg)
}

/// The same before an administrator.
fn error_explained(pkg: &str) -> String {
    let (problem, explained) = crate::activity::slash();
    ErrorPage {
        reason: Reason::Problem(problem),
        request_id: Some("7b9ce33e27f84ea1".to_owned()),
        explained: Some(explained),
    }
    .render(pkg)
}

fn explained(pkg: &str) -> String {
    ExplainedPage { request_id: "7b9ce33e27f84ea1".to_owned(), explained: None }.render(pkg)
}

fn form_post(pkg: &str) -> String {
    FormPostPage {
        action: "https://billing.example.com/callback".to_owned(),
        fields: vec![("code".to_owned(), "x".to_owned()), ("state".to_owned(), "<&\"'>".to_owned())],
        nonce: "sample".to_owned(),
    }
    .render(pkg)
}

fn refused(because: Because) -> Option<Refusal> {
    Some(Refusal { because, request_id: Some("6a0b1c2d9f8e7d6c5b4a".to_owned()) })
}
