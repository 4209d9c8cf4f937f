//! The fields of a resource.

use leptos::prelude::*;
use oauth::client::{ACCESS_TOKEN_LIFETIME, TokenFormat};
use oauth::details::DetailsTypeDraft;
use oauth::field::FieldErrors;
use oauth::resource::{MAX_RESOURCE_NAME, ResourceDraft, ResourceScopeDraft, ResourceStatus};

use crate::console::tips;
use crate::islands::Check;
use crate::ui::{Choice, Field, Tip, checkbox, checkbox_or_error, message, section, select};

/// Empty lines below those of the scopes that there are.
const SPARE_LINES: usize = 3;

/// The sections of the form.
pub(super) fn sections(draft: &ResourceDraft, errors: &FieldErrors, is_new: bool) -> AnyView {
    let form = Form { draft, errors };
    view! {
        {section("Resource", "Where it is, and what people call it.", form.naming(is_new))}
        {section("Scopes", "What clients may ask for there. Empty a line to take its scope away.", form.scopes())}
        {section("Authorization details", "What clients may ask to do there, in objects of these types (RFC 9396). Empty a line to take its type away.", form.details_types())}
        {section("Tokens", "What the resource gets to see. It counts more than the client's policy.", form.tokens())}
        {section("Access", "Which clients get tokens for it.", form.access())}
    }
    .into_any()
}

struct Form<'a> {
    draft: &'a ResourceDraft,
    errors: &'a FieldErrors,
}

impl Form<'_> {
    fn naming(&self, is_new: bool) -> AnyView {
        let help = if is_new {
            "As it stands in the metadata of the API, path included. It cannot be changed later."
        } else {
            "Only its spelling can be changed: what it is compared by stays."
        };
        let identifier = Field::new("identifier", "Identifier")
            .value(&self.draft.identifier)
            .help(help)
            .tip(tips::RESOURCE_IDENTIFIER)
            .placeholder("https://mcp.example.com/mcp")
            .error(message(self.errors, "identifier"))
            .code();
        let name = Field::new("name", "Name")
            .value(&self.draft.name)
            .help("Shown on the consent page.")
            .tip(tips::RESOURCE_NAME)
            .error(message(self.errors, "name"))
            .check(Check::display_name(MAX_RESOURCE_NAME));
        let state = |status: ResourceStatus, label| Choice::new(status.as_str(), label, "");
        let choices = vec![
            state(ResourceStatus::Enabled, "Enabled"),
            state(ResourceStatus::Disabled, "Disabled"),
            state(ResourceStatus::Pending, "Waits for an administrator"),
        ];
        let help = "Tokens are given for an enabled one only.";
        let error = message(self.errors, "status");
        let status = select("status", "Status", help, tips::RESOURCE_STATUS, choices, &self.draft.status, error);
        view! { {identifier.view()} {name.view()} {status} }.into_any()
    }

    /// A line for each scope. What is sent is lines, in their order.
    fn scopes(&self) -> AnyView {
        let spare = std::iter::repeat_n(ResourceScopeDraft::default(), SPARE_LINES);
        let lines = self.draft.scopes.iter().cloned().chain(spare).enumerate().map(scope_line).collect_view();
        let head = |name: &str, label: &'static str, tip: Tip| {
            let tip = tip.view(&format!("group-scopes_{name}"), label);
            view! { <th scope="col">{label} " " {tip}</th> }
        };
        let error = message(self.errors, "scopes");
        view! {
            <fieldset class="group" aria-describedby="group-scopes-error">
                <legend class="visually-hidden">"Scopes"</legend>
                <div class="table-frame lines">
                    <table aria-label="Scopes">
                        <thead>
                            <tr>
                                {head("name", "Name", tips::RESOURCE_SCOPE_NAME)}
                                {head("description", "Description", tips::RESOURCE_SCOPE_DESCRIPTION)}
                                {head("default", "By default", tips::RESOURCE_SCOPE_DEFAULT)}
                            </tr>
                        </thead>
                        <tbody>{lines}</tbody>
                    </table>
                </div>
                {error.map(|error| view! { <p class="err" id="group-scopes-error">{error}</p> })}
            </fieldset>
        }
        .into_any()
    }

    /// A line for each type of authorization details.
    fn details_types(&self) -> AnyView {
        let spare = std::iter::once(DetailsTypeDraft::default());
        let types = self.draft.authorization_details_types.iter().cloned().chain(spare);
        let lines = types.enumerate().map(details_line).collect_view();
        let head = |name: &str, label: &'static str, tip: Tip| {
            let tip = tip.view(&format!("group-authorization_details_types_{name}"), label);
            view! { <th scope="col">{label} " " {tip}</th> }
        };
        let error = message(self.errors, "authorization_details_types");
        view! {
            <fieldset class="group" aria-describedby="group-authorization_details_types-error">
                <legend class="visually-hidden">"Types of authorization details"</legend>
                <div class="table-frame lines">
                    <table aria-label="Types of authorization details">
                        <thead>
                            <tr>
                                {head("type", "Type", tips::DETAILS_TYPE)}
                                {head("description", "Sentence", tips::DETAILS_SENTENCE)}
                                {head("fields", "Fields", tips::DETAILS_FIELDS)}
                            </tr>
                        </thead>
                        <tbody>{lines}</tbody>
                    </table>
                </div>
                {error.map(|error| view! { <p class="err" id="group-authorization_details_types-error">{error}</p> })}
            </fieldset>
        }
        .into_any()
    }

    fn tokens(&self) -> AnyView {
        let choices = vec![
            Choice::new(TokenFormat::Jwt.as_str(), "JWT", ""),
            Choice::new(TokenFormat::Opaque.as_str(), "Opaque", ""),
            Choice::new("", "As the client's policy says", ""),
        ];
        let help = "Most MCP servers verify JWTs.";
        let error = message(self.errors, "token_format");
        let format = select(
            "token_format",
            "Token format",
            help,
            tips::RESOURCE_TOKEN_FORMAT,
            choices,
            &self.draft.token_format,
            error,
        );
        let lifetime = Field::new("access_token_lifetime", "Access token lifetime")
            .value(&self.draft.access_token_lifetime)
            .help("Seconds. Empty: as the client's policy says.")
            .tip(tips::RESOURCE_TOKEN_LIFETIME)
            .error(message(self.errors, "access_token_lifetime"))
            .kind("number")
            .check(Check::optional_range(&ACCESS_TOKEN_LIFETIME));
        let userinfo = checkbox(
            "may_read_userinfo",
            "May read userinfo",
            "Its tokens are good at this server, too.",
            tips::RESOURCE_USERINFO,
            self.draft.may_read_userinfo,
        );
        view! { {format} {lifetime.view()} {userinfo} }.into_any()
    }

    fn access(&self) -> AnyView {
        let clients = Field::new("allowed_clients", "Clients")
            .value(&self.draft.allowed_clients)
            .help("Client IDs, one a line. Empty: every client may ask for it, and people decide.")
            .tip(tips::RESOURCE_CLIENTS)
            .error(message(self.errors, "allowed_clients"))
            .rows(3)
            .code();
        let exchangers = Field::new("exchanged_by", "Clients that may exchange its tokens")
            .value(&self.draft.exchanged_by)
            .help("Client IDs, one a line: the servers behind this resource, where they call others for the same person. Empty: none.")
            .tip(tips::RESOURCE_EXCHANGERS)
            .error(message(self.errors, "exchanged_by"))
            .rows(2)
            .code();
        let default = checkbox_or_error(
            "default",
            ("Default resource", "For requests that name no resource. It takes the place of the one before."),
            tips::RESOURCE_DEFAULT,
            self.draft.default,
            message(self.errors, "default"),
        );
        view! { {clients.view()} {exchangers.view()} {default} }.into_any()
    }
}

