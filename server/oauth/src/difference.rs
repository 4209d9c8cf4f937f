//! Differences: between two states of a thing, as the record of changes has them, and between the drafts of two administrators.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::details::DetailsTypeDraft;
use crate::resource::ResourceScopeDraft;
use crate::time::Timestamp;
use crate::words::words;

/// A draft, field by field.
pub trait Draft: Clone {
    /// The fields, by name, as texts.
    fn texts(&self) -> Vec<(&'static str, String)>;

    /// This draft with all that was changed in it since `base`, and of `theirs` the rest.
    #[must_use]
    fn on(self, theirs: &Self, base: &Self) -> Self;
}

/// A value of a field, as a text.
pub(crate) trait Text {
    fn text(&self) -> String;
}

impl Text for String {
    /// Lines without blanks around them: a form sends what it showed with other line ends.
    fn text(&self) -> String {
        self.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n")
    }
}

impl Text for bool {
    fn text(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }
}

impl Text for Vec<String> {
    fn text(&self) -> String {
        self.join("\n")
    }
}

impl Text for Vec<ResourceScopeDraft> {
    fn text(&self) -> String {
        let named = self.iter().filter(|scope| !scope.name.trim().is_empty());
        let line = |scope: &ResourceScopeDraft| {
            let default = if scope.default { " (by default)" } else { "" };
            format!("{}{default}: {}", scope.name.trim(), scope.description.trim())
        };
        named.map(line).collect::<Vec<_>>().join("\n")
    }
}

impl Text for Vec<DetailsTypeDraft> {
    fn text(&self) -> String {
        let named = self.iter().filter(|kind| !kind.name.trim().is_empty());
        let line = |kind: &DetailsTypeDraft| {
            let fields: Vec<&str> = kind.fields.lines().map(str::trim).filter(|field| !field.is_empty()).collect();
            let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join("; ")) };
            format!("{}: {}{fields}", kind.name.trim(), kind.description.trim())
        };
        named.map(line).collect::<Vec<_>>().join("\n")
    }
}

/// True for values that say the same: the order of lines means nothing.
pub(crate) fn same(one: &impl Text, other: &impl Text) -> bool {
    sorted(&one.text()) == sorted(&other.text())
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// `texts! { Name { field, … } }`: the fields of a draft. One that is left out does not compile.
macro_rules! texts {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::difference::Draft for $name {
            fn texts(&self) -> Vec<(&'static str, String)> {
                let Self { $($field),+ } = self;
                vec![$((stringify!($field), $crate::difference::Text::text($field))),+]
            }

            fn on(self, theirs: &Self, base: &Self) -> Self {
                Self {
                    $($field: if $crate::difference::same(&self.$field, &base.$field) {
                        theirs.$field.clone()
                    } else {
                        self.$field
                    }),+
                }
            }
        }
    };
}
pub(crate) use texts;

/// A field that two states differ in. `None`: it is not there, or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The name of the field, with dots where it is inside another one.
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The fields that differ, in the order of the drafts.
#[must_use]
pub fn between<D: Draft>(before: &D, after: &D) -> Vec<Difference> {
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let pairs = before.texts().into_iter().zip(after.texts());
    pairs
        .filter(|((_, before), (_, after))| sorted(before) != sorted(after))
        .map(|((field, before), (_, after))| Difference {
            field: field.to_owned(),
            before: filled(before),
            after: filled(after),
        })
        .collect()
}

words! {
    /// The way in which the changes of two are put together.
    Merge {
        /// Both; where both changed the same, yours.
        #[default]
        Yours = "yours",
        /// Both; where both changed the same, theirs.
        Theirs = "theirs",
        /// Yours alone: what they changed is put back.
        YoursAlone = "yours_alone",
    }
}

impl Merge {
    /// The drafts of two who began from `base`, put together.
    #[must_use]
    pub fn of<D: Draft>(self, base: &D, theirs: &D, yours: D) -> D {
        match self {
            Self::Yours => yours.on(theirs, base),
            Self::Theirs => theirs.clone().on(&yours, base),
            Self::YoursAlone => yours,
        }
    }
}

/// Two changes of the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conflict {
    /// The fields in which the two differ, or that one of them changed.
    pub fields: Vec<ConflictField>,
    /// False: nobody knows any more what both began from.
    pub knows_before: bool,
}

