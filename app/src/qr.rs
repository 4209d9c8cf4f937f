//! QR codes as pictures.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// The border that scanners need, in modules (ISO/IEC 18004 §9.1).
const QUIET_ZONE: i32 = 4;

/// A picture of `text`, black on white whatever the theme, for scanners want it so. `None` when it is too long for a QR code.
#[must_use]
pub fn svg(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size() + 2 * QUIET_ZONE;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a text never fails.
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET_ZONE, y + QUIET_ZONE);
        }
    }
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" width=\"{edge}\" height=\"{edge}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\"{path}\"/></svg>",
        edge = size * 8,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_a_border_and_its_corners() {
        let picture = svg("https://id.example/device?user_code=WDJB-MJHT").unwrap();
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>"));
        // A finder pattern begins in each of three corners; nothing is in the quiet zone.
        assert!(picture.contains("d=\"M4 4h1v1h-1z"), "{picture}");
        assert!(!picture.contains("M3 ") && !picture.contains(" 3h1v1"));
    }

    #[test]
    fn what_is_too_long_has_no_picture() {
        assert_eq!(svg(&"x".repeat(3_000)), None);
    }
}
