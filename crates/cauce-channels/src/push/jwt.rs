//! Signed claims (RFC 7519) as the three services want them: ES256 and RS256.

use crate::Error;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};

/// A private key that signs claims.
pub struct Key(Private);

enum Private {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

impl Key {
    /// Reads a key on P-256, as PEM (PKCS #8): Apple's `.p8` files and VAPID keys.
    pub fn ecdsa(subject: &str, pem: &str) -> Result<Key, Error> {
        let fault = |why: &str| Error::Key { subject: subject.to_owned(), why: why.to_owned() };
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| fault("it is no PEM file that begins with `BEGIN PRIVATE KEY`"))?;
        let bytes = der.secret_pkcs8_der();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes)
            .map(|key| Key(Private::Ecdsa(key)))
            .map_err(|_| fault("it is no private key on P-256"))
    }

    /// Reads an RSA key, as PEM (PKCS #8): those of Google's service accounts.
    pub fn rsa(subject: &str, pem: &str) -> Result<Key, Error> {
        let fault = |why: &str| Error::Key { subject: subject.to_owned(), why: why.to_owned() };
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| fault("it is no PEM file that begins with `BEGIN PRIVATE KEY`"))?;
        RsaKeyPair::from_pkcs8(der.secret_pkcs8_der())
            .map(|key| Key(Private::Rsa(key)))
            .map_err(|_| fault("it is no private RSA key"))
    }

    /// The public key of one on P-256: 65 bytes, uncompressed.
    pub fn public(&self) -> &[u8] {
        match &self.0 {
            Private::Ecdsa(key) => key.public_key().as_ref(),
            Private::Rsa(_) => &[],
        }
    }

    /// Signs claims. `id` names the key where the service asks for it.
    pub fn sign(&self, id: Option<&str>, claims: &Value) -> Result<String, Error> {
        let algorithm = match &self.0 {
            Private::Ecdsa(_) => "ES256",
            Private::Rsa(_) => "RS256",
        };
        let mut header = json!({ "alg": algorithm, "typ": "JWT" });
        if let Some(id) = id {
            header["kid"] = json!(id);
        }
        let mut text = BASE64.encode(header.to_string());
        text.push('.');
        text.push_str(&BASE64.encode(claims.to_string()));
        let random = SystemRandom::new();
        let fault =
            |_| Error::Key { subject: "token".to_owned(), why: "it cannot sign".to_owned() };
        let signature = match &self.0 {
            Private::Ecdsa(key) => {
                key.sign(&random, text.as_bytes()).map_err(fault)?.as_ref().to_vec()
            }
            Private::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
                    .map_err(fault)?;
                signature
            }
        };
        text.push('.');
        text.push_str(&BASE64.encode(signature));
        Ok(text)
    }
}
