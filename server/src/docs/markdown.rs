//! Markdown into HTML: CommonMark with tables; headings with ids; links between files of the repository as addresses of this
//! server.

use app::pages::docs::Heading;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::search::Section;

const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// A page, ready to be shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Document {
    /// The text of the first heading.
    pub(super) title: String,
    pub(super) html: String,
    /// The headings of the second and third level.
    pub(super) contents: Vec<Heading>,
    /// All links: the heading of the second level they stand under, their text, and where they lead.
    pub(super) links: Vec<(String, String, String)>,
}

/// Renders the Markdown of `file`, a path in the repository. `resolve` gives the address of another path of the repository; where
/// there is none, the text of the link stays and the link goes.
pub(super) fn render(file: &str, text: &str, resolve: impl Fn(&str) -> Option<String>) -> Document {
    let mut document = Document::default();
    let events: Vec<_> = Parser::new_ext(text, OPTIONS).collect();
    let mut out = Vec::with_capacity(events.len());
    let mut ids = Ids::default();
    let mut heading = String::new();
    let mut kept = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let text = text_until(events.get(index..).unwrap_or_default(), |end| matches!(end, TagEnd::Heading(_)));
                let id = ids.next(&text);
                match level {
                    HeadingLevel::H1 if document.title.is_empty() => document.title.clone_from(&text),
                    HeadingLevel::H2 => heading.clone_from(&text),
                    _ => {}
                }
                if matches!(level, HeadingLevel::H2 | HeadingLevel::H3) {
                    document.contents.push(Heading { is_sub: *level == HeadingLevel::H3, id: id.clone(), text });
                }
                out.push(Event::Start(Tag::Heading {
                    level: *level,
                    id: Some(id.into()),
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let href = translate(file, dest_url, &resolve);
                kept.push(href.is_some());
                if let Some(href) = href {
                    let text = text_until(events.get(index..).unwrap_or_default(), |end| *end == TagEnd::Link);
                    document.links.push((heading.clone(), text, href.clone()));
                    out.push(Event::Start(Tag::Link {
                        link_type: *link_type,
                        dest_url: href.into(),
                        title: title.clone(),
                        id: id.clone(),
                    }));
                }
            }
            Event::End(TagEnd::Link) => {
                if kept.pop() == Some(true) {
                    out.push(event.clone());
                }
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = translate(file, dest_url, &resolve).map_or_else(|| dest_url.clone(), CowStr::from);
                out.push(Event::Start(Tag::Image {
                    link_type: *link_type,
                    dest_url,
                    title: title.clone(),
                    id: id.clone(),
                }));
            }
            // Wide tables scroll in a frame of their own, which the keyboard must reach.
            Event::Start(Tag::Table(_)) => {
                out.extend([raw(r#"<div class="table-frame" tabindex="0">"#), event.clone()])
            }
            Event::End(TagEnd::Table) => out.extend([event.clone(), raw("</div>")]),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                if let Some(name) = info.split(' ').find_map(|word| word.strip_prefix("file=")) {
                    out.push(raw(r#"<p class="file-name">"#));
                    out.extend([Event::Text(name.to_owned().into()), raw("</p>")]);
                }
                out.push(event.clone());
            }
            _ => out.push(event.clone()),
        }
    }
    html::push_html(&mut document.html, out.into_iter());
    document.html = document.html.replace("<pre>", r#"<pre tabindex="0">"#);
    document
}

/// The title of a page, and its text in sections: one for each heading, and one before the second.
pub(super) fn sections(text: &str) -> (String, Vec<Section>) {
    let (mut title, mut ids) = (String::new(), Ids::default());
    let mut sections = vec![Section::default()];
    let events: Vec<_> = Parser::new_ext(text, OPTIONS).collect();
    let mut is_heading = false;
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                let heading =
                    text_until(events.get(index..).unwrap_or_default(), |end| matches!(end, TagEnd::Heading(_)));
                let id = ids.next(&heading);
                is_heading = true;
                if title.is_empty() {
                    title = heading;
                } else {
                    sections.push(Section { id, heading, text: String::new() });
                }
            }
            Event::End(TagEnd::Heading(_)) => is_heading = false,
            Event::Text(text) | Event::Code(text) if !is_heading => {
                sections.last_mut().into_iter().for_each(|section| section.text.push_str(text));
            }
            // Words of two lines, paragraphs or cells are not one.
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::TableCell | TagEnd::Item) => {
                sections.last_mut().into_iter().for_each(|section| section.text.push(' '));
            }
            _ => {}
        }
    }
    (title, sections)
}

fn raw(html: &'static str) -> Event<'static> {
    Event::Html(CowStr::Borrowed(html))
}

/// The text from here to the end that is looked for.
fn text_until(events: &[Event<'_>], is_end: impl Fn(&TagEnd) -> bool) -> String {
    let inside = events.iter().take_while(|event| !matches!(event, Event::End(end) if is_end(end)));
    let texts = inside.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
        Event::SoftBreak => Some(" "),
        _ => None,
    });
    texts.collect()
}

/// The address that a link of `file` means, if a reader can go there.
fn translate(file: &str, link: &str, resolve: impl Fn(&str) -> Option<String>) -> Option<String> {
    if link.starts_with(['#', '/']) || link.contains("://") || link.starts_with("mailto:") {
        return Some(link.to_owned());
    }
    let (path, fragment) = link.split_once('#').map_or((link, None), |(path, fragment)| (path, Some(fragment)));
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let address = resolve(&parts.join("/"))?;
    Some(fragment.map_or(address.clone(), |fragment| format!("{address}#{fragment}")))
}

/// Gives headings the ids that code hosts give them, so that one link works there and here.
#[derive(Default)]
struct Ids(Vec<String>);

impl Ids {
    fn next(&mut self, text: &str) -> String {
        let kept = text
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .collect::<String>();
        let id = kept.replace(' ', "-");
        let times = self.0.iter().filter(|seen| **seen == id).count();
        self.0.push(id.clone());
        if times == 0 { id } else { format!("{id}-{times}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> Document {
        render("docs/decisions/a.md", text, |path| match path {
            "docs/b.md" => Some("/docs/b".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn links_between_files_become_addresses() {
        assert!(rendered("[b](../b.md#place)").html.contains(r##"<a href="/docs/b#place">b</a>"##));
        assert!(rendered("[x](https://example.com/)").html.contains(r#"<a href="https://example.com/">"#));
        assert_eq!(
            rendered("[the `source`](../../server/src/config.rs)").html.trim(),
            "<p>the <code>source</code></p>"
        );
    }

    #[test]
    fn headings_have_ids_and_make_the_contents() {
        let document = rendered("# Page\n\n## `APP_SECRET`, or: why?\n\n### Again\n\n### Again\n");
        assert_eq!(document.title, "Page");
        let ids: Vec<_> = document.contents.iter().map(|heading| heading.id.as_str()).collect();
        assert_eq!(ids, ["app_secret-or-why", "again", "again-1"]);
        assert!(document.html.contains(r#"<h2 id="app_secret-or-why">"#));
    }

    #[test]
    fn a_block_that_is_a_file_says_its_name() {
        let document = rendered("```python file=app.py\nprint('<pre>')\n```\n");
        assert!(document.html.contains(r#"<p class="file-name">app.py</p>"#));
        assert!(document.html.contains("&lt;pre&gt;"));
    }
}
