//! The problems that a field of a form can have. The same checks run while someone types and when the server reads the form.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use fluent_uri::Iri;

use crate::client::{GrantType, SecurityProfile};
use crate::jose::EncryptionAlg;
use crate::origin::canonical_host;
use crate::precis::is_ignorable;
use crate::registration::{ClientUrlError, MetadataError};

/// One thing wrong with one field, in words for the person who filled it in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    #[error("This is needed.")]
    Missing,
    #[error("This is longer than {0} characters.")]
    TooLong(usize),
    #[error("This is shorter than {0} characters.")]
    TooShort(usize),
    #[error("There are {0} already: delete one first.")]
    TooMany(usize),
    #[error("Use letters, digits and - _ . ~ only.")]
    ClientIdCharacters,
    #[error("This cannot be the URL of a client: {0}.")]
    ClientUrl(ClientUrlError),
    #[error("This document cannot be used: {0}.")]
    ClientDocument(MetadataError),
    #[error("This is no host name, for example claude.ai.")]
    HostName,
    #[error("Leave out control characters.")]
    ControlCharacters,
    #[error("Use letters, digits, signs and spaces of ASCII only: this travels in a header.")]
    VisibleAscii,
    /// A character that names or passwords cannot hold (RFC 8264 §4), described.
    #[error("The character {0} cannot stand here.")]
    Character(String),
    /// Letters of both directions in one word (RFC 5893 §2).
    #[error("Write each word from left to right or from right to left, not both.")]
    Direction,
    #[error("{0}")]
    RedirectUri(#[from] crate::redirect_uri::RedirectUriError),
    #[error("Line {line}: {problem}")]
    Line { line: usize, problem: Box<FieldProblem> },
    #[error("List at least one redirect URI: people who sign in are sent back to it.")]
    RedirectUriNeeded,
    #[error("{0}")]
    Origin(#[from] crate::origin::OriginError),
    #[error("This is not an http or https URL.")]
    WebUrl,
    #[error("Leave out user name and password: people would take them for the name of the site.")]
    WebUrlUserInfo,
    #[error("{0}")]
    JwkSet(#[from] crate::jwk::JwkSetProblem),
    #[error("A client that is known by its keys has some: give the public ones, or their address.")]
    KeysNeeded,
    #[error("This server knows only: {0}.")]
    OneOf(String),
    #[error("This means nothing without {0}.")]
    EncryptionHalf(&'static str),
    #[error(
        "This needs a public key of the client to encrypt to by {0}, without use or with use enc: an RSA key, or one on P-256."
    )]
    EncryptionKeyNeeded(EncryptionAlg),
    #[error("With client_secret_jwt it is HS256, HS384 or HS512.")]
    MacNeeded,
    #[error("With private_key_jwt it is an algorithm of keys.")]
    NoMac,
    #[error("The security profile {profile} allows only: {allowed}.")]
    Demanded { profile: SecurityProfile, allowed: String },
    #[error("The security profile legacy and its response types need the setting LEGACY_RESPONSE_TYPES, which is off.")]
    LegacyOff,
    #[error("Certificates of clients need the setting {0}, which is not set.")]
    CertificatesOff(&'static str),
    #[error("A response type of the client needs the grant type {0}.")]
    ResponseTypeGrant(GrantType),
    #[error("implicit needs a response type with a token, which the security profile legacy allows.")]
    ImplicitAlone,
    #[error("An access token in an address cannot be bound to a key: leave out the response types with token.")]
    BoundInAddress,
    #[error("Write one subject: DN:CN=shop,O=Example, DNS:shop.example, URI:…, IP:… or email:….")]
    CertificateSubject,
    #[error("Give the keys or their address, not both.")]
    KeysTwice,
    #[error("What is fetched from here is fetched by https only.")]
    HttpsOnly,
    #[error("Use https; http works on this computer only.")]
    HttpsOrLoopback,
    #[error("Leave out the #fragment.")]
    Fragment,
    #[error("The query has the parameter {0}, which this server adds.")]
    AddedParameter(&'static str),
    #[error("The origin must be one of the redirect URIs’.")]
    OriginOfNoRedirectUri,
    #[error("The redirect URIs have no one host that is a sector: give the address of the sector’s list.")]
    SectorNeeded,
    #[error(
        "Nobody vouched for the client, so only its redirect URIs show whose sector it is in: leave out grant types that go around them, and a backchannel_logout_uri of another origin."
    )]
    SectorUnproven,
    #[error("The list of the sector cannot be had: {0}.")]
    SectorAway(String),
    #[error("What is at this address is no JSON list of redirect URIs.")]
    SectorNoList,
    #[error("The list at this address lacks {0}.")]
    SectorLacks(String),
    #[error("The pages that show this load pictures over https only.")]
    HttpsUrl,
    #[error("This is the address of a page of the console: choose another ID.")]
    ClientIdOfPage,
    #[error("An ID that is a number or a UUID could be taken for a user’s: choose another one.")]
    ClientIdOfSubject,
    #[error("A scope is visible ASCII characters without spaces, quotation marks and backslashes.")]
    Scope,
    #[error("“{0}” is not among the scopes this client may ask for.")]
    ScopeOutside(String),
    #[error("“{0}” is a default scope under Login & consent: untick it there first.")]
    ScopeOfDefault(String),
    #[error("There is no scope “{0}” on this server.")]
    ScopeUnknown(String),
    #[error("“{0}” is a scope of the server and cannot be one of a resource.")]
    ScopeOfServer(String),
    #[error("A resource has at most {0} scopes.")]
    TooManyScopes(usize),
    #[error("A type is visible ASCII characters without spaces, quotation marks and backslashes.")]
    DetailsType,
    #[error("No resource of this server has the type “{0}” of authorization details.")]
    DetailsTypeUnknown(String),
    #[error(
        "A field is a line: its name, string, number, boolean or strings, required if it must be there, and the values that are good behind =."
    )]
    DetailsField,
    #[error("The field {0} is described twice.")]
    DetailsFieldTwice(String),
    #[error("There are more than {0} types.")]
    TooManyTypes(usize),
    #[error("There are more than {0} fields.")]
    TooManyFields(usize),
    #[error("{0}")]
    ResourceIdentifier(#[from] crate::resource::ResourceIdentifierError),
    #[error("Only a resource that is enabled can be the default one.")]
    DefaultNotEnabled,
    #[error("{0}")]
    Trust(#[from] crate::trust::TrustError),
    #[error("There is no client “{0}” at this server that is registered for this grant type.")]
    ClientUnfit(String),
    #[error("There is no such user.")]
    NoUser,
    #[error("There is no client of this ID.")]
    NoClient,
    #[error("Choose one of the values offered.")]
    Choice,
    #[error("Choose at least one grant type.")]
    GrantTypeNeeded,
    #[error("A client without a secret cannot use client_credentials.")]
    PublicClientCredentials,
    #[error("A client that proves nothing about itself cannot exchange tokens.")]
    PublicTokenExchange,
    #[error("A client that proves nothing about itself cannot ask for people by name.")]
    PublicCiba,
    #[error("This server does not push tokens: choose poll or ping.")]
    PushDelivery,
    #[error("With ping the client is told at an https address: give it.")]
    PingEndpointNeeded,
    #[error("refresh_token works only beside authorization_code, device_code or ciba.")]
    RefreshWithoutCode,
    #[error("This is not a whole number from {0} to {1}.")]
    Range(i64, i64),
    #[error("This is not an email address.")]
    Email,
    #[error("Write the date as YYYY-MM-DD, or the year as YYYY.")]
    Birthdate,
    #[error("This is already taken.")]
    Taken,
    #[error("Use letters, digits and _ - . : only.")]
    ClaimName,
    #[error("Write a JSON object, for example {{\"department\": \"Sales\"}}.")]
    JsonObject,
    #[error("“{0}” is a standard claim with a field of its own, or belongs to the server.")]
    ReservedClaim(String),
    #[error("“{0}” belongs to the protocol: the server alone says it, and no scope opens it.")]
    ProtocolClaim(String),
    #[error(
        "_claim_names gives each claim the name of a source, and _claim_sources each of these sources as {{\"JWT\": \"…\"}} with a token."
    )]
    AggregatedClaims,
    #[error("The claim “{0}” has a value of the wrong type.")]
    ClaimType(String),
    #[error("this belongs to one client, and is no default for all")]
    OfOneClient,
    #[error("What you typed is not the same.")]
    Confirmation,
    #[error("openid is part of the protocol and stays.")]
    ProtocolScope,
}

