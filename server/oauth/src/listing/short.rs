//! The lists of which all rows are at hand: scopes, resources and trusts.

use super::{Column, Filter, Sorting, read_status, status_word};
use crate::order::order_key;
use crate::resource::{Resource, ResourceStatus};
use crate::scope::ScopeDefinition;
use crate::time::Timestamp;
use crate::trust::{Trust, TrustKind};
use crate::user::search_key;

/// Which scopes. An empty one finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeFilter {
    /// A part of the name, the description or a claim.
    pub text: String,
}

impl ScopeFilter {
    #[must_use]
    pub fn finds(&self, scope: &ScopeDefinition) -> bool {
        let texts = [scope.name.as_str(), scope.description.as_str()];
        holds(&self.text, texts.into_iter().chain(scope.claims.iter().map(String::as_str)))
    }
}

impl Filter for ScopeFilter {
    type Column = ScopeColumn;

    const NAMES: &'static [&'static str] = &["q"];

    fn set(&mut self, name: &str, value: &str) -> bool {
        let is_known = name == "q";
        if is_known {
            value.clone_into(&mut self.text);
        }
        is_known
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        typed(&self.text).into_iter().collect()
    }

    fn usual_order(&self) -> Option<Sorting<ScopeColumn>> {
        Some(Sorting { by: ScopeColumn::Name, descending: false })
    }
}

/// A column of the list of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeColumn {
    Name,
    Description,
    /// The number of claims.
    Claims,
}

impl ScopeColumn {
    /// The place of a scope in the order of this column.
    #[must_use]
    pub fn key(self, scope: &ScopeDefinition) -> SortKey {
        match self {
            Self::Name => SortKey::text(scope.name.as_str()),
            Self::Description => SortKey::text(&scope.description),
            Self::Claims => SortKey::count(scope.claims.len()),
        }
    }
}

impl Column for ScopeColumn {
    const ALL: &'static [Self] = &[Self::Name, Self::Description, Self::Claims];

    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::Claims => "claims",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Scope",
            Self::Description => "Description",
            Self::Claims => "Claims",
        }
    }

    fn is_instant(self) -> bool {
        false
    }
}

/// Which resources. An empty one finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceFilter {
    /// A part of the name, the identifier or the name of a scope.
    pub text: String,
    pub status: Option<ResourceStatus>,
}

impl ResourceFilter {
    #[must_use]
    pub fn finds(&self, resource: &Resource) -> bool {
        let texts = [resource.name.as_str(), resource.identifier.as_str()];
        self.status.is_none_or(|status| status == resource.status)
            && holds(&self.text, texts.into_iter().chain(resource.scopes.iter().map(|scope| scope.name.as_str())))
    }
}

impl Filter for ResourceFilter {
    type Column = ResourceColumn;

    const NAMES: &'static [&'static str] = &["q", "status"];

    fn set(&mut self, name: &str, value: &str) -> bool {
        match name {
            "q" => value.clone_into(&mut self.text),
            "status" => self.status = ResourceStatus::find(value),
            _ => return false,
        }
        name == "q" || self.status.is_some()
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let status = self.status.map(|status| ("status", status.to_string()));
        typed(&self.text).into_iter().chain(status).collect()
    }

    fn usual_order(&self) -> Option<Sorting<ResourceColumn>> {
        Some(Sorting { by: ResourceColumn::Name, descending: false })
    }
}

/// A column of the list of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceColumn {
    Name,
    /// The number of scopes.
    Scopes,
    /// Those that wait for somebody come first.
    Status,
    Created,
}

impl ResourceColumn {
    /// The place of a resource in the order of this column.
    #[must_use]
    pub fn key(self, resource: &Resource, created_at: Timestamp) -> SortKey {
        match self {
            Self::Name => SortKey::text(&resource.name),
            Self::Scopes => SortKey::count(resource.scopes.len()),
            Self::Status => SortKey::count(match resource.status {
                ResourceStatus::Pending => 0,
                ResourceStatus::Enabled => 1,
                ResourceStatus::Disabled => 2,
            }),
            Self::Created => SortKey::instant(created_at),
        }
    }
}

impl Column for ResourceColumn {
    const ALL: &'static [Self] = &[Self::Name, Self::Scopes, Self::Status, Self::Created];

    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Scopes => "scopes",
            Self::Status => "status",
            Self::Created => "created",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Resource",
            Self::Scopes => "Scopes",
            Self::Status => "Status",
            Self::Created => "Created",
        }
    }

    fn is_instant(self) -> bool {
        self == Self::Created
    }
}

/// Which trusts. An empty one finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustFilter {
    /// A part of the name or the issuer.
    pub text: String,
    pub kind: Option<TrustKind>,
    pub enabled: Option<bool>,
}

impl TrustFilter {
    #[must_use]
    pub fn finds(&self, trust: &Trust) -> bool {
        self.kind.is_none_or(|kind| kind == trust.kind())
            && self.enabled.is_none_or(|enabled| enabled == trust.enabled)
            && holds(&self.text, [trust.name.as_str(), trust.issuer.as_str()].into_iter())
    }
}

