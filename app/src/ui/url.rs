//! Queries of links inside the console.

use oauth::form::Form;

/// `path` with a query made of the pairs whose value is not empty.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    match query(pairs) {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The pairs whose value is not empty, encoded.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let filled = pairs.iter().filter(|(_, value)| !value.is_empty());
    Form::from_pairs(filled.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()).encode()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_is_in_the_query() {
        assert_eq!(with_query("/x", &[("q", ""), ("page", "")]), "/x");
        assert_eq!(with_query("/x", &[("q", "a b&c"), ("kind", "")]), "/x?q=a+b%26c");
    }
}
