//! Lists of administrators: searched, filtered, sorted and cut into parts, as the query of an address says it. The console and the
//! admin API read them here.

mod acting;
mod client;
mod policy;
mod short;
mod user;

pub use acting::{GrantColumn, SessionColumn};
pub use client::{ClientColumn, ClientFilter, OwnPolicy};
pub use policy::PolicyColumn;
pub use short::{ResourceColumn, ResourceFilter, ScopeColumn, ScopeFilter, SortKey, TrustColumn, TrustFilter};
pub use user::{UserColumn, UserFilter};

use crate::activity::clip;
use crate::form::Form;
use crate::time::Timestamp;

/// A part of the list of clients.
pub type ClientListing = Listing<ClientFilter>;

/// A part of the list of users.
pub type UserListing = Listing<UserFilter>;

/// A part of the list of scopes.
pub type ScopeListing = Listing<ScopeFilter>;

/// A part of the list of resources.
pub type ResourceListing = Listing<ResourceFilter>;

/// A part of the list of trusts.
pub type TrustListing = Listing<TrustFilter>;

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<F: Filter> {
    pub filter: F,
    /// `None`: by ID, or what is most like the text of a search first.
    pub sort: Option<Sorting<F::Column>>,
    /// The number of the part, from 1. Behind a cursor it is only said.
    pub page: u64,
    pub cursor: Option<Cursor>,
    /// Rows of a part.
    pub limit: u64,
}

/// A place in a list, named by a row of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    After(String),
    Before(String),
}

impl Cursor {
    /// The place that `after` names in a query, or else `before`.
    #[must_use]
    pub fn read(query: &Form) -> Option<Self> {
        let named = |name: &str| Some(query.text(name)).filter(|place| !place.is_empty());
        named("after").map(Self::After).or_else(|| named("before").map(Self::Before))
    }

    #[must_use]
    pub fn place(&self) -> &str {
        let (Self::After(place) | Self::Before(place)) = self;
        place
    }

    /// True: the rows before it are meant.
    #[must_use]
    pub fn is_backward(&self) -> bool {
        matches!(self, Self::Before(_))
    }
}

/// A filter of a list.
pub trait Filter: Default {
    type Column: Column;

    /// Its parameters, `q` first.
    const NAMES: &'static [&'static str];

    /// Takes the value of a parameter. False when it has no such value.
    fn set(&mut self, name: &str, value: &str) -> bool;

    /// The values of the parameters that are set.
    fn pairs(&self) -> Vec<(&'static str, String)>;

    /// The order in which people expect the list who name none. `None`: see [`Listing::sort`].
    fn usual_order(&self) -> Option<Sorting<Self::Column>>;
}

/// A column that a list is sorted by.
pub trait Column: std::fmt::Debug + Copy + Eq + 'static {
    const ALL: &'static [Self];

    /// The word for it in an address.
    fn as_str(self) -> &'static str;

    /// The head of the column.
    fn label(self) -> &'static str;

    /// Its cells are instants, of which the latest are wanted first.
    fn is_instant(self) -> bool;
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sorting<C> {
    pub by: C,
    pub descending: bool,
}

impl<C: Column> Sorting<C> {
    /// Reads `created`, or `-created` for the other way round.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let (word, descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
        let by = C::ALL.iter().copied().find(|column| column.as_str() == word)?;
        Some(Self { by, descending })
    }

    #[must_use]
    pub fn to_text(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.by.as_str())
    }
}

/// Numbers of rows that somebody may ask for.
#[derive(Debug, Clone, Copy)]
pub enum Limits {
    /// One of these; without a word the first.
    OneOf(&'static [u64]),
    /// From 1 to this; without a word this.
    UpTo(u64),
}

impl Limits {
    /// The numbers of the console.
    pub const PAGES: Self = Self::OneOf(&[25, 50, 100, 200]);

    /// The number without a word.
    #[must_use]
    pub fn usual(self) -> u64 {
        match self {
            Self::OneOf(numbers) => numbers.first().copied().unwrap_or(1),
            Self::UpTo(most) => most,
        }
    }

    /// The number that a text says, if it is one of these.
    #[must_use]
    pub fn read(self, text: &str) -> Option<u64> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_number)?;
        let fits = match self {
            Self::OneOf(numbers) => numbers.contains(&number),
            Self::UpTo(most) => (1..=most).contains(&number),
        };
        fits.then_some(number)
    }
}

/// The parameter of a button of a filter: the change that it makes, as a query.
pub const CHANGE: &str = "with";

