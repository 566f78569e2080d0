//! Data objects of EMVCo's merchant-presented codes: an id, a length and a value, with a checksum at the end.
//! "EMV QR Code Specification for Payment Systems: Merchant-Presented Mode", <https://www.emvco.com/emv-technologies/qr-codes/>.

use super::QrError;

/// An object: two digits of id, two of length, the value.
pub(super) fn object(id: &str, value: &str) -> Result<String, QrError> {
    let length = value.chars().count();
    if length == 0 || length > 99 || !value.is_ascii() {
        return Err(QrError::Text);
    }
    Ok(format!("{id}{length:02}{value}"))
}

/// The objects with the checksum behind them, which covers its own id and length too.
pub(super) fn signed(objects: &[String]) -> String {
    let body = format!("{}6304", objects.concat());
    format!("{body}{:04X}", crc16(body.as_bytes()))
}

/// CRC-16/CCITT-FALSE: polynomial 1021, initial value FFFF, nothing reflected.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of <https://reveng.sourceforge.io/crc-catalogue/16.htm> (CRC-16/IBM-3740, also CCITT-FALSE).
    #[test]
    fn the_check_value_of_the_catalogue() {
        assert_eq!(crc16(b"123456789"), 0x29b1);
    }

    #[test]
    fn objects_have_their_length() {
        assert_eq!(object("58", "TH").unwrap(), "5802TH");
        assert!(object("58", "").is_err() && object("58", &"x".repeat(100)).is_err() && object("58", "é").is_err());
    }
}
