//! The pages there are, and what they are called.

use app::pages::docs::{PageGroup, PageLink};
use app::path::{DOCS, docs};
use rust_embed::RustEmbed;

use super::markdown::{self, Document, render};
use super::search::Section;

/// Everything in `docs/`. A debug build reads it from disk.
#[derive(RustEmbed)]
#[folder = "../docs"]
struct Docs;

/// The page of the repository that stands outside `docs/`.
const README: &str = include_str!("../../../README.md");
const README_PATH: &str = "readme";

/// The page at `/docs/<path>`: a Markdown file, or the list of those in a directory without a README of its own.
pub(super) fn find(path: &str) -> Option<Document> {
    source(path).map(|(file, text)| render(&file, &text, resolve))
}

/// A file that is no page: a picture, an example.
pub(super) fn find_file(path: &str) -> Option<Vec<u8>> {
    Docs::get(path).filter(|_| is_file(path)).map(|file| file.data.into_owned())
}

/// The address of a page.
pub(super) fn address(path: &str) -> String {
    if path.is_empty() { DOCS.to_owned() } else { docs(path) }
}

/// The pages for the sidebar: those that `docs/README.md` links to, under its headings.
pub(super) fn groups() -> Vec<PageGroup> {
    let index = find("").unwrap_or_default();
    let mut groups: Vec<PageGroup> = Vec::new();
    let mut seen = vec![DOCS.to_owned()];
    for (heading, text, href) in index.links {
        let href = href.split('#').next().unwrap_or_default().to_owned();
        if !href.starts_with(&docs("")) || seen.contains(&href) {
            continue;
        }
        seen.push(href.clone());
        let link = PageLink { text, href };
        match groups.last_mut().filter(|group| group.title == heading) {
            Some(group) => group.pages.push(link),
            None => groups.push(PageGroup { title: heading, pages: vec![link] }),
        }
    }
    groups
}

/// All pages: path, title and sections, in the order of their paths.
pub(super) fn sections() -> Vec<(String, String, Vec<Section>)> {
    let mut paths: Vec<_> = Docs::iter().filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect();
    paths.sort();
    let paths = paths.into_iter().map(|path| match path.strip_suffix("README") {
        Some(directory) => directory.trim_end_matches('/').to_owned(),
        None => path,
    });
    let read = |path: String| {
        let (title, sections) = markdown::sections(&source(&path)?.1);
        Some((path, title, sections))
    };
    paths.chain([README_PATH.to_owned()]).filter_map(read).collect()
}

/// The repository's path and the text of a page.
fn source(path: &str) -> Option<(String, String)> {
    if path == README_PATH {
        return Some(("README.md".to_owned(), README.to_owned()));
    }
    let names = if path.is_empty() {
        ["README.md".to_owned(), String::new()]
    } else {
        [format!("{path}.md"), format!("{path}/README.md")]
    };
    let page =
        names.into_iter().filter(|name| is_page(name)).find_map(|name| Some((format!("docs/{name}"), text(&name)?)));
    page.or_else(|| directory(path))
}

/// The list of the pages in a directory.
fn directory(path: &str) -> Option<(String, String)> {
    let prefix = format!("{path}/");
    let mut names: Vec<_> = Docs::iter().filter(|name| name.starts_with(&prefix) && name.ends_with(".md")).collect();
    names.sort();
    let name = path.rsplit('/').next().filter(|name| !name.is_empty() && !names.is_empty())?;
    let (first, rest) = name.split_at_checked(1)?;
    let items = names.iter().filter_map(|name| {
        let title = text(name)?.lines().find_map(|line| line.strip_prefix("# ").map(str::to_owned))?;
        Some(format!("- [{title}]({})\n", name.strip_prefix(&prefix)?))
    });
    let text = format!("# {}{rest}\n\n{}", first.to_uppercase(), items.collect::<String>());
    Some((format!("docs/{path}/README.md"), text))
}

/// The address of a file or directory of the repository; `None` when it is not part of the documentation.
fn resolve(path: &str) -> Option<String> {
    if path == "README.md" {
        return Some(address(README_PATH));
    }
    let path = match path {
        "docs" => "",
        path => path.strip_prefix("docs/")?,
    };
    if is_file(path) && Docs::get(path).is_some() {
        return Some(address(path));
    }
    let page = path.strip_suffix(".md").unwrap_or(path);
    let page = page.strip_suffix("README").map_or(page, |directory| directory.trim_end_matches('/'));
    source(page).map(|_| address(page))
}

fn text(name: &str) -> Option<String> {
    String::from_utf8(Docs::get(name)?.data.into_owned()).ok()
}

fn is_page(name: &str) -> bool {
    name.ends_with(".md")
}

fn is_file(name: &str) -> bool {
    !name.is_empty() && !is_page(name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn pages() -> Vec<String> {
        let names = Docs::iter().filter(|name| is_page(name)).map(|name| name.trim_end_matches(".md").to_owned());
        names
            .map(|name| name.trim_end_matches("README").trim_end_matches('/').to_owned())
            .chain([README_PATH.to_owned()])
            .collect()
    }

    #[test]
    fn every_page_is_in_the_index() {
        let linked: Vec<_> = groups().into_iter().flat_map(|group| group.pages).map(|page| page.href).collect();
        for page in pages().iter().filter(|page| !page.is_empty() && !page.contains('/')) {
            assert!(linked.contains(&address(page)), "docs/README.md does not link to {page}");
        }
    }

    #[test]
    fn every_link_leads_somewhere() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for page in pages() {
            let (file, text) = source(&page).unwrap();
            let seen = std::cell::RefCell::new(Vec::new());
            let document = render(&file, &text, |path| {
                seen.borrow_mut().push(path.to_owned());
                resolve(path)
            });
            for path in seen.into_inner() {
                assert!(root.join(&path).exists(), "{file} links to {path}, which does not exist");
            }
            for (_, text, href) in document.links {
                let Some((target, fragment)) = href.split_once('#') else { continue };
                let target = match target {
                    "" => Some(page.clone()),
                    target => target.strip_prefix("/docs").map(|path| path.trim_start_matches('/').to_owned()),
                };
                let Some(target) = target.and_then(|target| find(&target)) else { continue };
                assert!(
                    target.html.contains(&format!("id=\"{fragment}\"")),
                    "{file}: “{text}” leads to {href}, which has no such place"
                );
            }
        }
    }
}
