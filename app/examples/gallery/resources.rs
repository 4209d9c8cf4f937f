//! Resources in the console.

use app::console::clients::credentials::{NewSecret, SecretRow};
use app::console::resources::credentials::ResourceCredentialsPage;
use app::console::resources::danger::ResourceDangerPage;
use app::console::resources::list::{ResourceListPage, ResourceRow};
use app::console::resources::server::ResourceServerPage;
use app::console::resources::settings::{NewResourcePage, ResourceSettingsPage};
use app::console::{Again, Console, Editing};
use oauth::client::SecretDraft;
use oauth::details::DetailsTypeDraft;
use oauth::field::FieldErrors;
use oauth::id::{Issuer, ResourceId};
use oauth::resource::{Difference, Resource, ResourceDraft, ResourceScopeDraft, ResourceStatus};

use crate::sample::{ISSUER, LONG, NOW, ago};

pub(crate) fn pages(console: &Console) -> Vec<(&'static str, String)> {
    vec![
        ("resources", list("", vec![notes(), pending(), long()]).render(console)),
        ("resources-none", list("q=nothing&sort=-created", Vec::new()).render(console)),
        ("resources-empty", list("", Vec::new()).render(console)),
        ("resource-new", NewResourcePage { editing: Editing::new(ResourceDraft::preset()) }.render(console)),
        ("resource-new-errors", new_with_errors().render(console)),
        ("resource", settings(notes(), None).render(console)),
        ("resource-pending", settings(pending(), None).render(console)),
        ("resource-conflict", settings(notes(), Some(Again::Conflict)).render(console)),
        ("resource-server", server(None).render(console)),
        ("resource-server-good", server(Some(Vec::new())).render(console)),
        ("resource-server-differences", server(Some(differences())).render(console)),
        ("resource-credentials", credentials(NewSecret::None).render(console)),
        ("resource-credentials-new", credentials(crate::console::shown()).render(console)),
        (
            "resource-danger",
            ResourceDangerPage { resource: notes(), is_default: false, errors: FieldErrors::default() }.render(console),
        ),
    ]
}

fn draft(identifier: &str, name: &str) -> ResourceDraft {
    let scope = |name: &str, description: &str, default| ResourceScopeDraft {
        name: name.to_owned(),
        description: description.to_owned(),
        default,
    };
    ResourceDraft {
        identifier: identifier.to_owned(),
        name: name.to_owned(),
        authorization_details_types: vec![DetailsTypeDraft {
            name: "note_share".to_owned(),
            description: "Share notes".to_owned(),
            fields: "actions required = read comment\nto.address string required\nuntil".to_owned(),
        }],
        scopes: vec![scope("notes:read", "Read your notes", true), scope("notes:write", "Write notes", false)],
        ..ResourceDraft::preset()
    }
}

#[expect(clippy::expect_used, reason = "a sample that is not right is no sample")]
fn resource(id: &str, draft: &ResourceDraft) -> Resource {
    draft.check(ResourceId::new(id)).expect("the sample is right")
}

fn notes() -> Resource {
    resource("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11", &draft("https://mcp.example.com/mcp", "Notes"))
}

fn pending() -> Resource {
    let found = draft("https://calendar.example.org/mcp", "Calendar");
    let draft = ResourceDraft { status: ResourceStatus::Pending.to_string(), ..found };
    resource("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a12", &draft)
}

fn long() -> Resource {
    let identifier =
        "https://a-very-long-name-of-a-department.example.com/services/internal/model-context-protocol/v2026";
    resource("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a13", &draft(identifier, LONG))
}

fn list(query: &str, resources: Vec<Resource>) -> ResourceListPage {
    let rows = resources.into_iter().enumerate().map(|(index, resource)| ResourceRow {
        resource,
        is_default: index == 0,
        created_at: ago(9_000 + 90_000 * i64::try_from(index).unwrap_or_default()),
    });
    crate::console::list(query, rows.collect())
}

fn new_with_errors() -> NewResourcePage {
    let mut draft = draft("https://mcp.example.com/mcp#notes", "");
    draft.scopes.push(ResourceScopeDraft { name: "openid".to_owned(), ..ResourceScopeDraft::default() });
    let errors = draft.check(ResourceId::new("new")).err().unwrap_or_default();
    NewResourcePage { editing: Editing { errors, again: Some(Again::Refused), ..Editing::new(draft) } }
}

fn settings(resource: Resource, again: Option<Again>) -> ResourceSettingsPage {
    let editing = Editing { again, ..Editing::of(ResourceDraft::of(&resource, false), 3) };
    ResourceSettingsPage { resource, is_default: false, editing }
}

fn differences() -> Vec<String> {
    let url = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp".to_owned();
    let spelling = Difference::ServerSpelling { url, said: format!("{ISSUER}/"), issuer: ISSUER.to_owned() };
    vec![spelling.to_string(), Difference::NotBearer("Basic".to_owned()).to_string()]
}

fn server(differences: Option<Vec<String>>) -> ResourceServerPage {
    let resource = notes();
    let metadata = Issuer::parse(ISSUER).map(|issuer| resource.metadata(&issuer)).unwrap_or_default();
    ResourceServerPage {
        issuer: ISSUER.to_owned(),
        addresses: resource.identifier.metadata_urls(),
        metadata: format!("{metadata:#}"),
        unauthorized: format!("WWW-Authenticate: {}", resource.unauthorized()),
        forbidden: format!("WWW-Authenticate: {}", resource.forbidden()),
        differences,
        is_default: false,
        resource,
    }
}

fn credentials(new_secret: NewSecret) -> ResourceCredentialsPage {
    let secret = |id: &str, name: &str, days: i64| SecretRow {
        id: id.to_owned(),
        name: name.to_owned(),
        created_at: ago(days * 86_400),
        expires_at: None,
        last_used_at: (days < 100).then(|| ago(90)),
        last_used_by: None,
    };
    ResourceCredentialsPage {
        resource: notes(),
        is_default: false,
        introspection_endpoint: format!("{ISSUER}/introspect"),
        secrets: vec![secret("1", "production", 2), secret("2", "staging", 200)],
        new_secret,
        editing: Editing::new(SecretDraft::default()),
        now: NOW,
    }
}