impl Filter for TrustFilter {
    type Column = TrustColumn;

    const NAMES: &'static [&'static str] = &["q", "kind", "status"];

    fn set(&mut self, name: &str, value: &str) -> bool {
        match name {
            "q" => value.clone_into(&mut self.text),
            "kind" => self.kind = TrustKind::find(value),
            "status" => self.enabled = read_status(value),
            _ => return false,
        }
        name == "q" || self.pairs().iter().any(|(set, _)| *set == name)
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let kind = self.kind.map(|kind| ("kind", kind.to_string()));
        let status = self.enabled.map(|enabled| ("status", status_word(enabled)));
        typed(&self.text).into_iter().chain(kind).chain(status).collect()
    }

    fn usual_order(&self) -> Option<Sorting<TrustColumn>> {
        Some(Sorting { by: TrustColumn::Name, descending: false })
    }
}

/// A column of the list of trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustColumn {
    Name,
    Kind,
    Status,
    Created,
}

impl TrustColumn {
    /// The place of a trust in the order of this column.
    #[must_use]
    pub fn key(self, trust: &Trust, created_at: Timestamp) -> SortKey {
        match self {
            Self::Name => SortKey::text(&trust.name),
            Self::Kind => SortKey::exact(trust.kind().as_str()),
            Self::Status => SortKey::count(usize::from(!trust.enabled)),
            Self::Created => SortKey::instant(created_at),
        }
    }
}

impl Column for TrustColumn {
    const ALL: &'static [Self] = &[Self::Name, Self::Kind, Self::Status, Self::Created];

    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kind => "kind",
            Self::Status => "status",
            Self::Created => "created",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Trust",
            Self::Kind => "Kind",
            Self::Status => "Status",
            Self::Created => "Created",
        }
    }

    fn is_instant(self) -> bool {
        self == Self::Created
    }
}

/// The place of a row in an order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey(String, i64);

impl SortKey {
    /// In the natural order of names.
    fn text(text: &str) -> Self {
        Self(order_key(text), 0)
    }

    fn exact(text: &str) -> Self {
        Self(text.to_owned(), 0)
    }

    fn count(number: usize) -> Self {
        Self(String::new(), i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn instant(at: Timestamp) -> Self {
        Self(String::new(), at.0)
    }
}

/// True when a text is part of one of these. Nothing is part of each.
fn holds<'a>(text: &str, mut texts: impl Iterator<Item = &'a str>) -> bool {
    let key = search_key(text.trim());
    key.is_empty() || texts.any(|text| search_key(text).contains(&key))
}

fn typed(text: &str) -> Option<(&'static str, String)> {
    Some(("q", text.to_owned())).filter(|(_, text)| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Form;
    use crate::listing::{Limits, Listing};
    use crate::scope::core_scopes;

    fn round<F: Filter>(query: &str) -> String {
        let (listing, unread) = Listing::<F>::read(&Form::parse(query.as_bytes()).unwrap(), Limits::PAGES, &[]);
        let pairs = listing.whole(Limits::PAGES).into_iter().map(|(name, value)| format!("{name}={value}"));
        format!("{} {unread:?}", pairs.collect::<Vec<_>>().join("&"))
    }

    #[test]
    fn a_listing_is_a_query_and_back() {
        for query in ["q=mail&sort=-claims&limit=50&after=email", "sort=description", ""] {
            assert_eq!(round::<ScopeFilter>(query), format!("{query} []"));
        }
        for query in ["q=a&status=pending&sort=created", "status=disabled&sort=-scopes"] {
            assert_eq!(round::<ResourceFilter>(query), format!("{query} []"));
        }
        for query in ["q=a&kind=workload_issuer&status=active&sort=-kind", "status=disabled&sort=status"] {
            assert_eq!(round::<TrustFilter>(query), format!("{query} []"));
        }
        assert_eq!(round::<ScopeFilter>("status=active&sort=kind"), " [\"sort\", \"status\"]");
        assert_eq!(round::<ResourceFilter>("status=active&kind=x"), " [\"status\", \"kind\"]");
        assert_eq!(round::<TrustFilter>("status=pending&kind=web"), " [\"kind\", \"status\"]");
    }

    #[test]
    fn scopes_are_found_by_what_is_seen_of_them() {
        let found = |text: &str| {
            let filter = ScopeFilter { text: text.to_owned() };
            let names =
                core_scopes().into_iter().filter(|scope| filter.finds(scope)).map(|scope| scope.name.to_string());
            names.collect::<Vec<_>>()
        };
        assert_eq!(found(" MAIL_verified"), ["email"]);
        assert_eq!(found("birthdate"), ["profile"]);
        assert_eq!(found("nothing of the kind"), [] as [&str; 0]);
        assert_eq!(found("").len(), core_scopes().len());
    }
}
