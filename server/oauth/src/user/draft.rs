//! A user as an administrator describes them.

use serde_json::{Map, Value};

use super::{Email, MAX_CLAIM, MAX_EXTRA_CLAIMS, Profile, User, Username};
use crate::claims::standard::{Address, STANDARD_CLAIMS, UserClaims};
use crate::claims::{PROTOCOL_CLAIMS, check_aggregated};
use crate::difference::texts;
use crate::field::{FieldErrors, FieldProblem, check_optional_name, check_web_url};
use crate::fields::{Fields, put};
use crate::form::Form;

/// Which of the claims that say *verified* a change speaks of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    pub email_verified: bool,
    pub phone_number_verified: bool,
}

impl Said {
    /// A form always sends its boxes. One that was ticked before says nothing about another address; one that is ticked now does.
    #[must_use]
    pub fn by_form(before: &User) -> Self {
        Self {
            email_verified: !before.claims.email_verified,
            phone_number_verified: !before.claims.phone_number_verified,
        }
    }

    /// A JSON object says what it names.
    #[must_use]
    pub fn by_claims(claims: &Map<String, Value>) -> Self {
        Self {
            email_verified: claims.contains_key("email_verified"),
            phone_number_verified: claims.contains_key("phone_number_verified"),
        }
    }
}

/// A user as typed into the console's form; not checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserDraft {
    pub username: String,
    pub email: String,
    pub email_verified: bool,
    pub enabled: bool,
    pub name: String,
    pub given_name: String,
    pub family_name: String,
    pub middle_name: String,
    pub nickname: String,
    pub preferred_username: String,
    pub profile: String,
    pub picture: String,
    pub website: String,
    pub gender: String,
    pub birthdate: String,
    pub zoneinfo: String,
    pub locale: String,
    pub phone_number: String,
    pub phone_number_verified: bool,
    pub street_address: String,
    pub locality: String,
    pub region: String,
    pub postal_code: String,
    pub country: String,
    /// Claims of one's own, as a JSON object.
    pub extra_claims: String,
}

texts! {
    UserDraft {
        username,
        email,
        email_verified,
        enabled,
        name,
        given_name,
        family_name,
        middle_name,
        nickname,
        preferred_username,
        profile,
        picture,
        website,
        gender,
        birthdate,
        zoneinfo,
        locale,
        phone_number,
        phone_number_verified,
        street_address,
        locality,
        region,
        postal_code,
        country,
        extra_claims,
    }
}

/// The fields of claims that are texts, as forms call them.
const TEXTS: [&str; 20] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "street_address",
    "locality",
    "region",
    "postal_code",
    "country",
    "extra_claims",
];

impl From<&User> for UserDraft {
    fn from(user: &User) -> Self {
        let claims = &user.claims;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let address = claims.address.clone().unwrap_or_default();
        Self {
            username: user.username.clone(),
            email: text(&user.email),
            email_verified: claims.email_verified,
            enabled: user.enabled,
            name: text(&claims.name),
            given_name: text(&claims.given_name),
            family_name: text(&claims.family_name),
            middle_name: text(&claims.middle_name),
            nickname: text(&claims.nickname),
            preferred_username: text(&claims.preferred_username),
            profile: text(&claims.profile),
            picture: text(&claims.picture),
            website: text(&claims.website),
            gender: text(&claims.gender),
            birthdate: text(&claims.birthdate),
            zoneinfo: text(&claims.zoneinfo),
            locale: text(&claims.locale),
            phone_number: text(&claims.phone_number),
            phone_number_verified: claims.phone_number_verified,
            street_address: text(&address.street_address),
            locality: text(&address.locality),
            region: text(&address.region),
            postal_code: text(&address.postal_code),
            country: text(&address.country),
            extra_claims: print_extra_claims(&claims.extra),
        }
    }
}

impl UserDraft {
    /// The fields of the console's user form; a checkbox counts as set when it is sent at all.
    #[must_use]
    pub fn from_form(form: &Form) -> Self {
        let mut draft = Self {
            email_verified: form.is_set("email_verified"),
            phone_number_verified: form.is_set("phone_number_verified"),
            ..Self::default()
        };
        let Ok(()) = draft.take(form);
        for name in TEXTS {
            if let Some(text) = draft.text_field(name) {
                *text = form.text(name);
            }
        }
        draft
    }

    /// Takes over what was sent of the account itself; both doors send it under the same names. Claims are fields of the form, and an
    /// object of their own in JSON: [`UserDraft::set_claims`].
    ///
    /// # Errors
    /// A field that cannot be read.
    pub fn take<F: Fields>(&mut self, fields: &F) -> Result<(), F::Error> {
        put(&mut self.username, fields.text("username")?);
        put(&mut self.email, fields.text("email")?);
        put(&mut self.enabled, fields.flag("enabled")?);
        Ok(())
    }

