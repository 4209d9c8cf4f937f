//! The notes that a request takes while it waits for a person.
//!
//! A request that waits for a login or a choice lies nowhere but in the address of the browser. What this server must remember
//! of it until the person comes back lies beside it, in one parameter, under a tag that only this server can make and that holds
//! for this very request. A parameter of that name that somebody else wrote is no note.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::form::Form;
use crate::id::LoginId;
use crate::metadata::path;
use crate::seal::{Seal, Sealed};
use crate::session::Session;
use crate::time::Timestamp;

/// The parameter of the notes.
const PARAMETER: &str = "signet.notes";

/// The notes about one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    /// A login was demanded.
    pub demanded: Option<Demand>,
    /// The login with which the person chose to go on (`prompt=select_account`).
    pub selected: Option<LoginId>,
    /// The digest of what the request stood for when it came, if that is kept elsewhere than in the request.
    pub begun: Option<String>,
}

/// A login that a request demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    pub at: Timestamp,
    /// The login that was found then, and that does not meet the demand.
    pub found: Option<LoginId>,
}

impl Demand {
    /// True when the login of `session` came after the demand.
    #[must_use]
    pub fn is_met_by(&self, session: &Session) -> bool {
        self.found.as_ref() != Some(&session.login) && session.auth_time() >= self.at
    }
}

/// A request that waits: its parameters, without our own, and the notes about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    asked: Form,
    notes: Notes,
}

impl Pending {
    /// Tells the parameters from our notes. Notes without a tag of `seal` for these parameters do not count.
    #[must_use]
    pub fn read(parameters: &Form, seal: &Seal) -> Self {
        let asked = parameters.without(PARAMETER);
        let notes = parameters.find(PARAMETER).ok().flatten().and_then(|text| decode(text, &asked, seal));
        Self { asked, notes: notes.unwrap_or_default() }
    }

    /// The parameters that the client sent.
    #[must_use]
    pub fn asked(&self) -> &Form {
        &self.asked
    }

    #[must_use]
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// The request, with the note that a login was demanded at `now`, when `found` was there.
    #[must_use]
    pub fn demanding(&self, found: Option<&Session>, now: Timestamp) -> Self {
        let demanded = Some(Demand { at: now, found: found.map(|session| session.login.clone()) });
        Self { asked: self.asked.clone(), notes: Notes { demanded, ..self.notes.clone() } }
    }

    /// The request, with the note that the person goes on as who is signed in.
    #[must_use]
    pub fn selecting(&self, session: &Session) -> Self {
        let selected = Some(session.login.clone());
        Self { asked: self.asked.clone(), notes: Notes { selected, ..self.notes.clone() } }
    }

    /// The request, with the note of what it stands for: nothing else can take its place while somebody signs in.
    #[must_use]
    pub fn standing_for(&self, parameters: &Form) -> Self {
        let begun = Some(digest(parameters));
        Self { asked: self.asked.clone(), notes: Notes { begun, ..self.notes.clone() } }
    }

    /// True unless the request stood for something else when it came.
    #[must_use]
    pub fn may_stand_for(&self, parameters: &Form) -> bool {
        self.notes.begun.as_ref().is_none_or(|begun| *begun == digest(parameters))
    }

    /// The address at which the request goes on, without the host.
    #[must_use]
    pub fn address(&self, seal: &Seal) -> String {
        let parameters = if self.notes == Notes::default() {
            self.asked.clone()
        } else {
            self.asked.with(PARAMETER, &encode(&self.notes, &self.asked, seal))
        };
        format!("{}?{}", path::AUTHORIZE, parameters.encode())
    }
}

fn digest(parameters: &Form) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(parameters.encode()))
}

/// The time when the login was demanded, the login that was found, the one that was selected, what the request stands for, and the tag.
/// IDs and digests are base64url, so a dot separates them.
fn encode(notes: &Notes, asked: &Form, seal: &Seal) -> String {
    let id = |id: Option<&LoginId>| id.map(ToString::to_string).unwrap_or_default();
    let at = notes.demanded.as_ref().map(|demand| demand.at.0.to_string()).unwrap_or_default();
    let found = id(notes.demanded.as_ref().and_then(|demand| demand.found.as_ref()));
    let selected = id(notes.selected.as_ref());
    let begun = notes.begun.as_deref().unwrap_or_default();
    let tag = seal.tag(Sealed::Notes, &[&asked.encode(), &at, &found, &selected, begun]);
    format!("{at}.{found}.{selected}.{begun}.{tag}")
}

