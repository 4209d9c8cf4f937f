//! An answer that the browser carries to the client in a form (OAuth 2.0 Form Post Response Mode §2).

use leptos::prelude::*;

use super::{badge, public, text};

/// The page that posts itself; with a button where its script does not run.
#[derive(Debug, Clone)]
pub struct FormPostPage {
    /// The redirect URI.
    pub action: String,
    pub fields: Vec<(String, String)>,
    /// Of the one script, as the Content-Security-Policy names it.
    pub nonce: String,
}

impl FormPostPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        public(text().form_post.button, pkg).render(move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().form_post;
        let fields =
            self.fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
        view! {
            <main class="card panel">
                {badge()}
                <header>
                    <h1>{text.title}</h1>
                    <p class="muted">{text.lead}</p>
                </header>
                <form method="post" action=self.action>
                    {fields.collect_view()}
                    <button class="btn primary wide">{text.button}</button>
                </form>
            </main>
            <script nonce=self.nonce inner_html="document.forms[0].submit()"></script>
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_stays_inside_its_attribute() {
        let fields = vec![("state".to_owned(), "\"><script>alert(1)</script>".to_owned())];
        let page = FormPostPage { action: "https://app.example/cb".to_owned(), fields, nonce: "n".to_owned() };
        let html = page.render("/pkg/x");
        assert_eq!(html.matches("<script").count(), 1);
        assert!(html.contains("<script nonce=\"n\">document.forms[0].submit()</script>"));
        assert!(html.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""), "{html}");
    }
}
