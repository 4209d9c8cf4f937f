//! Pictures, by their first bytes: whatever a server says that it sends, a browser is told this.

/// The media types of pictures that hold nothing but a picture. One of SVG can hold scripts and addresses.
pub const PICTURE_TYPES: &str = "image/png, image/jpeg, image/gif, image/webp";

/// The media type of a picture (WHATWG MIME Sniffing §6.1); `None` for what is none.
#[must_use]
pub fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', b'V', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        for (bytes, media_type) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF89a", Some("image/gif")),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x01\x02\x03\x04WAVE", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>", None),
            (b"<!DOCTYPE html>", None),
            (b"GIF88a", None),
            (b"", None),
        ] {
            assert_eq!(picture_type(bytes), media_type, "{}", String::from_utf8_lossy(bytes));
            assert!(media_type.is_none_or(|media_type| PICTURE_TYPES.contains(media_type)));
        }
    }
}
