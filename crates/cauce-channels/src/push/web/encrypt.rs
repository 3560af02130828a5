//! One record of `aes128gcm` (RFC 8188) to a browser's key (RFC 8291).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

/// The size of the one record.
const RECORD_BYTES: u32 = 4_096;

/// What a browser's payloads are encrypted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    public: Vec<u8>,
    auth: Vec<u8>,
}

impl Subscription {
    /// Reads the two values that a browser gives.
    pub fn read(p256dh: &str, auth: &str) -> Option<Subscription> {
        let decode = |text: &str| BASE64.decode(text.trim_end_matches('=')).ok();
        let (public, auth) = (decode(p256dh)?, decode(auth)?);
        (public.len() == 65 && auth.len() == 16).then_some(Subscription { public, auth })
    }
}

/// Encrypts a payload: a fresh key and salt for each. Nothing if the browser's key is no point.
pub fn encrypt(to: &Subscription, plain: &[u8]) -> Option<Vec<u8>> {
    let mut salt = [0; 16];
    rand::fill(&mut salt).ok()?;
    let own = PrivateKey::generate(&ECDH_P256).ok()?;
    encrypt_with(to, plain, &own, salt)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF: what is expanded from a secret, a salt and a label.
fn derive(salt: &[u8], secret: &[u8], label: &[u8], out: &mut [u8]) -> Option<()> {
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    let label = [label];
    let expanded = key.expand(&label, Length(out.len())).ok()?;
    expanded.fill(out).ok()
}

fn encrypt_with(
    to: &Subscription,
    plain: &[u8],
    own: &PrivateKey,
    salt: [u8; 16],
) -> Option<Vec<u8>> {
    let public = own.compute_public_key().ok()?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, &to.public);
    let mut label = b"WebPush: info\0".to_vec();
    label.extend(&to.public);
    label.extend(public.as_ref());
    let mut secret = [0; 32];
    agree(own, peer, (), |shared| derive(&to.auth, shared, &label, &mut secret).ok_or(())).ok()?;
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    derive(&salt, &secret, b"Content-Encoding: aes128gcm\0", &mut key)?;
    derive(&salt, &secret, b"Content-Encoding: nonce\0", &mut nonce)?;
    // The delimiter of the last record, and no padding behind it.
    let mut sealed = plain.to_vec();
    sealed.push(2);
    LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
        .ok()?;
    let mut body = salt.to_vec();
    body.extend(RECORD_BYTES.to_be_bytes());
    body.push(public.as_ref().len() as u8);
    body.extend(public.as_ref());
    body.extend(sealed);
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_comes_out() {
        // RFC 8291, section 5 and appendix A.
        let to = Subscription::read(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4\
             bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        )
        .unwrap();
        let own = BASE64.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let own = PrivateKey::from_private_key(&ECDH_P256, &own).unwrap();
        let salt = BASE64.decode("DGv6ra1nlYgDCS1FRnbzlw").unwrap().try_into().unwrap();
        let plain = b"When I grow up, I want to be a watermelon";
        let body = encrypt_with(&to, plain, &own, salt).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
                        mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
                        pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64.encode(&body), expected);
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        assert!(Subscription::read("", "").is_none());
        let off = format!("B{}", "A".repeat(86));
        let to = Subscription::read(&off, &"A".repeat(22)).unwrap();
        assert!(encrypt(&to, b"x").is_none(), "no point of the curve");
    }
}
