//! Who asks a NATS server.

use super::Fault;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Who asks.
#[derive(Clone)]
pub enum Login {
    /// Nobody in particular.
    Nobody,
    /// A token.
    Token(String),
    /// A name and a password.
    Password {
        /// The name.
        name: String,
        /// The password.
        password: String,
    },
    /// What a `.creds` file says: a JWT, and the seed of the key that it is about.
    Credentials(String),
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login")
    }
}

impl Login {
    /// Adds it to what is said at the beginning; the nonce is what the server wants signed.
    pub(super) fn sign(&self, nonce: &str, connect: &mut Value) -> Result<(), Fault> {
        match self {
            Login::Nobody => {}
            Login::Token(token) => connect["auth_token"] = Value::from(token.as_str()),
            Login::Password { name, password } => {
                connect["user"] = Value::from(name.as_str());
                connect["pass"] = Value::from(password.as_str());
            }
            Login::Credentials(text) => {
                let wrong = |what: &str| Fault::Refused(format!("the credentials have no {what}"));
                let jwt = section(text, "NATS USER JWT").ok_or_else(|| wrong("JWT"))?;
                let seed = section(text, "USER NKEY SEED").ok_or_else(|| wrong("seed"))?;
                let seed = seed_of(seed).ok_or_else(|| wrong("seed that can be read"))?;
                let key = Ed25519KeyPair::from_seed_unchecked(&seed);
                let key = key.map_err(|_| wrong("seed that is one"))?;
                let signature = URL_SAFE_NO_PAD.encode(key.sign(nonce.as_bytes()));
                connect["jwt"] = Value::from(jwt);
                connect["sig"] = Value::from(signature);
            }
        }
        Ok(())
    }
}

/// What stands between two lines of dashes with a name.
fn section<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let begin = format!("BEGIN {name}-----");
    let inside = &text[text.find(&begin)? + begin.len()..];
    let end = inside.find("-----")?;
    // Closing lines may begin with one dash more.
    Some(inside[..end].trim_matches(['-', ' ', '\r', '\n', '\t'])).filter(|text| !text.is_empty())
}

/// The key in a seed: base 32 of two bytes of kind, thirty-two of key, two of sum.
fn seed_of(text: &str) -> Option<[u8; 32]> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    let is_seed = bytes.len() == 36 && bytes[0] & 0xf8 == 18 << 3;
    let sum = u16::from_le_bytes([*bytes.get(34)?, *bytes.get(35)?]);
    let fine = is_seed && crc16(&bytes[..34]) == sum;
    fine.then(|| bytes[2..34].try_into().ok()).flatten()
}

/// The sum of XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ (u16::from(*byte) << 8), |sum: u16, _| match sum & 0x8000 {
            0 => sum << 1,
            _ => (sum << 1) ^ 0x1021,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ED25519, KeyPair, UnparsedPublicKey};
    use serde_json::json;

    #[test]
    fn credentials_sign_what_the_server_wants() {
        // The example of the nkeys documentation.
        let seed = "SUAMLK2ZNL35WSMW37E7UD4VZ7ELPKW7DHC3BWBSD2GCZ7IUQQXZIORRBU";
        let text = format!(
            "-----BEGIN NATS USER JWT-----\nabc.d-e_f.g\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        let mut connect = json!({});
        Login::Credentials(text).sign("nonce", &mut connect).unwrap();
        assert_eq!(connect["jwt"], "abc.d-e_f.g");
        let key = Ed25519KeyPair::from_seed_unchecked(&seed_of(seed).unwrap()).unwrap();
        let sig = URL_SAFE_NO_PAD.decode(connect["sig"].as_str().unwrap()).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, key.public_key().as_ref().to_vec());
        public.verify(b"nonce", &sig).unwrap();
        for wrong in ["", "SU", &seed.replace('K', "L"), &seed[1..], "é"] {
            assert!(seed_of(wrong).is_none(), "{wrong}");
        }
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert!(Login::Credentials("x".into()).sign("n", &mut connect).is_err());
    }
}
