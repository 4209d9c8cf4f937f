//! The parts that the forms of a new and of a known user share: the standard claims (OpenID Connect Core §5.1).

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::user::{MAX_CLAIM, MAX_USERNAME, UserDraft};

use crate::console::tips;
use crate::islands::Check;
use crate::ui::{Field, Tip, checkbox, message, section};

/// A form with what was typed and what is wrong with it.
pub(super) struct UserForm<'a> {
    pub(super) draft: &'a UserDraft,
    pub(super) errors: &'a FieldErrors,
}

impl UserForm<'_> {
    fn field(&self, name: &str, label: &str, tip: Tip, value: &str) -> Field {
        Field::new(name, label).tip(tip).value(value).error(message(self.errors, name)).autocomplete("off")
    }

    pub(super) fn username(&self) -> AnyView {
        let field =
            self.field("username", "Username", tips::USERNAME, &self.draft.username).help("What they sign in with.");
        field.check(Check::name(MAX_USERNAME)).view()
    }

    pub(super) fn email(&self) -> AnyView {
        let field = self
            .field("email", "Email", tips::EMAIL, &self.draft.email)
            .kind("email")
            .help("They can sign in with it too. Each address belongs to one user.");
        let verified = checkbox(
            "email_verified",
            "Mailbox verified",
            "It is known that they read mail sent there.",
            tips::MAILBOX_VERIFIED,
            self.draft.email_verified,
        );
        view! { {field.check(Check::Email).view()} {verified} }.into_any()
    }

    pub(super) fn enabled(&self) -> AnyView {
        checkbox(
            "enabled",
            "Enabled",
            "A disabled user cannot sign in. Unticking it signs them out everywhere when you save: their sessions end and their tokens are revoked.",
            tips::USER_ENABLED,
            self.draft.enabled,
        )
    }

    /// All standard claims but the email address.
    pub(super) fn claims(&self) -> AnyView {
        view! {
            {section("Name", "Under the scope profile.", self.names())}
            {section("Profile", "Under the scope profile.", self.profile())}
            {section("Phone", "Under the scope phone.", self.phone())}
            {section("Address", "Under the scope address.", self.address())}
            {section("Further claims", "Under scopes of your own.", self.extra())}
        }
        .into_any()
    }

    fn halves(&self, fields: Vec<(&str, &str, Tip, &str, Check)>) -> AnyView {
        let fields = fields
            .into_iter()
            .map(|(name, label, tip, value, check)| {
                let field = self.field(name, label, tip, value);
                field.check(check).view()
            })
            .collect_view();
        view! { <div class="halves">{fields}</div> }.into_any()
    }

    fn names(&self) -> AnyView {
        let draft = self.draft;
        let text = Check::text(MAX_CLAIM);
        self.halves(vec![
            ("name", "Name", tips::FULL_NAME, &draft.name, text),
            ("nickname", "Nickname", tips::NICKNAME, &draft.nickname, text),
            ("given_name", "Given name", tips::GIVEN_NAME, &draft.given_name, text),
            ("family_name", "Family name", tips::FAMILY_NAME, &draft.family_name, text),
            ("middle_name", "Middle name", tips::MIDDLE_NAME, &draft.middle_name, text),
            ("preferred_username", "Shorthand name", tips::SHORTHAND_NAME, &draft.preferred_username, text),
        ])
    }

    fn profile(&self) -> AnyView {
        let draft = self.draft;
        let text = Check::text(MAX_CLAIM);
        self.halves(vec![
            ("profile", "Profile page", tips::PROFILE_PAGE, &draft.profile, Check::WebUrl),
            ("picture", "Picture", tips::PICTURE, &draft.picture, Check::WebUrl),
            ("website", "Website", tips::USER_WEBSITE, &draft.website, Check::WebUrl),
            ("birthdate", "Birthdate", tips::BIRTHDATE, &draft.birthdate, Check::Text(10)),
            ("gender", "Gender", tips::GENDER, &draft.gender, text),
            ("zoneinfo", "Time zone", tips::TIME_ZONE, &draft.zoneinfo, text),
            ("locale", "Locale", tips::LOCALE, &draft.locale, text),
        ])
    }

    fn phone(&self) -> AnyView {
        let field = self
            .field("phone_number", "Phone number", tips::PHONE_NUMBER, &self.draft.phone_number)
            .kind("tel")
            .placeholder("+1 555 0100");
        let help = "It is known that they answer it.";
        let verified = checkbox(
            "phone_number_verified",
            "Number verified",
            help,
            tips::NUMBER_VERIFIED,
            self.draft.phone_number_verified,
        );
        view! { {field.check(Check::text(MAX_CLAIM)).view()} {verified} }.into_any()
    }

    fn address(&self) -> AnyView {
        let draft = self.draft;
        let text = Check::text(MAX_CLAIM);
        view! {
            {self.field("street_address", "Street address", tips::STREET_ADDRESS, &draft.street_address).rows(2).view()}
            {self.halves(vec![
                ("postal_code", "Postal code", tips::POSTAL_CODE, &draft.postal_code, text),
                ("locality", "City", tips::CITY, &draft.locality, text),
                ("region", "Region", tips::REGION, &draft.region, text),
                ("country", "Country", tips::COUNTRY, &draft.country, text),
            ])}
        }
        .into_any()
    }

    fn extra(&self) -> AnyView {
        let field = self
            .field("extra_claims", "Claims as JSON", tips::CLAIMS_AS_JSON, &self.draft.extra_claims)
            .help("An object. A scope of your own that lists one of its names opens it.")
            .placeholder("{\"department\": \"Sales\"}")
            .rows(4)
            .code();
        field.view()
    }
}
