//! The QR code of a page's address, as SVG elements without styles, so that the strict CSP holds.

use fast_qr::{ECL, QRBuilder};

/// Light modules around the code, which scanners need.
const QUIET: usize = 4;

/// A QR code: the side of its view box, in modules, and one SVG path of all runs of dark modules.
pub struct Qr {
    pub side: usize,
    pub path: String,
}

/// Returns the code of a notice's address; `None` if the address is too long for one.
///
/// The address is in upper case, which needs fewer modules; host names are the same in either case, and the router
/// knows `/R/`.
pub fn code(base: &str, index: u64) -> Option<Qr> {
    let address = format!("{}/R/{index}", base.to_ascii_uppercase());
    let code = QRBuilder::new(address.as_str()).ecl(ECL::Q).build().ok()?;
    let mut path = String::new();
    for y in 0..code.size {
        let dark = |x: usize| code.data.get(y * code.size + x).is_some_and(|m| x < code.size && m.value());
        let mut x = 0;
        while x < code.size {
            let run = (x..code.size).take_while(|x| dark(*x)).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    Some(Qr { side: code.size + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_village_fits_a_small_code() {
        let qr = code("http://sanwu.example.gov.cn", 1_234_567).unwrap();
        assert!(qr.side <= 33 + 2 * QUIET, "{}", qr.side);
        assert!(qr.path.starts_with("M4 4h7v1h-7z"));
    }
}