/// Everything wrong with a form, by the name of the field as it is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldErrors(BTreeMap<&'static str, FieldProblem>);

impl FieldErrors {
    /// A form with one thing wrong.
    #[must_use]
    pub fn one(field: &'static str, problem: FieldProblem) -> Self {
        Self(BTreeMap::from([(field, problem)]))
    }

    /// Notes the problem of a field; the first one noted stays.
    pub fn note(&mut self, field: &'static str, problem: FieldProblem) {
        self.0.entry(field).or_insert(problem);
    }

    /// The value, or `None` after its problem has been noted.
    pub fn take<T>(&mut self, field: &'static str, checked: Result<T, FieldProblem>) -> Option<T> {
        checked.map_err(|problem| self.note(field, problem)).ok()
    }

    #[must_use]
    pub fn find(&self, field: &str) -> Option<&FieldProblem> {
        self.0.get(field)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &FieldProblem)> {
        self.0.iter().map(|(field, problem)| (*field, problem))
    }
}

/// A name people read: trimmed, 1 to `max` characters, no control characters.
///
/// # Errors
/// When it is empty, too long or holds control characters.
pub fn check_name(text: &str, max: usize) -> Result<String, FieldProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldProblem::Missing);
    }
    check_optional_name(text, max).map(Option::unwrap_or_default)
}

