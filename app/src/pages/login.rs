//! The login page.

use leptos::prelude::*;

use oauth::authorize::LoginReason;

use super::client::ClientFace;
use super::refusal::Refusal;
use super::{badge, panel, text};
use crate::ui::Field;

/// The login page. Sends `username` and `password`.
#[derive(Debug, Clone)]
pub struct LoginPage {
    /// The address that the form posts to: `/login?next=…`.
    pub action: String,
    /// The reason why somebody must sign in now.
    pub reason: LoginReason,
    /// The application that asked for the login, if one did.
    pub client: Option<ClientFace>,
    /// The name that stands in the field already: from `login_hint`, or as it was typed.
    pub username: String,
    /// The outcome of the last try.
    pub refusal: Option<Refusal>,
}

impl LoginPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(text().login.title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().login;
        let head = self.client.as_ref().map_or_else(badge, ClientFace::badge);
        let purpose = self.client.as_ref().map(|client| {
            view! { <p class="muted">{text.purpose.view(view! { <b class="name">{client.name.clone()}</b> })}</p> }
        });
        let reason = (text.reason)(self.reason).map(|reason| view! { <p class="muted">{reason}</p> });
        let refused = self.refusal.map(|refusal| refusal.note(text.wrong, text.too_many));
        let links = self.client.as_ref().and_then(ClientFace::links);
        let username =
            Field::new("username", text.username).value(&self.username).autocomplete("username").required().code();
        let password =
            Field::new("password", text.password).kind("password").autocomplete("current-password").required();
        // The cursor waits in the first field that is still to be filled in.
        let (username, password) =
            if self.username.is_empty() { (username.autofocus(), password) } else { (username, password.autofocus()) };
        view! {
            {head}
            <header>
                <h1>{text.title}</h1>
                {purpose}
                {reason}
            </header>
            {refused}
            <form class="stack" method="post" action=self.action>
                {username.view()}
                {password.view()}
                <button class="btn primary wide">{text.button}</button>
            </form>
            {links}
        }
    }
}

#[cfg(test)]
mod tests {
    use oauth::client::ClientKind;

    use super::*;
    use crate::pages::refusal::Because;

    fn page(name: &str, username: &str) -> String {
        let client = ClientFace {
            name: name.to_owned(),
            kind: ClientKind::Web,
            logo: None,
            client_uri: None,
            policy_uri: None,
            tos_uri: Some("https://app.example/terms".to_owned()),
        };
        LoginPage {
            action: "/login?next=%2F".to_owned(),
            reason: LoginReason::NobodySignedIn,
            client: Some(client),
            username: username.to_owned(),
            refusal: Some(Refusal { because: Because::Wrong, request_id: None }),
        }
        .render("/pkg/x")
    }

    #[test]
    fn a_name_is_text_and_never_markup() {
        let html = page("<img src=x onerror=alert(1)>", "\" autofocus onfocus=\"alert(1)");
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"));
        assert!(html.contains("value=\"&quot; autofocus onfocus=&quot;alert(1)\""), "{html}");
    }

    #[test]
    fn no_script_and_no_style_is_in_the_page() {
        let html = page("App", "alice");
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\""));
        assert!(!html.contains("<script") && !html.contains("style="));
    }
}
