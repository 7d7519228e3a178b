//! A text as a picture that a phone can scan.

use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

/// The picture, in half blocks, dark on light for a terminal that is light on dark; none when the text is
/// too long for one.
pub(crate) fn picture(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let picture = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .quiet_zone(true)
        .build();
    Some(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_a_picture_that_fits_a_terminal() {
        let picture = picture(&format!("daymark:pair/1/{}", "A".repeat(262))).unwrap();
        assert!(picture.lines().count() <= 40);
        assert!(picture.lines().all(|line| line.chars().count() <= 80));
        assert!(super::picture(&"A".repeat(5000)).is_none());
    }
}
