//! The public key of an X.509 certificate, as far as it is needed to read a signature by it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
/// The version of a certificate, which the first version leaves out.
const VERSION: u8 = 0xa0;

/// The first element of DER and what follows it: tag, content, rest.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // Limit: four bytes of length; nothing that is read here has more.
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn expect(der: &[u8], expected: u8) -> Option<(&[u8], &[u8])> {
    let (tag, content, rest) = element(der)?;
    (tag == expected).then_some((content, rest))
}

/// The RSA key of a certificate (RFC 5280 §4.1) in PEM, as PKCS #1 has it.
pub fn rsa_key(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let der = STANDARD.decode(body).ok()?;
    let (certificate, _) = expect(&der, SEQUENCE)?;
    let (mut fields, _) = expect(certificate, SEQUENCE)?;
    if let Some((_, rest)) = expect(fields, VERSION) {
        fields = rest;
    }
    (_, fields) = expect(fields, INTEGER)?;
    // Algorithm, issuer, validity, subject.
    for _ in 0..4 {
        (_, fields) = expect(fields, SEQUENCE)?;
    }
    public_bits(expect_whole(fields)?).map(<[u8]>::to_vec)
}

/// The first element with its head.
fn expect_whole(der: &[u8]) -> Option<&[u8]> {
    let (_, _, rest) = element(der)?;
    der.get(..der.len() - rest.len())
}

/// The key of a `SubjectPublicKeyInfo`, without its frame.
pub fn public_bits(info: &[u8]) -> Option<&[u8]> {
    let (info, rest) = expect(info, SEQUENCE)?;
    let (_, bits) = expect(info, SEQUENCE)?;
    let (bits, after) = expect(bits, BITS)?;
    // How many bits of the last byte do not count: none, in a key.
    let (unused, key) = bits.split_first()?;
    (*unused == 0 && rest.is_empty() && after.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(element(&[0x30, 2, 1, 2, 9]), Some((0x30, &[1, 2][..], &[9][..])));
        assert_eq!(element(&[0x30, 0x81, 1, 7]), Some((0x30, &[7][..], &[][..])));
        for wrong in [&[][..], &[0x30], &[0x30, 2, 1], &[0x30, 0x80], &[0x30, 0x84, 255, 255, 255]]
        {
            assert_eq!(element(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let body = STANDARD.encode(&bytes);
            rsa_key(&format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----"));
            public_bits(&bytes);
        }
    }
}