/// Like [`check_name`], where nothing is fine too.
///
/// # Errors
/// When it is too long or holds control characters.
pub fn check_optional_name(text: &str, max: usize) -> Result<Option<String>, FieldProblem> {
    let text = text.trim();
    if text.chars().count() > max {
        return Err(FieldProblem::TooLong(max));
    }
    if text.chars().any(char::is_control) {
        return Err(FieldProblem::ControlCharacters);
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Like [`check_name`], for a name by which people tell one application or permission from another: what it holds can be seen.
/// Joiners and variation selectors are good where scripts and emoji need them, between or behind characters beyond ASCII.
///
/// # Errors
/// Also when it holds characters that are not seen, or that turn the direction of others.
pub fn check_display_name(text: &str, max: usize) -> Result<String, FieldProblem> {
    let name = check_name(text, max)?;
    match find_hidden(&name) {
        Some(c) => Err(FieldProblem::Character(format!("U+{:04X}", u32::from(c)))),
        None => Ok(name),
    }
}

/// The first character that nobody sees, or that turns the direction of others.
#[must_use]
pub fn find_hidden(text: &str) -> Option<char> {
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let beyond_ascii = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !is_ignorable(c));
        let belongs = match c {
            '\u{200c}' | '\u{200d}' => {
                before.is_some_and(|c: char| !c.is_ascii()) && beyond_ascii(rest.peek().copied())
            }
            '\u{fe0e}' | '\u{fe0f}' => beyond_ascii(before),
            _ => {
                let is_mark = matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}');
                !is_ignorable(c) && !c.is_control() && !is_mark
            }
        };
        if !belongs {
            return Some(c);
        }
        before = Some(c);
    }
    None
}

/// The longest URL that is shown to people.
const MAX_WEB_URL: usize = 2_000;

/// An optional http(s) URL, as shown to people (logo, terms, home page): scheme and host in their one form, and in ASCII.
///
/// # Errors
/// When it is not an absolute http(s) URL of at most 2,000 characters.
pub fn check_web_url(text: &str) -> Result<Option<String>, FieldProblem> {
    let Some(text) = check_optional_name(text, MAX_WEB_URL)? else {
        return Ok(None);
    };
    let iri = Iri::parse(text.as_str()).map_err(|_| FieldProblem::WebUrl)?;
    let scheme = iri.scheme().as_str().to_ascii_lowercase();
    let authority = iri.authority().filter(|_| matches!(scheme.as_str(), "https" | "http"));
    let authority = authority.ok_or(FieldProblem::WebUrl)?;
    if authority.has_userinfo() {
        return Err(FieldProblem::WebUrlUserInfo);
    }
    let host = canonical_host(authority.host()).ok_or(FieldProblem::WebUrl)?;
    let port = authority.port().map(|port| format!(":{port}")).unwrap_or_default();
    let ascii = iri.to_uri();
    let part = |mark: &str, part: Option<&str>| part.map(|part| format!("{mark}{part}")).unwrap_or_default();
    let (query, fragment) = (ascii.query().map(|part| part.as_str()), ascii.fragment().map(|part| part.as_str()));
    let url = format!("{scheme}://{host}{port}{}{}{}", ascii.path(), part("?", query), part("#", fragment));
    if url.len() > MAX_WEB_URL { Err(FieldProblem::TooLong(MAX_WEB_URL)) } else { Ok(Some(url)) }
}