/// The query of a filter that was sent by a button: what was filled in, with the change that the button makes, and without what is empty.
/// `None`: no button sent it.
#[must_use]
pub fn pressed(form: &Form) -> Option<Form> {
    let change = form.all(CHANGE).pop()?;
    let change = Form::parse(change.as_bytes()).unwrap_or_default();
    let filled_in = form.pairs().filter(|(name, _)| !change.is_set(name));
    let pairs = filled_in.chain(change.pairs()).filter(|(name, value)| *name != CHANGE && !value.trim().is_empty());
    Some(Form::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
}

/// The parameters of every list.
const NAMES: [&str; 5] = ["sort", "limit", "page", "after", "before"];

impl<F: Filter> Listing<F> {
    /// The list from its beginning.
    #[must_use]
    pub fn new(filter: F, limit: u64) -> Self {
        Self { filter, sort: None, page: 1, cursor: None, limit }
    }

    /// Reads a query: the parameters of the filter, `sort`, `limit`, `page`, and `after` or `before`. `besides` are parameters that mean
    /// something else. The second part names what could not be read, was sent twice, or is no parameter at all, and has no effect.
    #[must_use]
    pub fn read(form: &Form, limits: Limits, besides: &[&str]) -> (Self, Vec<String>) {
        let mut listing = Self::new(F::default(), limits.usual());
        let mut unread = Vec::new();
        for name in F::NAMES.iter().chain(&NAMES) {
            let is_read = match form.find(name) {
                Ok(None) => true,
                Ok(Some(value)) => listing.set(name, value, limits),
                Err(_) => false,
            };
            if !is_read {
                unread.push((*name).to_owned());
            }
        }
        let is_known = |name: &str| F::NAMES.contains(&name) || NAMES.contains(&name) || besides.contains(&name);
        unread.extend(form.pairs().map(|(name, _)| name).filter(|name| !is_known(name)).map(clip));
        (listing, unread)
    }

    fn set(&mut self, name: &str, value: &str, limits: Limits) -> bool {
        match name {
            "sort" => {
                self.sort = Sorting::find(value);
                self.sort.is_some()
            }
            "limit" => limits.read(value).map(|limit| self.limit = limit).is_some(),
            // Any other number is that of the first part, or of the last.
            "page" => {
                self.page = value.parse().unwrap_or(1).max(1);
                true
            }
            "after" => self.set_cursor(Cursor::After(value.to_owned())),
            "before" => self.set_cursor(Cursor::Before(value.to_owned())),
            _ => self.filter.set(name, value),
        }
    }

    fn set_cursor(&mut self, cursor: Cursor) -> bool {
        let is_first = self.cursor.is_none();
        self.cursor.get_or_insert(cursor);
        is_first
    }

    /// The order in which it is shown to people.
    #[must_use]
    pub fn shown_order(&self) -> Option<Sorting<F::Column>> {
        self.sort.or_else(|| self.filter.usual_order())
    }

    /// The same part in that order.
    #[must_use]
    pub fn shown(&self) -> Self
    where
        F: Clone,
    {
        Self { sort: self.shown_order(), cursor: self.cursor.clone(), filter: self.filter.clone(), ..*self }
    }

    /// The filter and the order as parameters.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.filter.pairs();
        pairs.extend(self.sort.map(|sort| ("sort", sort.to_text())));
        pairs
    }

    /// The same with the number of rows, where it is not the usual one.
    #[must_use]
    pub fn sized(&self, limits: Limits) -> Vec<(&'static str, String)> {
        let mut pairs = self.pairs();
        pairs.extend((self.limit != limits.usual()).then(|| ("limit", self.limit.to_string())));
        pairs
    }

    /// The same with the place.
    #[must_use]
    pub fn whole(&self, limits: Limits) -> Vec<(&'static str, String)> {
        let mut pairs = self.sized(limits);
        pairs.extend(self.cursor.as_ref().map(|cursor| match cursor {
            Cursor::After(place) => ("after", place.clone()),
            Cursor::Before(place) => ("before", place.clone()),
        }));
        pairs.extend((self.page > 1).then(|| ("page", self.page.to_string())));
        pairs
    }
}

/// True for something that may be used, false for what is disabled.
fn read_status(word: &str) -> Option<bool> {
    match word {
        "active" => Some(true),
        "disabled" => Some(false),
        _ => None,
    }
}

fn status_word(is_enabled: bool) -> String {
    if is_enabled { "active" } else { "disabled" }.to_owned()
}

/// The time since something happened last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    Day,
    Week,
    Month,
    Quarter,
    Never,
}

