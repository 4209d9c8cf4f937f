//! A look at the server behind a resource: does it say what clients need?

use oauth::resource::{Difference, Resource, compare_challenge, compare_metadata};

use crate::Idp;
use crate::outbound::Limits;

impl Idp {
    /// Fetches the metadata of a resource and the answer to a request without a token, and names what is not as it should be. The
    /// second address of the metadata counts only if something is there: not every server has it.
    pub async fn check_resource_server(&self, resource: &Resource) -> Vec<Difference> {
        let (identifier, mut found) = (resource.identifier.as_str(), Vec::new());
        for (index, url) in resource.identifier.metadata_urls().into_iter().enumerate() {
            match self.outbound().get(&url, Limits::DOCUMENT).await {
                Ok(fetched) => found.extend(compare_metadata(resource, self.issuer(), &url, &fetched.body)),
                Err(error) if index == 0 => {
                    found.push(Difference::NoMetadata { url, reason: error.to_string() });
                }
                Err(_) => {}
            }
        }
        match self.outbound().look(identifier).await {
            Ok(answer) => {
                let challenges: Vec<&str> = answer.header("www-authenticate").collect();
                found.extend(compare_challenge(resource, answer.status, &challenges));
            }
            Err(error) => found.push(Difference::Silent(error.to_string())),
        }
        found
    }
}
