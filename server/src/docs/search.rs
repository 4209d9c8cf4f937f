//! The search of the documentation: over titles, headings and the text under them. The pages are part of the binary, so what is
//! searched is made once, and a search looks through all of it: half a megabyte.

use std::sync::LazyLock;

use app::pages::docs::DocsHit;

use super::library;

/// Sections that are shown.
pub(super) const HITS: usize = 30;
/// Words of a search; what stands behind them is not looked at.
const WORDS: usize = 8;
/// Characters of a search.
const LENGTH: usize = 100;
/// Bytes of a section that are shown, about.
const EXCERPT: usize = 160;

/// A heading with what stands under it, up to the next one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Section {
    /// Empty for what stands at the beginning of a page.
    pub(super) id: String,
    pub(super) heading: String,
    pub(super) text: String,
}

/// A section with its page, as it is searched.
#[derive(Debug)]
struct Entry {
    page: String,
    href: String,
    section: Section,
    /// Page and heading, and the text, in small letters. Of ASCII only: so both are as long as what they were made from.
    title: String,
    text: String,
}

/// All sections, page by page.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entries = library::sections().into_iter().flat_map(|(path, page, sections)| {
        sections.into_iter().map(move |section| Entry {
            href: match section.id.as_str() {
                "" => library::address(&path),
                id => format!("{}#{id}", library::address(&path)),
            },
            title: format!("{page} {}", section.heading).to_ascii_lowercase(),
            text: section.text.to_ascii_lowercase(),
            page: page.clone(),
            section,
        })
    });
    entries.collect()
});

/// The words of a search, in small letters.
fn words(query: &str) -> Vec<String> {
    let query: String = query.chars().take(LENGTH).collect();
    query.split_whitespace().take(WORDS).map(str::to_ascii_lowercase).collect()
}

/// The sections in which all words of `query` are, those with the words in their titles first.
pub(super) fn find(query: &str) -> Vec<DocsHit> {
    let words = words(query);
    if words.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<_> = ENTRIES.iter().filter_map(|entry| Some((entry.rank(&words)?, entry))).collect();
    // A stable sort: what is equally good stays in the order of the pages.
    found.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let hit = |(_, entry): (usize, &Entry)| DocsHit {
        page: entry.page.clone(),
        heading: entry.section.heading.clone(),
        href: entry.href.clone(),
        excerpt: entry.excerpt(&words),
    };
    found.into_iter().take(HITS).map(hit).collect()
}

/// The first `most` sections with all words of `query` in the titles of page and section: heading, page and address.
pub(crate) fn find_titles(query: &str, most: usize) -> Vec<(String, String, String)> {
    let words = words(query);
    let all_in = |entry: &&Entry| !words.is_empty() && words.iter().all(|word| entry.title.contains(word.as_str()));
    let name = |entry: &Entry| match entry.section.heading.as_str() {
        "" => (entry.page.clone(), String::new(), entry.href.clone()),
        heading => (heading.to_owned(), entry.page.clone(), entry.href.clone()),
    };
    ENTRIES.iter().filter(all_in).take(most).map(name).collect()
}

impl Entry {
    /// The number that says how well the words fit; `None` if one is missing.
    fn rank(&self, words: &[String]) -> Option<usize> {
        words.iter().try_fold(0, |rank, word| {
            let (in_title, in_text) = (self.title.contains(word.as_str()), self.text.contains(word.as_str()));
            (in_title || in_text).then(|| rank + 4 * usize::from(in_title) + usize::from(in_text))
        })
    }

    /// The text around the first word that is in it.
    fn excerpt(&self, words: &[String]) -> String {
        let text = &self.section.text;
        let at = words.iter().filter_map(|word| self.text.find(word.as_str())).min().unwrap_or(0);
        let from = text.floor_char_boundary(at.saturating_sub(EXCERPT / 3));
        let from = if from == 0 {
            0
        } else {
            text.get(from..).and_then(|rest| rest.find(' ')).map_or(from, |space| from + space + 1)
        };
        let to = text.floor_char_boundary((from + EXCERPT).min(text.len()));
        let before = if from == 0 { "" } else { "… " };
        let after = if to == text.len() { "" } else { "…" };
        format!("{before}{}{after}", text.get(from..to).unwrap_or_default().trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_by_its_name() {
        let hits = find("listen_addr");
        assert_eq!(hits[0].href, "/docs/configuration#listen_addr");
        assert_eq!(hits[0].heading, "LISTEN_ADDR");
        assert!(find("LISTEN_addr  ").len() == hits.len());
    }

    #[test]
    fn all_words_are_looked_for_and_the_rest_is_bounded() {
        assert!(find("").is_empty() && find(" \n").is_empty());
        assert!(find("there-is-no-such-word").is_empty());
        assert_eq!(find("the").len(), HITS);
        assert!(find("the there-is-no-such-word").is_empty());
        let long = format!("listen_addr {}", "ä".repeat(100_000));
        assert!(find(&long).is_empty());
        assert!(find(&"the ".repeat(10_000)).len() <= HITS);
        assert!(find("the").iter().all(|hit| hit.excerpt.len() < EXCERPT + 20), "bounded excerpts");
    }

    #[test]
    fn every_section_leads_to_a_heading() {
        for entry in ENTRIES.iter() {
            let (path, id) = entry.href.split_once('#').unwrap_or((&entry.href, ""));
            let page = path.trim_start_matches("/docs").trim_start_matches('/');
            let html = library::find(page).unwrap().html;
            assert!(id.is_empty() || html.contains(&format!("id=\"{id}\"")), "{}", entry.href);
        }
        assert!(ENTRIES.len() > 300);
    }

    #[test]
    fn titles_are_found_for_the_palette() {
        let found = find_titles("listen_addr", 3);
        assert_eq!(found[0], ("LISTEN_ADDR".into(), "Configuration".into(), "/docs/configuration#listen_addr".into()));
        assert!(find_titles("", 3).is_empty());
    }
}
