//! The fields about the people who sign in to a client.

use leptos::prelude::*;
use oauth::client::SubjectType;

use super::form::ClientForm;
use crate::console::tips;
use crate::islands::Check;
use crate::ui::{Choice, Field, checkbox, message, section, select};

impl ClientForm<'_> {
    /// The types of authorization details that it may ask for, folded away until there is one.
    pub(super) fn details_types(&self) -> AnyView {
        let (draft, error) = (self.draft, message(self.errors, "authorization_details_types"));
        let open = error.is_some() || !draft.authorization_details_types.is_empty();
        let types = Field::new("authorization_details_types", "Types of authorization details")
            .value(&draft.authorization_details_types)
            .help("One a line, as resources describe them. Empty: none.")
            .tip(tips::CLIENT_DETAILS_TYPES)
            .error(error)
            .rows(2)
            .code();
        view! {
            <details class="more" open=open>
                <summary>"Authorization details"</summary>
                {types.view()}
            </details>
        }
        .into_any()
    }

    /// The pages that people are shown links to.
    pub(super) fn links(&self) -> AnyView {
        [
            ("client_uri", "Website", tips::CLIENT_WEBSITE, &self.draft.client_uri),
            ("logo_uri", "Logo", tips::CLIENT_LOGO, &self.draft.logo_uri),
            ("policy_uri", "Privacy policy", tips::PRIVACY_POLICY, &self.draft.policy_uri),
            ("tos_uri", "Terms of service", tips::TERMS_OF_SERVICE, &self.draft.tos_uri),
        ]
        .into_iter()
        .map(|(name, label, tip, value)| {
            let field = Field::new(name, label)
                .tip(tip)
                .value(value)
                .kind("url")
                .placeholder("https://")
                .error(self.error(name))
                .code();
            field.check(if name == "logo_uri" { Check::PictureUrl } else { Check::WebUrl }).view()
        })
        .collect_view()
        .into_any()
    }

    /// The names by which it knows people, and how they sign in to it; folded away until something of it is used.
    pub(super) fn people(&self) -> AnyView {
        let draft = self.draft;
        let names = ["subject_type", "sector_identifier_uri", "default_max_age", "default_acr_values"];
        let open = names.iter().any(|name| self.errors.find(name).is_some())
            || draft.subject_type == SubjectType::Pairwise.as_str()
            || draft.require_auth_time
            || !draft.sector_identifier_uri.is_empty()
            || !draft.default_max_age.is_empty()
            || !draft.default_acr_values.is_empty();
        view! {
            <details class="more" open=open>
                <summary>"People"</summary>
                <div class="sections">
                    {section("Names", "What it calls people by.", self.names())}
                    {section("Logins", "What it asks for where its requests say nothing.", self.logins())}
                </div>
            </details>
        }
        .into_any()
    }

    fn names(&self) -> AnyView {
        let draft = self.draft;
        let choices = SubjectType::ALL.iter().map(|kind| {
            let label = match kind {
                SubjectType::Public => "public: the same for all applications",
                SubjectType::Pairwise => "pairwise: others for each sector",
            };
            Choice::new(kind, label, "")
        });
        let subject_type = select(
            "subject_type",
            "Subjects",
            "With other ones everybody is somebody new to the application: it finds no account of theirs any more, and the tokens that it has end.",
            tips::SUBJECT_TYPE,
            choices.collect(),
            &draft.subject_type,
            message(self.errors, "subject_type"),
        );
        let sector = Field::new("sector_identifier_uri", "Address of the sector’s list")
            .value(&draft.sector_identifier_uri)
            .help("For pairwise subjects, where the redirect URIs have several hosts. It is fetched when you save.")
            .tip(tips::SECTOR)
            .kind("url")
            .placeholder("https://")
            .error(message(self.errors, "sector_identifier_uri"))
            .code()
            .check(Check::FetchedUrl);
        view! { {subject_type} {sector.view()} }.into_any()
    }

    fn logins(&self) -> AnyView {
        let draft = self.draft;
        let max_age = Field::new("default_max_age", "Oldest login")
            .value(&draft.default_max_age)
            .help("Seconds. Who signed in longer ago does so again.")
            .tip(tips::DEFAULT_MAX_AGE)
            .kind("number")
            .error(message(self.errors, "default_max_age"));
        let auth_time = checkbox(
            "require_auth_time",
            "Needs the time of the login",
            "ID tokens always say it.",
            tips::REQUIRE_AUTH_TIME,
            draft.require_auth_time,
        );
        let acr_values = Field::new("default_acr_values", "Wished level of authentication")
            .value(&draft.default_acr_values)
            .help("One a line. This server has the level 1.")
            .tip(tips::DEFAULT_ACR_VALUES)
            .error(message(self.errors, "default_acr_values"))
            .rows(1)
            .code();
        view! { {max_age.view()} {auth_time} {acr_values.view()} }.into_any()
    }
}
