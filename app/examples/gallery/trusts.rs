//! Trusts in the console.

use app::console::listed::{Place, Walked};
use app::console::trusts::accounts::{AccountLink, TrustAccountsPage, UnlinkPage};
use app::console::trusts::danger::TrustDangerPage;
use app::console::trusts::list::{TrustListPage, TrustRow};
use app::console::trusts::settings::{ChooseTrustPage, NewTrustPage, TrustSettingsPage};
use app::console::{Again, Console, Editing};
use oauth::count::Count;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::id::{Issuer, TrustId};
use oauth::trust::{LinkDraft, Trust, TrustDraft, TrustKind};

use crate::sample::{ISSUER, LONG, NOW, ago};

pub(crate) fn pages(console: &Console) -> Vec<(&'static str, String)> {
    let new = |kind| NewTrustPage { kind, editing: Editing::new(TrustDraft::preset(kind)) }.render(console);
    let why = "https://idp.example.com/.well-known/oauth-authorization-server: the answer has status 404".to_owned();
    vec![
        ("trusts", list("", vec![provider(), actions(), vendor(), long()]).render(console)),
        ("trusts-none", list("q=nothing&sort=-created", Vec::new()).render(console)),
        ("trusts-empty", list("", Vec::new()).render(console)),
        ("trust-choose", ChooseTrustPage {}.render(console)),
        ("trust-new-provider", new(TrustKind::IdentityProvider)),
        ("trust-new-workload", new(TrustKind::WorkloadIssuer)),
        ("trust-new-server", new(TrustKind::AuthorizationServer)),
        ("trust-new-errors", new_with_errors().render(console)),
        ("trust-provider", settings(provider(), None, None).render(console)),
        ("trust-workload", settings(actions(), None, None).render(console)),
        ("trust-server", settings(vendor(), None, None).render(console)),
        ("trust-long", settings(long(), None, None).render(console)),
        ("trust-conflict", settings(vendor(), Some(Again::Conflict), None).render(console)),
        ("trust-keys-found", settings(actions(), None, Some(Ok(3))).render(console)),
        ("trust-keys-missing", settings(provider(), None, Some(Err(why))).render(console)),
        ("trust-accounts", accounts(true, FieldErrors::default()).render(console)),
        ("trust-accounts-empty", accounts(false, FieldErrors::default()).render(console)),
        ("trust-accounts-errors", accounts(true, FieldErrors::one("user", FieldProblem::NoUser)).render(console)),
        ("trust-account-end", unlink().render(console)),
        ("trust-danger", TrustDangerPage { trust: provider(), errors: FieldErrors::default() }.render(console)),
    ]
}

#[expect(clippy::expect_used, reason = "a sample that is not right is no sample")]
fn trust(id: &str, draft: &TrustDraft) -> Trust {
    let here = Issuer::parse(ISSUER).expect("it is an issuer");
    draft.check(TrustId::new(id), &here).expect("the sample is right")
}

fn provider() -> Trust {
    let draft = TrustDraft {
        issuer: "https://idp.example.com".to_owned(),
        name: "Acme".to_owned(),
        algs: "ES256".to_owned(),
        admits_public_clients: true,
        ..TrustDraft::preset(TrustKind::IdentityProvider)
    };
    trust("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a21", &draft)
}

fn actions() -> Trust {
    let rules =
        "deploy environment=production repository=acme/shop\nnightly repository=acme/shop workflow=Nightly%20build";
    let draft = TrustDraft {
        issuer: "https://token.actions.githubusercontent.com".to_owned(),
        name: "GitHub Actions".to_owned(),
        rules: rules.to_owned(),
        ..TrustDraft::preset(TrustKind::WorkloadIssuer)
    };
    trust("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a22", &draft)
}

fn vendor() -> Trust {
    let draft = TrustDraft {
        issuer: "https://as.vendor.example".to_owned(),
        clients: "agent acme-agent\nassistant".to_owned(),
        resources: "https://mcp.vendor.example/mcp notes:read notes:write".to_owned(),
        groups: "Human Resources\nstaff".to_owned(),
        shares_email: true,
        enabled: false,
        ..TrustDraft::preset(TrustKind::AuthorizationServer)
    };
    trust("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a23", &draft)
}

fn long() -> Trust {
    let issuer =
        "https://a-very-long-name-of-a-department.example.com/identity/providers/internal/v2026/realms/everybody";
    let draft = TrustDraft {
        issuer: issuer.to_owned(),
        name: LONG.to_owned(),
        tenant: "0b7c6f0e-5d5a-4f38-9a10-6a4f1c1d2e3f".to_owned(),
        ..TrustDraft::preset(TrustKind::IdentityProvider)
    };
    trust("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a24", &draft)
}

fn list(query: &str, trusts: Vec<Trust>) -> TrustListPage {
    let rows = trusts.into_iter().enumerate().map(|(index, trust)| TrustRow {
        trust,
        created_at: ago(9_000 + 90_000 * i64::try_from(index).unwrap_or_default()),
    });
    crate::console::list(query, rows.collect())
}

#[expect(clippy::expect_used, reason = "a sample that is not right is no sample")]
fn new_with_errors() -> NewTrustPage {
    let kind = TrustKind::WorkloadIssuer;
    let draft = TrustDraft {
        issuer: "token.actions.githubusercontent.com".to_owned(),
        jwks: "{}".to_owned(),
        rules: "deploy".to_owned(),
        ..TrustDraft::preset(kind)
    };
    let here = Issuer::parse(ISSUER).expect("it is an issuer");
    let errors = draft.check(TrustId::new("new"), &here).err().unwrap_or_default();
    NewTrustPage { kind, editing: Editing { errors, again: Some(Again::Refused), ..Editing::new(draft) } }
}

fn settings(trust: Trust, again: Option<Again>, found: Option<Result<usize, String>>) -> TrustSettingsPage {
    let editing = Editing { again, ..Editing::of(TrustDraft::from(&trust), 3) };
    TrustSettingsPage { trust, editing, found }
}

fn unlink() -> UnlinkPage {
    let TrustAccountsPage { trust, mut links, .. } = accounts(true, FieldErrors::default());
    UnlinkPage { trust, link: links.remove(1), is_of_user: false, draft: LinkDraft::default() }
}

fn accounts(some: bool, errors: FieldErrors) -> TrustAccountsPage {
    let link = |there: &str, username: &str, days: i64| AccountLink {
        id: there.to_owned(),
        there: there.to_owned(),
        user: "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11".to_owned(),
        username: username.to_owned(),
        created_at: ago(days * 86_400),
    };
    let entra = "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ_and_as_long_as_some_of_them_are_0123456789";
    let links = vec![link("00u1a2b3c4d5e6f7g8h9", "alice", 2), link(entra, "bob", 40), link("7", LONG, 400)];
    let again = (!errors.is_empty()).then_some(Again::Refused);
    let draft = if errors.is_empty() {
        LinkDraft::default()
    } else {
        LinkDraft { subject: "00u9".to_owned(), user: "nobody".to_owned() }
    };
    TrustAccountsPage {
        unread: Vec::new(),
        trust: provider(),
        walked: Walked {
            place: Place { page: 1, previous: None, next: some.then(|| entra.to_owned()), is_lost: false },
            total: Count::new(60),
            per_page: 25,
        },
        links: if some { links } else { Vec::new() },
        editing: Editing { errors, again, ..Editing::new(draft) },
        now: NOW,
    }
}