    /// A new user.
    ///
    /// # Errors
    /// The problems, field by field.
    pub fn check(&self) -> Result<Profile, FieldErrors> {
        self.check_names(Username::parse(&self.username), Email::parse(&self.email))
    }

    /// A user who is there. A name and an address that stay as they are need not be what is asked of new ones.
    ///
    /// # Errors
    /// The problems, field by field.
    pub fn check_change(&self, before: &User) -> Result<Profile, FieldErrors> {
        let username = match self.username.trim() == before.username {
            true => Ok(Username::stored(&before.username)),
            false => Username::parse(&self.username),
        };
        let email = match before.email.as_deref().filter(|email| self.email.trim() == *email) {
            Some(email) => Ok(Some(Email::stored(email))),
            None => Email::parse(&self.email),
        };
        self.check_names(username, email)
    }

    fn check_names(
        &self,
        username: Result<Username, FieldProblem>,
        email: Result<Option<Email>, FieldProblem>,
    ) -> Result<Profile, FieldErrors> {
        let mut errors = FieldErrors::default();
        let username = errors.take("username", username);
        let email = errors.take("email", email);
        let claims = self.check_claims(&mut errors);
        match (username, email) {
            (Some(username), Some(email)) if errors.is_empty() => {
                Ok(Profile { username, email, enabled: self.enabled, claims })
            }
            _ => Err(errors),
        }
    }

    fn check_claims(&self, errors: &mut FieldErrors) -> UserClaims {
        let street_address = errors.take("street_address", check_street_address(&self.street_address)).flatten();
        let mut text = |field, value: &str| errors.take(field, check_optional_name(value, MAX_CLAIM)).flatten();
        let address = Address {
            formatted: None,
            street_address,
            locality: text("locality", &self.locality),
            region: text("region", &self.region),
            postal_code: text("postal_code", &self.postal_code),
            country: text("country", &self.country),
        };
        let mut claims = UserClaims {
            name: text("name", &self.name),
            given_name: text("given_name", &self.given_name),
            family_name: text("family_name", &self.family_name),
            middle_name: text("middle_name", &self.middle_name),
            nickname: text("nickname", &self.nickname),
            preferred_username: text("preferred_username", &self.preferred_username),
            gender: text("gender", &self.gender),
            zoneinfo: text("zoneinfo", &self.zoneinfo),
            locale: text("locale", &self.locale),
            phone_number: text("phone_number", &self.phone_number),
            phone_number_verified: self.phone_number_verified,
            email_verified: self.email_verified,
            address: address.filled(),
            ..UserClaims::default()
        };
        claims.profile = errors.take("profile", check_web_url(&self.profile)).flatten();
        claims.picture = errors.take("picture", check_web_url(&self.picture)).flatten();
        claims.website = errors.take("website", check_web_url(&self.website)).flatten();
        claims.birthdate = errors.take("birthdate", check_birthdate(&self.birthdate)).flatten();
        claims.extra = errors.take("extra_claims", check_extra_claims(&self.extra_claims)).unwrap_or_default();
        claims
    }

    /// Takes the word *verified* away from an address and a number that were replaced, unless `said` says that it is meant of the new
    /// ones.
    pub fn unverify_what_changed(&mut self, before: &User, said: Said) {
        let email = |text: &str| Email::stored(text).key().to_owned();
        let same_email = before.email.as_deref().map(email).unwrap_or_default() == email(self.email.trim());
        let same_phone = before.claims.phone_number.as_deref().unwrap_or_default() == self.phone_number.trim();
        self.email_verified &= same_email || said.email_verified;
        self.phone_number_verified &= same_phone || said.phone_number_verified;
    }

    /// Takes over claims as a JSON object names them; null empties one. What the server says itself is passed over.
    ///
    /// # Errors
    /// A claim of the wrong type; or the claims that are there cannot be read, and would be lost.
    pub fn set_claims(&mut self, claims: Map<String, Value>) -> Result<(), FieldErrors> {
        let extra = check_extra_claims(&self.extra_claims);
        let mut extra = extra.map_err(|problem| FieldErrors::one("extra_claims", problem))?;
        for (name, value) in claims {
            if matches!(name.as_str(), "sub" | "updated_at") {
                continue;
            }
            let wrong = || FieldErrors::one("claims", FieldProblem::ClaimType(name.clone()));
            match (name.as_str(), value) {
                ("email_verified", Value::Bool(flag)) => self.email_verified = flag,
                ("phone_number_verified", Value::Bool(flag)) => self.phone_number_verified = flag,
                ("address", Value::Object(members)) => self.set_address(&members).ok_or_else(wrong)?,
                ("address", Value::Null) => self.set_address(&Map::new()).ok_or_else(wrong)?,
                (standard, value) if STANDARD_CLAIMS.contains(&standard) => {
                    let text = match value {
                        Value::String(text) => text,
                        Value::Null => String::new(),
                        _ => return Err(wrong()),
                    };
                    *self.text_field(standard).ok_or_else(wrong)? = text;
                }
                (_, Value::Null) => {
                    extra.remove(&name);
                }
                (_, value) => {
                    extra.insert(name, value);
                }
            }
        }
        self.extra_claims = print_extra_claims(&extra);
        Ok(())
    }