impl Last {
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Never];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Never => "never",
        }
    }

    fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|last| last.as_str() == word)
    }

    /// The beginning of the time that is meant; `None` for never.
    #[must_use]
    pub fn since(self, now: Timestamp) -> Option<Timestamp> {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Never => return None,
        };
        Some(now.plus(-days * 86_400))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientKind;

    fn read(query: &str) -> (ClientListing, Vec<String>) {
        Listing::read(&Form::parse(query.as_bytes()).unwrap(), Limits::PAGES, &["done"])
    }

    #[test]
    fn a_listing_is_a_query_and_back() {
        let query = "q=shop&kind=spa&status=active&used=30d&policy=default&since=5&sort=-used&limit=100&after=x.y&page=3&done=saved";
        let (listing, unread) = read(query);
        assert!(unread.is_empty(), "{unread:?}");
        assert_eq!(listing.cursor, Some(Cursor::After("x.y".to_owned())));
        let pairs: Vec<String> =
            listing.whole(Limits::PAGES).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(format!("{}&done=saved", pairs.join("&")), query);
        assert_eq!(read("").0.whole(Limits::PAGES), []);
        let users = "q=a&status=disabled&signed_in=never&since=7&sort=email&before=z";
        let (listing, unread) = UserListing::read(&Form::parse(users.as_bytes()).unwrap(), Limits::UpTo(1_000), &[]);
        assert!(unread.is_empty() && listing.limit == 1_000, "{unread:?}");
        let pairs = listing.whole(Limits::UpTo(1_000)).into_iter().map(|(name, value)| format!("{name}={value}"));
        assert_eq!(pairs.collect::<Vec<_>>().join("&"), users);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_has_no_effect() {
        let (listing, mut unread) = read(
            "kind=party&status=on&used=1y&policy=maybe&since=soon&sort=--name&limit=26&after=a&before=b&knd=spa&page=x&q=a",
        );
        unread.sort_unstable();
        assert_eq!(unread, ["before", "kind", "knd", "limit", "policy", "since", "sort", "status", "used"]);
        assert_eq!(listing.filter, ClientFilter { text: "a".to_owned(), ..ClientFilter::default() });
        assert_eq!((listing.sort, listing.page, listing.limit), (None, 1, 25));
        let (listing, unread) = read("kind=spa&kind=web&sort=kind&sort=name&limit=50&limit=25&q=");
        assert_eq!((listing, unread.as_slice()), (read("").0, ["kind", "sort", "limit"].map(str::to_owned).as_slice()));
        assert_eq!(read("kind=spa").0.filter.kind, Some(ClientKind::Spa));
    }

    #[test]
    fn a_button_of_a_filter_changes_its_part_and_keeps_what_was_typed() {
        let pressed = |query: &str| pressed(&Form::parse(query.as_bytes()).unwrap()).map(|form| form.encode());
        assert_eq!(pressed("q=a+b&within=1h&kind=&with=within%3D7d%26since%3D").unwrap(), "q=a+b&within=7d");
        assert_eq!(pressed("within=1h&since=5&q=&with=within%3D%26since%3D").unwrap(), "");
        assert_eq!(pressed("q=a&sort=name&with=").unwrap(), "q=a&sort=name");
        assert_eq!(pressed("q=a&with=sort%3D-name%26with%3Dx").unwrap(), "q=a&sort=-name");
        assert_eq!(pressed("q=a&with=%25zz&with=x%3D1%25").unwrap(), "q=a");
        assert_eq!(pressed("q=a&sort=name"), None);
    }

    #[test]
    fn numbers_of_rows_are_bounded() {
        for wrong in ["0", "1001", "-1", "+5", "1.0", "", "ten", "99999999999999999999"] {
            assert_eq!(Limits::UpTo(1_000).read(wrong), None, "{wrong}");
        }
        assert_eq!((Limits::UpTo(1_000).read("1"), Limits::UpTo(1_000).read("1000")), (Some(1), Some(1_000)));
        assert_eq!((Limits::PAGES.read("200"), Limits::PAGES.read("201")), (Some(200), None));
    }

    #[test]
    fn every_column_has_a_word() {
        for column in ClientColumn::ALL {
            assert_eq!(Sorting::find(column.as_str()), Some(Sorting { by: *column, descending: false }));
            assert_eq!(
                Sorting::<ClientColumn>::find(&format!("-{}", column.as_str())).map(|s| s.descending),
                Some(true)
            );
        }
        for column in UserColumn::ALL {
            assert_eq!(Sorting::find(column.as_str()), Some(Sorting { by: *column, descending: false }));
        }
    }
}