/// A field of two changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictField {
    pub field: &'static str,
    /// As both found it.
    pub before: Option<String>,
    pub theirs: String,
    pub yours: String,
}

impl ConflictField {
    /// True when both changed it, to something else each.
    #[must_use]
    pub fn is_of_both(&self) -> bool {
        let is_same = sorted(&self.theirs) == sorted(&self.yours);
        self.is_changed(&self.theirs) && self.is_changed(&self.yours) && !is_same
    }

    /// True when yours is the value that `merge` takes, false when theirs is.
    #[must_use]
    pub fn takes_yours(&self, merge: Merge) -> bool {
        match merge {
            Merge::Yours => self.is_changed(&self.yours),
            Merge::Theirs => !self.is_changed(&self.theirs),
            Merge::YoursAlone => true,
        }
    }

    fn is_changed(&self, text: &str) -> bool {
        self.before.as_deref().is_none_or(|before| sorted(before) != sorted(text))
    }
}

impl Conflict {
    /// The changes that `theirs` and `yours` make of `base`.
    #[must_use]
    pub fn of<D: Draft>(base: Option<&D>, theirs: &D, yours: &D) -> Self {
        let mut before = base.map(D::texts).map(Vec::into_iter);
        let mut fields = Vec::new();
        for ((field, theirs), (_, yours)) in theirs.texts().into_iter().zip(yours.texts()) {
            let before = before.as_mut().and_then(|texts| Some(texts.next()?.1));
            if sorted(&theirs) != sorted(&yours) {
                fields.push(ConflictField { field, before, theirs, yours });
            }
        }
        Self { fields, knows_before: base.is_some() }
    }
}

/// A change, as the record has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRecord {
    pub id: String,
    pub at: Timestamp,
    /// The word for the author.
    pub actor: String,
    /// The deed, for example `client.update`.
    pub action: String,
    pub target: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// The event of the request, with the address and the ID of it.
    pub event: Option<String>,
    pub address: Option<String>,
    pub request_id: Option<String>,
}

impl ChangeRecord {
    /// The fields that it changed.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        differences(self.before.as_ref(), self.after.as_ref())
    }

    /// True where all that it said was erased with a person.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        let said = [&self.after, &self.before];
        said.into_iter()
            .flatten()
            .any(|said| said.get("erased").is_some_and(|mark| mark.is_boolean() || mark.is_string()))
    }
}

/// Members that are of no interest to anybody: they tell one state from another.
const INNER: [&str; 3] = ["id", "stamp", "version"];

/// Ends of the names of members that may hold a secret. None is recorded; should one be, it is not shown.
const SECRET: [&str; 4] = ["secret", "password", "hash", "digest"];

/// The members that two documents differ in, in the order of their names. The order of what a list holds means nothing.
#[must_use]
pub fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    let (before, after) = (flat(before), flat(after));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .map(|name| (name, before.get(name), after.get(name)))
        .filter(|(_, before, after)| before.map(|text| sorted(text)) != after.map(|text| sorted(text)))
        .map(|(name, before, after)| {
            let is_secret = SECRET.iter().any(|end| name.ends_with(end));
            let shown =
                |text: Option<&String>| text.map(|text| if is_secret { "•••".to_owned() } else { text.clone() });
            Difference { field: name.clone(), before: shown(before), after: shown(after) }
        })
        .collect()
}

fn flat(document: Option<&Value>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    if let Some(Value::Object(members)) = document {
        for (name, value) in members.iter().filter(|(name, _)| !INNER.contains(&name.as_str())) {
            flatten(name, value, &mut texts);
        }
    }
    texts
}

