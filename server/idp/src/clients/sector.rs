//! The list of a sector: which redirect URIs are those of its clients (OpenID Connect Registration §5).

use oauth::client::{Client, check_sector_list};
use oauth::field::FieldProblem;

use crate::Idp;
use crate::outbound::Limits;

impl Idp {
    /// Fetches the list of the client's sector, if it names one, and makes sure that it has the client's redirect URIs. What was seen
    /// `before` is not fetched again.
    ///
    /// # Errors
    /// The problem of the field `sector_identifier_uri`.
    pub(crate) async fn check_sector(&self, client: &Client, before: Option<&Client>) -> Result<(), FieldProblem> {
        let Some(uri) = &client.subjects.sector_identifier_uri else { return Ok(()) };
        let was_seen = before.is_some_and(|before| {
            before.subjects.sector_identifier_uri.as_ref() == Some(uri) && before.redirect_uris == client.redirect_uris
        });
        if was_seen {
            return Ok(());
        }
        let fetched = self.outbound().get(uri, Limits::SECTOR).await;
        let list = fetched.map_err(|error| FieldProblem::SectorAway(error.to_string()))?;
        check_sector_list(&list.body, &client.redirect_uris)
    }
}
