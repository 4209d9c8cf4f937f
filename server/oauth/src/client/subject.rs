//! The names by which a client knows people (OpenID Connect Core §8): the same as other clients, or of its sector's own.

use fluent_uri::Uri;
use serde::{Deserialize, Serialize};

use super::{Client, ClientLogout, GrantType};
use crate::destination::Destination;
use crate::field::{FieldErrors, FieldProblem};
use crate::id::{SessionId, Subject};
use crate::origin::WebOrigin;
use crate::redirect_uri::RedirectUri;
use crate::seal::{Seal, Sealed};
use crate::session::Session;
use crate::words::words;

words! {
    /// `subject_type` (OpenID Connect Core §8).
    SubjectType {
        /// Everybody has one subject for all clients.
        #[default]
        Public = "public",
        /// Everybody has another subject in each sector, and nobody can tell that two are one person's.
        Pairwise = "pairwise",
    }
}

/// The registered names of one client (OpenID Connect Registration §2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientSubjects {
    #[serde(default, skip_serializing_if = "SubjectType::is_public")]
    pub subject_type: SubjectType,
    /// The address of the list of all redirect URIs of the sector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
}

impl SubjectType {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

impl ClientSubjects {
    /// True for a client that nothing is registered of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    #[must_use]
    pub fn is_pairwise(&self) -> bool {
        self.subject_type == SubjectType::Pairwise
    }

    /// Makes sure that a client which nobody vouched for hears of people at its redirect URIs alone: whoever is there belongs to the
    /// sector, and nothing else shows that.
    ///
    /// # Errors
    /// When it would be told a name of the sector elsewhere.
    pub fn check_unvouched(
        &self,
        redirect_uris: &[RedirectUri],
        grant_types: &[GrantType],
        logout: &ClientLogout,
    ) -> Result<(), FieldProblem> {
        let is_there = |grant: &GrantType| grant.redirects() || *grant == GrantType::RefreshToken;
        let is_told_there = logout.backchannel_logout_uri.as_ref().is_none_or(|uri| {
            let origin = WebOrigin::of_url(uri).map(WebOrigin::into_string).ok();
            origin.is_some() && redirect_uris.iter().any(|redirect_uri| redirect_uri.origin() == origin)
        });
        if !self.is_pairwise() || (grant_types.iter().all(is_there) && is_told_there) {
            Ok(())
        } else {
            Err(FieldProblem::SectorUnproven)
        }
    }

    /// The sector of a client with these redirect URIs: the host of its address, or the one host of the URIs (Core §8.1). `None` for
    /// one whose subjects are public.
    ///
    /// # Errors
    /// When there is no such host. A place on a device is none: any program may be there.
    pub fn sector(&self, redirect_uris: &[RedirectUri]) -> Result<Option<String>, FieldProblem> {
        if !self.is_pairwise() {
            return Ok(None);
        }
        if let Some(uri) = &self.sector_identifier_uri {
            return host(uri).map(Some).ok_or(FieldProblem::WebUrl);
        }
        let on_sites = redirect_uris.iter().all(|uri| !Destination::of(uri.as_str()).is_on_device());
        let mut hosts: Vec<String> = redirect_uris.iter().filter_map(|uri| host(uri.as_str())).collect();
        hosts.dedup();
        match hosts.as_slice() {
            [one] if on_sites => Ok(Some(one.clone())),
            _ => Err(FieldProblem::SectorNeeded),
        }
    }
}

/// The host of a URL, as hosts are compared.
fn host(url: &str) -> Option<String> {
    Some(Uri::parse(url).ok()?.authority()?.host().to_ascii_lowercase())
}

impl Client {
    pub(super) fn note_sector(&self, errors: &mut FieldErrors) {
        errors.take("sector_identifier_uri", self.subjects.sector(&self.redirect_uris));
    }

    /// The sector of the client; `None` where its subjects are public.
    #[must_use]
    pub fn sector(&self) -> Option<String> {
        // No client is stored without one. If one were, it would be alone in its sector.
        self.subjects.sector(&self.redirect_uris).unwrap_or_else(|_| Some(self.client_id.to_string()))
    }

    /// The name by which the client knows the person `subject`. It says nothing about the person to whoever lacks `key`.
    #[must_use]
    pub fn known_subject(&self, subject: &Subject, key: &Seal) -> Subject {
        match self.sector() {
            None => subject.clone(),
            Some(sector) => Subject::new(key.tag(Sealed::PairwiseSubject, &[&sector, subject.as_str()])),
        }
    }

