//! Response types: what the authorization endpoint itself gives (OAuth 2.0 Multiple Response Type Encoding Practices §3 and §5).

use crate::client::GrantType;
use crate::words::words;

words! {
    /// `response_type` (OpenID Connect Core §3). All but `code` put tokens where scripts and histories of browsers see them.
    ResponseType {
        #[default]
        Code = "code",
        IdToken = "id_token",
        IdTokenToken = "id_token token",
        CodeIdToken = "code id_token",
        CodeToken = "code token",
        CodeIdTokenToken = "code id_token token",
    }
}

impl ResponseType {
    /// The type that is sent or registered: the order of its words means nothing (Multiple Response Types §1).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::find(text).or_else(|| {
            let wanted = sorted(text);
            Self::ALL.iter().copied().find(|known| sorted(known.as_str()) == wanted)
        })
    }

    fn has(self, word: &str) -> bool {
        self.as_str().split(' ').any(|it| it == word)
    }

    #[must_use]
    pub fn has_code(self) -> bool {
        self.has("code")
    }

    #[must_use]
    pub fn has_id_token(self) -> bool {
        self.has("id_token")
    }

    /// True when an access token comes from the authorization endpoint.
    #[must_use]
    pub fn has_token(self) -> bool {
        self.has("token")
    }

    /// True when any token comes from the authorization endpoint.
    #[must_use]
    pub fn has_tokens(self) -> bool {
        self.has_token() || self.has_id_token()
    }

    /// The grant types that a client is registered for that uses it (OpenID Connect Registration §2).
    pub fn grant_types(self) -> impl Iterator<Item = GrantType> {
        let code = self.has_code().then_some(GrantType::AuthorizationCode);
        code.into_iter().chain(self.has_tokens().then_some(GrantType::Implicit))
    }
}

fn sorted(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text.split(' ').collect();
    words.sort_unstable();
    words
}

/// Response types as a client keeps them: each once, in one order; none where there is but `code`, which is the default.
#[must_use]
pub fn registered(mut types: Vec<ResponseType>) -> Vec<ResponseType> {
    types.sort_unstable();
    types.dedup();
    if types == [ResponseType::Code] { Vec::new() } else { types }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_words_means_nothing() {
        assert_eq!(ResponseType::parse("token code id_token"), Some(ResponseType::CodeIdTokenToken));
        assert_eq!(ResponseType::parse("token id_token"), Some(ResponseType::IdTokenToken));
        for unknown in ["", "token", "none", "code code", "code  token", "Code", "code token device"] {
            assert_eq!(ResponseType::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn each_type_has_its_grants() {
        use GrantType::{AuthorizationCode, Implicit};
        for response_type in ResponseType::ALL {
            let grants: Vec<GrantType> = response_type.grant_types().collect();
            let expected: &[GrantType] = match response_type {
                ResponseType::Code => &[AuthorizationCode],
                ResponseType::IdToken | ResponseType::IdTokenToken => &[Implicit],
                _ => &[AuthorizationCode, Implicit],
            };
            assert_eq!(grants, expected, "{response_type}");
        }
    }
}