fn flatten(name: &str, value: &Value, texts: &mut BTreeMap<String, String>) {
    let text = match value {
        // A JWK Set is one value.
        Value::Object(members) if name.rsplit('.').next() != Some("jwks") => {
            for (member, value) in members {
                flatten(&format!("{name}.{member}"), value, texts);
            }
            return;
        }
        Value::Null => return,
        Value::Bool(flag) => flag.text(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let line = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            items.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    };
    if !text.is_empty() {
        texts.insert(name.to_owned(), text);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scope::ScopeDraft;

    fn scope(description: &str, claims: &str) -> ScopeDraft {
        ScopeDraft { name: "news".to_owned(), description: description.to_owned(), claims: claims.to_owned() }
    }

    #[test]
    fn what_somebody_changed_is_put_on_what_somebody_else_did() {
        let (base, theirs) = (scope("News", "a\nb"), scope("All the news", "a\nb"));
        let yours = scope("News", "a\r\nb\r\nc");
        let conflict = Conflict::of(Some(&base), &theirs, &yours);
        let fields: Vec<_> = conflict.fields.iter().map(|field| (field.field, field.is_of_both())).collect();
        assert_eq!(fields, [("description", false), ("claims", false)]);
        assert_eq!(yours.on(&theirs, &base), scope("All the news", "a\r\nb\r\nc"));
        // Of both, yours stays; what both did alike is no conflict; an order is no change.
        let yours = scope("Your news", "b\na");
        let conflict = Conflict::of(Some(&base), &theirs, &yours);
        assert_eq!(conflict.fields.len(), 1);
        assert!(conflict.fields[0].is_of_both());
        assert_eq!(yours.clone().on(&theirs, &base), scope("Your news", "a\nb"));
        assert!(Conflict::of(Some(&base), &theirs, &theirs).fields.is_empty());
        // Nobody knows where they began: all that differs is said.
        let conflict = Conflict::of(None, &theirs, &yours);
        assert!(!conflict.knows_before && conflict.fields[0].is_of_both());
    }

    #[test]
    fn two_changes_are_put_together_in_the_way_that_is_chosen() {
        let (base, theirs) = (scope("News", "a"), scope("All the news", "a"));
        let of = |merge: Merge, yours: ScopeDraft| {
            let merged = merge.of(&base, &theirs, yours.clone());
            // What is said of each field is what is done.
            for field in Conflict::of(Some(&base), &theirs, &yours).fields {
                let taken = if field.takes_yours(merge) { field.yours } else { field.theirs };
                let (_, text) = merged.texts().into_iter().find(|(name, _)| *name == field.field).unwrap();
                assert_eq!(text, taken, "{merge}: {}", field.field);
            }
            merged
        };
        let both = || scope("Your news", "a\nb");
        assert_eq!(of(Merge::Yours, both()), scope("Your news", "a\nb"));
        assert_eq!(of(Merge::Theirs, both()), scope("All the news", "a\nb"));
        assert_eq!(of(Merge::YoursAlone, both()), both());
        let other = || scope("News", "b");
        assert_eq!(of(Merge::Yours, other()), scope("All the news", "b"));
        assert_eq!(of(Merge::Theirs, other()), scope("All the news", "b"));
        assert_eq!(of(Merge::YoursAlone, other()), scope("News", "b"), "what they changed is put back");
    }

    #[test]
    fn documents_differ_member_by_member() {
        let before = json!({"id": "1", "name": "A", "policy": {"require_pkce": true}, "uris": ["a", "b"], "old": null});
        let after = json!({"id": "2", "name": "B", "policy": {}, "uris": ["a"], "client_secret": "s", "none": []});
        let said: Vec<_> = differences(Some(&before), Some(&after))
            .into_iter()
            .map(|it| (it.field, it.before.unwrap_or_default(), it.after.unwrap_or_default()))
            .collect();
        let row = |field: &str, before: &str, after: &str| (field.to_owned(), before.to_owned(), after.to_owned());
        assert_eq!(
            said,
            [
                row("client_secret", "", "•••"),
                row("name", "A", "B"),
                row("policy.require_pkce", "yes", ""),
                row("uris", "a\nb", "a")
            ]
        );
        assert!(differences(None, None).is_empty() && differences(Some(&json!([1])), Some(&json!("x"))).is_empty());
    }

    #[test]
    fn a_change_knows_that_it_was_erased() {
        let change = ChangeRecord {
            id: String::new(),
            at: Timestamp(0),
            actor: "admin".to_owned(),
            action: "user.update".to_owned(),
            target: "7".to_owned(),
            before: None,
            after: Some(json!({"erased": true})),
            event: None,
            address: None,
            request_id: None,
        };
        assert!(change.is_erased());
    }

    #[test]
    fn the_order_of_a_list_is_no_change() {
        let state = |scopes: &[&str], name: &str| json!({ "scope": scopes, "client_name": name });
        let (before, after) = (state(&["a", "b"], "Old"), state(&["b", "a"], "New"));
        let fields: Vec<_> =
            differences(Some(&before), Some(&after)).into_iter().map(|difference| difference.field).collect();
        assert_eq!(fields, ["client_name"]);
        assert_eq!(differences(Some(&before), Some(&state(&["a"], "Old"))).len(), 1);
    }
}
