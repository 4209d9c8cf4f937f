//! Header values as they are: octets, of which text is a part (RFC 9110 §5.5). What cannot be read in one value or one item hides
//! nothing that stands beside it.

use axum::http::header::{ACCEPT_ENCODING, AsHeaderName, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue};

/// The value of a header that may be sent once. One that was sent twice or is no text is empty: it is there, and says nothing.
pub(crate) fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = text(values.next()?);
    Some(if values.next().is_some() { "" } else { value })
}

/// The items of a header whose value is a list (RFC 9110 §5.6.1), over all its lines.
pub(crate) fn items(headers: &HeaderMap, name: impl AsHeaderName) -> impl Iterator<Item = &[u8]> {
    let values = headers.get_all(name).into_iter();
    values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// True when `If-None-Match` names this entity tag (weak comparison, RFC 9110 §13.1.2).
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    items(headers, IF_NONE_MATCH).any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
}

/// The quality, in thousandths, that `Accept-Encoding` gives to a coding (RFC 9110, 12.5.3); 0 means not acceptable.
pub(crate) fn quality(headers: &HeaderMap, coding: &str) -> u16 {
    let mut any = 0;
    for item in items(headers, ACCEPT_ENCODING).filter_map(|item| std::str::from_utf8(item).ok()) {
        let (name, parameter) = item.split_once(';').unwrap_or((item, ""));
        let weight = parameter.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse::<f32>().ok());
        // A float cast saturates, so nonsense ends at 0 or 1000.
        let weight = (weight.unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0) as u16;
        match name.trim() {
            name if name.eq_ignore_ascii_case(coding) => return weight,
            "*" => any = weight,
            _ => {}
        }
    }
    any
}

fn text(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_NONE_MATCH, HeaderValue::from_bytes(line).unwrap());
        }
        headers
    }

    #[test]
    fn a_header_that_is_there_does_not_count_as_absent() {
        for (lines, value) in [
            (vec![], None),
            (vec![&b"x"[..]], Some("x")),
            (vec!["grün".as_bytes()], Some("grün")),
            (vec![b"gr\xfcn"], Some("")),
            (vec![b"x", b"x"], Some("")),
            (vec![b""], Some("")),
        ] {
            assert_eq!(single(&headers(&lines), IF_NONE_MATCH), value, "{lines:?}");
        }
    }

    #[test]
    fn an_item_that_cannot_be_read_hides_no_other() {
        for lines in [vec![&b"\"a\""[..]], vec![b"\"\xfc\", W/\"a\""], vec![b"\"\xfc\"", b"\"b\" ,\"a\""], vec![b"*"]] {
            assert!(is_known(&headers(&lines), "\"a\""), "{lines:?}");
        }
        for lines in [vec![], vec![&b"\"b\", \xff"[..]], vec![b"a"]] {
            assert!(!is_known(&headers(&lines), "\"a\""), "{lines:?}");
        }
    }
}