    /// The name by which the client knows the session `sid`: one that two sectors shared would tell them whose it is.
    #[must_use]
    pub fn known_sid(&self, sid: &SessionId, key: &Seal) -> SessionId {
        match self.sector() {
            None => sid.clone(),
            Some(sector) => SessionId::new(key.tag(Sealed::PairwiseSession, &[&sector, sid.as_str()])),
        }
    }

    /// The session by the names that the client knows.
    #[must_use]
    pub fn known_session(&self, session: &Session, key: &Seal) -> Session {
        Session {
            subject: self.known_subject(&session.subject, key),
            sid: self.known_sid(&session.sid, key),
            ..session.clone()
        }
    }
}

/// Makes sure that the list of a sector has all redirect URIs of a client (OpenID Connect Registration §5).
///
/// # Errors
/// When it lacks one, or is no list.
pub fn check_sector_list(list: &[u8], redirect_uris: &[RedirectUri]) -> Result<(), FieldProblem> {
    let listed: Vec<String> = serde_json::from_slice(list).map_err(|_| FieldProblem::SectorNoList)?;
    match redirect_uris.iter().find(|uri| !listed.iter().any(|listed| listed == uri.as_str())) {
        Some(missing) => Err(FieldProblem::SectorLacks(missing.as_str().to_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn uris(uris: &[&str]) -> Vec<RedirectUri> {
        uris.iter().map(|uri| RedirectUri::parse(uri, true).unwrap()).collect()
    }

    #[test]
    fn a_sector_is_one_host_or_is_named() {
        let pairwise = ClientSubjects { subject_type: SubjectType::Pairwise, sector_identifier_uri: None };
        let sector = |list: &[&str]| pairwise.sector(&uris(list));
        assert_eq!(sector(&["https://A.example/cb", "https://a.example:8443/x"]), Ok(Some("a.example".to_owned())));
        for list in [
            &[][..],
            &["https://a.example/cb", "https://b.example/cb"],
            &["com.example.app:/cb"],
            &["https://a.example/cb", "com.example.app:/cb"],
            &["http://localhost/cb"],
            &["http://127.0.0.1:3000/cb"],
        ] {
            assert_eq!(sector(list), Err(FieldProblem::SectorNeeded), "{list:?}");
        }
        let named = ClientSubjects {
            sector_identifier_uri: Some("https://Sector.example:444/list".to_owned()),
            ..pairwise.clone()
        };
        assert_eq!(named.sector(&uris(&["com.example.app:/cb"])), Ok(Some("sector.example".to_owned())));
        let public = ClientSubjects { subject_type: SubjectType::Public, ..named };
        assert_eq!(public.sector(&[]), Ok(None));
    }

    #[test]
    fn a_list_has_every_redirect_uri_to_the_letter() {
        let registered = uris(&["https://a.example/cb", "https://b.example/cb"]);
        let check = |list: &str| check_sector_list(list.as_bytes(), &registered);
        assert_eq!(check(r#"["https://b.example/cb","https://c.example/","https://a.example/cb"]"#), Ok(()));
        let lacks = Err(FieldProblem::SectorLacks("https://b.example/cb".to_owned()));
        assert_eq!(check(r#"["https://a.example/cb","https://B.example/cb"]"#), lacks);
        for odd in ["", "{}", "[1]", r#""https://a.example/cb""#, "[[", "\u{0}"] {
            assert_eq!(check(odd), Err(FieldProblem::SectorNoList), "{odd}");
        }
        assert_eq!(check_sector_list(b"[]", &[]), Ok(()));
    }

    #[test]
    fn each_sector_has_names_of_its_own() {
        let client = |host: &str, subject_type| {
            let draft = crate::client::ClientDraft {
                client_id: "app".into(),
                client_name: "App".into(),
                redirect_uris: format!("https://{host}/cb"),
                ..crate::client::ClientDraft::preset(crate::client::ClientKind::Web)
            };
            let client = draft.check(None).unwrap();
            Client { subjects: ClientSubjects { subject_type, sector_identifier_uri: None }, ..client }
        };
        let (key, alice) = (Seal::new(Zeroizing::new([1; 32])), Subject::new("alice"));
        let known = |host, kind| client(host, kind).known_subject(&alice, &key);
        assert_eq!(known("a.example", SubjectType::Public), alice);
        let a = known("a.example", SubjectType::Pairwise);
        assert_eq!(a, known("A.example", SubjectType::Pairwise));
        assert!(a != alice && a != known("b.example", SubjectType::Pairwise) && a.as_str().len() == 43);
        let (sid, a) = (SessionId::new("alice"), client("a.example", SubjectType::Pairwise));
        assert_ne!(a.known_sid(&sid, &key).as_str(), a.known_subject(&alice, &key).as_str());
    }
}
