//! Addresses in the HTML of our own pages, moved below the path of the issuer.

use super::mount::is_local;

/// The attributes that lead somewhere.
const LINKS: [&str; 4] = ["href", "src", "action", "formaction"];

/// The same page with `base` before every address in it that begins at the root. Text is not touched, whatever it looks like: a `<`
/// in text or in a value is written `&lt;` by what makes our pages, and values stand in double quotes.
pub(crate) fn rebase(html: &str, base: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        out.push_str(text);
        out.push('<');
        rest = rebase_tag(tag, base, &mut out);
        if tag.starts_with("script") {
            let (script, after) = rest.split_at(rest.find("</script").unwrap_or(rest.len()));
            out.push_str(script);
            rest = after;
        }
    }
    out + rest
}

/// Copies a tag up to its `>` and returns what is behind it.
fn rebase_tag<'a>(tag: &'a str, base: &str, out: &mut String) -> &'a str {
    let mut rest = tag;
    while let Some(at) = rest.find(['"', '>']) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let Some(value) = found.strip_prefix('"') else {
            return found;
        };
        out.push('"');
        let name = before.trim_end_matches('=').rsplit(char::is_whitespace).next().unwrap_or_default();
        if LINKS.contains(&name) && is_local(value) {
            out.push_str(base);
        }
        let (value, after) = value.split_once('"').unwrap_or((value, ""));
        out.push_str(value);
        out.push('"');
        rest = after;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_the_path_and_nothing_else_does() {
        for (page, rebased) in [
            (r#"<a href="/x">"#, r#"<a href="/auth/x">"#),
            (r#"<a class="b" href="/">h</a>"#, r#"<a class="b" href="/auth/">h</a>"#),
            (
                r#"<form method="post" action="/login?next=%2F">"#,
                r#"<form method="post" action="/auth/login?next=%2F">"#,
            ),
            (
                r#"<link rel="icon" href="/i.svg"><img src="/l.png"/>"#,
                r#"<link rel="icon" href="/auth/i.svg"><img src="/auth/l.png"/>"#,
            ),
            (r#"<button formaction="/y" disabled>"#, r#"<button formaction="/auth/y" disabled>"#),
            (r#"<p title=">" id="a"><a href="/x">"#, r#"<p title=">" id="a"><a href="/auth/x">"#),
        ] {
            assert_eq!(rebase(page, "/auth"), rebased);
        }
        for untouched in [
            "",
            r#"<a href="https://client.example/">"#,
            r#"<a href="//host/">"#,
            r##"<a href="#content">"##,
            r#"<input value="/x" data-href="/x" name="href">"#,
            r#"<p>href="/x"</p>"#,
            r#"<pre>&lt;a href="/x"&gt;</pre>"#,
            r#"<p title="a href=&quot;/x&quot;">"#,
            r#"<script nonce="n">if (a < b) f('<a href="/x">')</script>"#,
            r#"<p>cut off <a href="#,
        ] {
            assert_eq!(rebase(untouched, "/auth"), untouched);
        }
    }
}