/// The same for a picture on pages that load pictures over https only.
///
/// # Errors
/// Also when it begins with http.
pub fn check_picture_url(text: &str) -> Result<Option<String>, FieldProblem> {
    let url = check_web_url(text)?;
    if url.as_ref().is_some_and(|url| url.starts_with("http:")) { Err(FieldProblem::HttpsUrl) } else { Ok(url) }
}

/// The same for something that this server fetches.
///
/// # Errors
/// Also when it does not begin with https.
pub fn check_https_url(text: &str) -> Result<Option<String>, FieldProblem> {
    let url = check_web_url(text)?;
    if url.as_ref().is_some_and(|url| url.starts_with("http:")) { Err(FieldProblem::HttpsOnly) } else { Ok(url) }
}

/// A whole number in a range, units as the field says. Digits only: a sign, a point or an exponent is a mistake.
///
/// # Errors
/// When it is not a number or outside.
pub fn check_range(text: &str, range: &RangeInclusive<i64>) -> Result<i64, FieldProblem> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = digits.then(|| text.parse().ok()).flatten().filter(|value| range.contains(value));
    value.ok_or(FieldProblem::Range(*range.start(), *range.end()))
}

/// The words of a text area of at most `max` bytes, each through `check`; the first bad one is named by the number of its line.
///
/// # Errors
/// The problem of the first bad line, with its number; or the text is too long to be kept.
pub fn check_lines<T>(
    text: &str,
    max: usize,
    check: impl Fn(&str) -> Result<T, FieldProblem>,
) -> Result<Vec<T>, FieldProblem> {
    if text.len() > max {
        return Err(FieldProblem::TooLong(max));
    }
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for word in line.split_whitespace() {
            let value =
                check(word).map_err(|problem| FieldProblem::Line { line: index + 1, problem: Box::new(problem) })?;
            values.push(value);
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_people_go_by_hides_nothing() {
        for good in [
            "Billing",
            "Ärzte & Söhne",
            "تطبيق الفواتير",
            "نرم\u{200c}افزار",
            "👩\u{200d}💻 Team",
            "I ❤\u{fe0f} tea",
            "请求",
        ] {
            assert_eq!(check_display_name(good, 200).as_deref(), Ok(good));
        }
        for (bad, character) in [
            ("Bank\u{200b}", "U+200B"),
            ("Ba\u{ad}nk", "U+00AD"),
            ("\u{202e}knaB", "U+202E"),
            ("Bank \u{2066}x\u{2069}", "U+2066"),
            ("Ba\u{200d}nk", "U+200D"),
            ("Bank\u{200c}", "U+200C"),
            ("Bank\u{fe0f}", "U+FE0F"),
            ("a\u{feff}b", "U+FEFF"),
            ("a\u{3164}b", "U+3164"),
            ("a\u{2028}b", "U+2028"),
            ("a\u{e0041}", "U+E0041"),
        ] {
            assert_eq!(check_display_name(bad, 200), Err(FieldProblem::Character(character.into())), "{bad:?}");
        }
    }

    #[test]
    fn a_url_for_people_has_one_form() {
        for (typed, kept) in [
            ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
            ("HTTPS://A.example", "https://a.example"),
            ("http://localhost:3000/", "http://localhost:3000/"),
            ("https://bücher.example/größe", "https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe"),
            ("http://[2001:DB8::1]/", "http://[2001:db8::1]/"),
        ] {
            assert_eq!(check_web_url(typed), Ok(Some(kept.to_owned())));
        }
        for bad in [
            "a.example",
            "ftp://a.example",
            "javascript:alert(1)",
            "https:///x",
            "https://",
            "https://a b.example",
            "//a.example",
        ] {
            assert_eq!(check_web_url(bad), Err(FieldProblem::WebUrl), "{bad}");
        }
        assert_eq!(check_web_url("https://bank.example@evil.example/"), Err(FieldProblem::WebUrlUserInfo));
        assert_eq!(check_picture_url("HTTP://a.example/l.png"), Err(FieldProblem::HttpsUrl));
        assert_eq!(check_picture_url(" "), Ok(None));
    }
}