fn details_line((index, kind): (usize, DetailsTypeDraft)) -> AnyView {
    let number = index + 1;
    let label = |what: &str| format!("{what} of type {number}");
    // As in a text area of a field: what is in it is not escaped otherwise.
    let fields = format!("\n{}", kind.fields.replace('&', "&amp;").replace('<', "&lt;"));
    view! {
        <tr>
            <td>
                <input class="input code" name="authorization_details_types_type" value=kind.name aria-label=label("Name") spellcheck="false" autocapitalize="none"/>
            </td>
            <td>
                <input class="input" name="authorization_details_types_description" value=kind.description aria-label=label("Sentence")/>
            </td>
            <td>
                <textarea class="input code" name="authorization_details_types_fields" rows="4" aria-label=label("Fields") spellcheck="false" autocapitalize="none" placeholder="actions required = read write" inner_html=fields></textarea>
            </td>
        </tr>
    }
    .into_any()
}

fn scope_line((index, scope): (usize, ResourceScopeDraft)) -> AnyView {
    let number = index + 1;
    let label = |what: &str| format!("{what} of scope {number}");
    view! {
        <tr>
            <td>
                <input class="input code" name="scopes_name" value=scope.name aria-label=label("Name") spellcheck="false" autocapitalize="none"/>
            </td>
            <td><input class="input" name="scopes_description" value=scope.description aria-label=label("Description")/></td>
            <td>
                <input type="checkbox" name="scopes_default" value=index.to_string() checked=scope.default aria-label=label("By default")/>
            </td>
        </tr>
    }
    .into_any()
}