    /// The field of a claim that is a text, or of a part of the address.
    fn text_field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "name" => &mut self.name,
            "given_name" => &mut self.given_name,
            "family_name" => &mut self.family_name,
            "middle_name" => &mut self.middle_name,
            "nickname" => &mut self.nickname,
            "preferred_username" => &mut self.preferred_username,
            "profile" => &mut self.profile,
            "picture" => &mut self.picture,
            "website" => &mut self.website,
            "email" => &mut self.email,
            "gender" => &mut self.gender,
            "birthdate" => &mut self.birthdate,
            "zoneinfo" => &mut self.zoneinfo,
            "locale" => &mut self.locale,
            "phone_number" => &mut self.phone_number,
            "street_address" => &mut self.street_address,
            "locality" => &mut self.locality,
            "region" => &mut self.region,
            "postal_code" => &mut self.postal_code,
            "country" => &mut self.country,
            "extra_claims" => &mut self.extra_claims,
            _ => return None,
        })
    }

    /// Replaces the address; `formatted` is made of its parts, unless it is all there is.
    fn set_address(&mut self, members: &Map<String, Value>) -> Option<()> {
        let text = |name| match members.get(name) {
            None | Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => None,
        };
        self.street_address = text("street_address")?;
        self.locality = text("locality")?;
        self.region = text("region")?;
        self.postal_code = text("postal_code")?;
        self.country = text("country")?;
        let formatted = text("formatted")?;
        let bare = [&self.street_address, &self.locality, &self.region, &self.postal_code, &self.country];
        if bare.iter().all(|part| part.is_empty()) {
            self.street_address = formatted;
        }
        Some(())
    }
}

/// `YYYY-MM-DD`, or `YYYY` when only the year is known; the year 0000 stands for an unknown one (OpenID Connect Core §5.1).
fn check_birthdate(text: &str) -> Result<Option<String>, FieldProblem> {
    let Some(text) = check_optional_name(text, 10)? else {
        return Ok(None);
    };
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = |part: &str| part.parse::<u32>().unwrap_or_default();
    let good = match parts.as_slice() {
        [year] => digits(year, 4),
        [year, month, day] => {
            digits(year, 4)
                && digits(month, 2)
                && digits(day, 2)
                && (1..=12).contains(&number(month))
                && (1..=31).contains(&number(day))
        }
        _ => false,
    };
    if good { Ok(Some(text)) } else { Err(FieldProblem::Birthdate) }
}

/// A street address may have several lines (OpenID Connect Core §5.1.1).
fn check_street_address(text: &str) -> Result<Option<String>, FieldProblem> {
    let mut lines = Vec::new();
    for line in text.lines() {
        lines.extend(check_optional_name(line, MAX_CLAIM)?);
    }
    let text = lines.join("\n");
    if text.chars().count() > MAX_CLAIM {
        return Err(FieldProblem::TooLong(MAX_CLAIM));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// A JSON object of claims that no field and no rule of the server speaks for.
fn check_extra_claims(text: &str) -> Result<Map<String, Value>, FieldProblem> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    let claims: Map<String, Value> = serde_json::from_str(text).map_err(|_| FieldProblem::JsonObject)?;
    if let Some(name) = claims.keys().find(|name| is_reserved(name)) {
        return Err(FieldProblem::ReservedClaim(name.clone()));
    }
    check_aggregated(&claims, is_reserved)?;
    // What is stored is neither indented as it was typed nor spelled like it: 1e15 becomes 1000000000000000.0.
    if compact(&claims).len() > MAX_EXTRA_CLAIMS {
        return Err(FieldProblem::TooLong(MAX_EXTRA_CLAIMS));
    }
    Ok(claims)
}

/// For people to read and change; without indents where those would make it too long for a form.
fn print_extra_claims(claims: &Map<String, Value>) -> String {
    if claims.is_empty() {
        return String::new();
    }
    let pretty = serde_json::to_string_pretty(claims).unwrap_or_default();
    if pretty.len() > MAX_EXTRA_CLAIMS { compact(claims) } else { pretty }
}

/// As it is stored.
fn compact(claims: &Map<String, Value>) -> String {
    serde_json::to_string(claims).unwrap_or_default()
}

/// Claims that have a field of their own or that only the server may state.
fn is_reserved(name: &str) -> bool {
    STANDARD_CLAIMS.contains(&name) || PROTOCOL_CLAIMS.contains(&name)
}

#[cfg(test)]
mod tests;