fn decode(text: &str, asked: &Form, seal: &Seal) -> Option<Notes> {
    let parts: Vec<&str> = text.split('.').collect();
    let &[at, found, selected, begun, tag] = parts.as_slice() else {
        return None;
    };
    if !seal.accepts(tag, Sealed::Notes, &[&asked.encode(), at, found, selected, begun]) {
        return None;
    }
    let id = |text: &str| (!text.is_empty()).then(|| LoginId::new(text));
    let demanded = at.parse().ok().map(|at| Demand { at: Timestamp(at), found: id(found) });
    let begun = (!begun.is_empty()).then(|| begun.to_owned());
    Some(Notes { demanded, selected: id(selected), begun })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{SessionId, Subject};
    use crate::session::Factor;
    use zeroize::Zeroizing;

    fn seal() -> Seal {
        Seal::new(Zeroizing::new([7; 32]))
    }

    fn form(query: &str) -> Form {
        Form::parse(query.as_bytes()).unwrap()
    }

    fn session(login: &str, at: i64) -> Session {
        Session {
            subject: Subject::new("alice"),
            sid: SessionId::new("sid"),
            login: LoginId::new(login),
            factors: vec![Factor::password(Timestamp(at))],
        }
    }

    fn come_back(pending: &Pending) -> Pending {
        let address = pending.address(&seal());
        Pending::read(&form(address.split_once('?').unwrap().1), &seal())
    }

    #[test]
    fn notes_come_back_with_their_request() {
        let waiting = Pending::read(&form("client_id=app&state=a b"), &seal());
        assert_eq!(come_back(&waiting), waiting);
        let noted = waiting.demanding(Some(&session("one", 5)), Timestamp(9)).selecting(&session("two", 9));
        assert_eq!(come_back(&noted), noted);
        assert_eq!(noted.asked(), waiting.asked());
        let nobody = waiting.demanding(None, Timestamp(9));
        assert_eq!(come_back(&nobody).notes().demanded, Some(Demand { at: Timestamp(9), found: None }));
    }

    #[test]
    fn what_a_request_stands_for_stays_while_somebody_signs_in() {
        let (first, second) = (form("scope=openid"), form("scope=openid+email"));
        let came = Pending::read(&form("client_id=app&request_uri=https://a.example/r"), &seal());
        assert!(came.may_stand_for(&first) && came.may_stand_for(&second));
        let waiting = come_back(&came.standing_for(&first).demanding(None, Timestamp(9)));
        assert!(waiting.may_stand_for(&first) && !waiting.may_stand_for(&second));
    }

    #[test]
    fn notes_that_somebody_else_wrote_or_took_from_another_request_do_not_count() {
        let noted = Pending::read(&form("client_id=app"), &seal()).demanding(None, Timestamp(9));
        let address = noted.address(&seal());
        let (_, notes) = address.split_once("signet.notes=").unwrap();
        for query in [
            "client_id=app&signet.notes=9...".to_owned(),
            "client_id=app&signet.notes=none&signet.reauthenticated=none".to_owned(),
            format!("client_id=other&signet.notes={notes}"),
            format!("client_id=app&signet.notes=1{notes}"),
            format!("client_id=app&signet.notes={notes}&signet.notes={notes}"),
        ] {
            assert_eq!(Pending::read(&form(&query), &seal()).notes(), &Notes::default(), "{query}");
        }
        let other_key = Seal::new(Zeroizing::new([8; 32]));
        assert_eq!(
            Pending::read(&form(&format!("client_id=app&signet.notes={notes}")), &other_key).notes(),
            &Notes::default()
        );
    }

    #[test]
    fn a_demand_is_met_by_another_login_that_came_after_it() {
        let demand = Demand { at: Timestamp(9), found: Some(LoginId::new("one")) };
        assert!(!demand.is_met_by(&session("one", 9)));
        assert!(!demand.is_met_by(&session("two", 8)));
        assert!(demand.is_met_by(&session("two", 9)));
    }
}
