//! A merchant's colour and the ink on it, for the preview. The server's rule is `hosted::brand_pair`; a test compares both.

/// `#rrggbb` in small letters, of what may be stored as one: `#rgb`, capitals and a missing `#` are taken.
pub(super) fn normal(typed: &str) -> Option<String> {
    domain::validate::brand::color(typed).ok().flatten()
}

/// Black or white, whichever can be read better on a colour `#rrggbb`.
#[allow(clippy::float_arithmetic)] // light, not money
pub(super) fn ink(color: &str) -> &'static str {
    let part = |at: usize| color.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
    let light = 0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5));
    // Where both contrasts are equal: sqrt(1.05 * 0.05) - 0.05.
    if light > 0.179_13 { "#000" } else { "#fff" }
}

#[allow(clippy::float_arithmetic)] // light, not money
fn linear(c: u8) -> f64 {
    let c = f64::from(c) / 255.0;
    if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_preview_has_the_ink_of_checkout() {
        for r in (0..=255u8).step_by(15) {
            for g in (0..=255u8).step_by(15) {
                for b in (0..=255u8).step_by(15) {
                    let color = format!("#{r:02x}{g:02x}{b:02x}");
                    let (same, expected) = crate::hosted::brand_pair(&color).unwrap();
                    assert_eq!((color.as_str(), ink(&color)), (same.as_str(), expected));
                }
            }
        }
    }
}
