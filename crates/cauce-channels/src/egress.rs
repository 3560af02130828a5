//! The only file that opens an outbound connection: it resolves a name once, judges every address
//! it got, and connects to an address that it judged.

use crate::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// A destination that is allowed although its address is private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allow {
    /// This host, as written in the configuration, on this port.
    Host(String, u16),
    /// Every address that shares this many leading bits with this one.
    Network(IpAddr, u8),
}

/// Where connections may go.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether private, loopback and link-local addresses are allowed at all.
    pub allow_private: bool,
    /// What is allowed all the same.
    pub allow: Vec<Allow>,
    /// How long resolving and connecting may take together.
    pub connect_timeout: Duration,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy { allow_private: false, allow: Vec::new(), connect_timeout: Duration::from_secs(30) }
    }
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoConnection {
    /// The policy forbids the destination; trying again is of no use.
    Refused(String),
    /// The destination did not answer.
    Unreachable(String),
}

impl NoConnection {
    /// The words.
    pub fn text(&self) -> &str {
        match self {
            NoConnection::Refused(text) | NoConnection::Unreachable(text) => text,
        }
    }
}

/// The way out.
#[derive(Clone, Debug)]
pub struct Egress {
    policy: Arc<Policy>,
}

impl Egress {
    /// A way out under a policy.
    pub fn new(policy: Policy) -> Egress {
        Egress { policy: Arc::new(policy) }
    }

    /// Opens a connection to a name or an address.
    ///
    /// One forbidden address among several forbids them all: a name that answers with a public and
    /// a private address is an attack or a mistake, and either way not ours to pick from.
    pub async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, NoConnection> {
        let limit = self.policy.connect_timeout;
        let deadline = Instant::now() + limit;
        let late = || {
            NoConnection::Unreachable(format!(
                "no connection to `{host}:{port}` within {} s",
                limit.as_secs_f32()
            ))
        };
        let addresses =
            timeout_at(deadline, self.resolve(host, port)).await.map_err(|_| late())??;
        self.connect_to_one(host, port, addresses, deadline).await
    }

    /// Opens a connection to a host whose addresses somebody has looked up already: the same
    /// judgement, without a second look-up that might answer something else.
    pub async fn connect_among(
        &self,
        host: &str,
        addresses: &[IpAddr],
        port: u16,
    ) -> Result<TcpStream, NoConnection> {
        let deadline = Instant::now() + self.policy.connect_timeout;
        let addresses: Vec<SocketAddr> =
            addresses.iter().map(|address| SocketAddr::new(*address, port)).collect();
        self.judge(host, &addresses)?;
        self.connect_to_one(host, port, addresses, deadline).await
    }

    async fn connect_to_one(
        &self,
        host: &str,
        port: u16,
        addresses: Vec<SocketAddr>,
        deadline: Instant,
    ) -> Result<TcpStream, NoConnection> {
        let limit = self.policy.connect_timeout.as_secs_f32();
        let mut last =
            NoConnection::Unreachable(format!("no connection to `{host}:{port}` within {limit} s"));
        let mut left = addresses.len() as u32;
        for address in addresses {
            // Each address gets its share of what is left, so that a silent one (IPv6 that leads
            // nowhere, most often) does not use up the time of the next.
            let share = deadline.saturating_duration_since(Instant::now()) / left.max(1);
            left = left.saturating_sub(1);
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // With Nagle's algorithm on, a lock-step protocol waits 40 ms per message.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "TCP_NODELAY was not set");
                    }
                    return Ok(stream);
                }
                Ok(Err(error)) => {
                    let text = format!("no connection to `{host}:{port}`: {error}");
                    last = NoConnection::Unreachable(text);
                }
                Err(_) => {}
            }
        }
        Err(last)
    }

    /// The addresses of a host, every one of them judged.
    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, NoConnection> {
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<SocketAddr> = match literal(name) {
            Some(address) => vec![SocketAddr::new(address, port)],
            None if looks_numeric(name) => {
                return Err(NoConnection::Refused(format!("`{host}` is no host name")));
            }
            None => tokio::net::lookup_host((name.trim_end_matches('.'), port))
                .await
                .map_err(|error| {
                    NoConnection::Unreachable(format!("`{host}` was not found: {error}"))
                })?
                .collect(),
        };
        if addresses.is_empty() {
            return Err(NoConnection::Unreachable(format!("`{host}` has no address")));
        }
        self.judge(host, &addresses)?;
        Ok(addresses)
    }

    fn judge(&self, host: &str, addresses: &[SocketAddr]) -> Result<(), NoConnection> {
        match addresses.iter().find(|address| !self.permits(host, address)) {
            None => Ok(()),
            Some(address) => Err(NoConnection::Refused(format!(
                "`{host}` has the address `{}`, which is not public; allow it in the \
                 configuration if it is meant",
                address.ip()
            ))),
        }
    }

    fn permits(&self, host: &str, address: &SocketAddr) -> bool {
        self.policy.allow_private
            || is_public(address.ip())
            || self.policy.allow.iter().any(|allow| match allow {
                Allow::Host(name, port) => {
                    *port == address.port() && name.eq_ignore_ascii_case(host)
                }
                Allow::Network(network, bits) => within(address.ip(), *network, *bits),
            })
    }
}

/// Reads an address in every spelling that some resolver would take for one: `127.1`,
/// `2130706433`, `0177.0.0.1`, `0x7f.1`, with a trailing dot or a zone.
fn literal(text: &str) -> Option<IpAddr> {
    let text = text.trim_end_matches('.');
    let unzoned = text.split('%').next().unwrap_or(text);
    if let Ok(address) = unzoned.parse::<Ipv6Addr>() {
        return Some(IpAddr::V6(address));
    }
    let mut parts = Vec::new();
    for part in text.split('.') {
        parts.push(number(part)?);
    }
    let (last, first) = parts.split_last()?;
    if first.len() > 3 || first.iter().any(|part| *part > 255) {
        return None;
    }
    let room = 8 * (4 - first.len() as u32);
    if u64::from(*last) >= 1u64 << room {
        return None;
    }
    let high = first
        .iter()
        .enumerate()
        .fold(0u32, |sum, (place, part)| sum | (part << (24 - 8 * place as u32)));
    Some(IpAddr::V4(Ipv4Addr::from(high | last)))
}

fn number(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x") {
        return if hex.is_empty() { Some(0) } else { u32::from_str_radix(hex, 16).ok() };
    }
    if lower.len() > 1 && lower.starts_with('0') {
        return u32::from_str_radix(&lower[1..], 8).ok();
    }
    if lower.is_empty() || !lower.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    lower.parse().ok()
}

/// Whether a text cannot be a name: what remains of numbers that no reading fits, or letters that
/// resolvers fold into digits.
fn looks_numeric(text: &str) -> bool {
    let last = text.trim_end_matches('.').rsplit('.').next().unwrap_or("");
    last.is_empty()
        || last.bytes().all(|b| b.is_ascii_digit())
        || last.to_ascii_lowercase().starts_with("0x")
        || text.contains(|c: char| !c.is_ascii() || c.is_ascii_whitespace() || c == '@' || c == ':')
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            let shift = 32u32.saturating_sub(u32::from(bits));
            u32::from(a).checked_shr(shift).unwrap_or(0)
                == u32::from(n).checked_shr(shift).unwrap_or(0)
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => {
            let shift = 128u32.saturating_sub(u32::from(bits));
            u128::from(a).checked_shr(shift).unwrap_or(0)
                == u128::from(n).checked_shr(shift).unwrap_or(0)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// IPv4 networks that are not the public internet: first address and leading bits.
const CLOSED_V4: [([u8; 4], u8); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

/// IPv6 networks that are not the public internet. Those that carry an IPv4 address are unpacked
/// before this list is asked.
const CLOSED_V6: [([u16; 3], u8); 9] = [
    ([0x0064, 0xff9b, 0x0001], 48),
    ([0x0100, 0, 0], 64),
    ([0x2001, 0, 0], 23),
    ([0x2001, 0x0db8, 0], 32),
    ([0x3fff, 0, 0], 20),
    ([0xfc00, 0, 0], 7),
    ([0xfe80, 0, 0], 10),
    ([0xfec0, 0, 0], 10),
    ([0xff00, 0, 0], 8),
];

/// Whether an address belongs to the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_V4
            .iter()
            .any(|(first, bits)| within(address.into(), Ipv4Addr::from(*first).into(), *bits)),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    let embedded =
        |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    // Mapped and "compatible" addresses, `::` and `::1` among them: no router on the internet
    // carries them, so what they hold does not matter, except that a kernel connects mapped ones
    // over IPv4.
    if s[..5] == [0; 5] && s[5] == 0xffff {
        return is_public(embedded(s[6], s[7]));
    }
    if s[..6] == [0; 6] {
        return false;
    }
    // NAT64 and 6to4 lead to the IPv4 address inside.
    if s[..6] == [0x0064, 0xff9b, 0, 0, 0, 0] {
        return is_public(embedded(s[6], s[7]));
    }
    if s[0] == 0x2002 {
        return is_public(embedded(s[1], s[2]));
    }
    !CLOSED_V6.iter().any(|(first, bits)| {
        let network = Ipv6Addr::new(first[0], first[1], first[2], 0, 0, 0, 0, 0);
        within(address.into(), network.into(), *bits)
    })
}

/// How to trust a server.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// Certificate authorities besides the public ones, as PEM.
    pub authorities: Option<String>,
    /// Whether the certificate is checked. Without it an attacker on the path reads everything.
    pub verify: bool,
}

impl Default for TlsOptions {
    fn default() -> TlsOptions {
        TlsOptions { authorities: None, verify: true }
    }
}

/// Prepared TLS settings, to be made once and used for many connections.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    connector: TlsConnector,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Prepares TLS settings.
    pub fn new(options: &TlsOptions) -> Result<Tls, Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Authorities { why: error.to_string() })?;
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(pem) = &options.authorities {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate =
                    certificate.map_err(|error| Error::Authorities { why: error.to_string() })?;
                roots
                    .add(certificate)
                    .map_err(|error| Error::Authorities { why: error.to_string() })?;
            }
        }
        let config = if options.verify {
            builder.with_root_certificates(roots).with_no_client_auth()
        } else {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Unchecked { provider }))
                .with_no_client_auth()
        };
        Ok(Tls::of(config))
    }

    fn of(config: ClientConfig) -> Tls {
        let config = Arc::new(config);
        Tls { connector: TlsConnector::from(config.clone()), config }
    }

    /// The same, with protocols that are offered to the server (ALPN), the best first.
    #[must_use]
    pub fn offering(&self, protocols: &[&[u8]]) -> Tls {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Tls::of(config)
    }

    /// The same with a certificate of ours for servers that ask for one; both in PEM.
    pub fn identified(&self, certificate: &str, key: &str) -> Result<Tls, Error> {
        let no = |why: String| Error::Key { subject: "client certificate".to_owned(), why };
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
        let chain = chain.map_err(|error| no(error.to_string()))?;
        if chain.is_empty() {
            return Err(no("there is no certificate".to_owned()));
        }
        let key =
            PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| no(error.to_string()))?;
        let mut config = ClientConfig::clone(self.connector.config());
        let own = CertifiedKey::from_der(chain, key, config.crypto_provider())
            .map_err(|error| no(error.to_string()))?;
        config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(own));
        Ok(Tls::of(config))
    }

    /// Puts TLS over an open connection.
    pub async fn secure(
        &self,
        stream: TcpStream,
        name: &str,
    ) -> Result<TlsStream<TcpStream>, NoConnection> {
        let bare = name.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let server = ServerName::try_from(bare.to_owned())
            .map_err(|_| NoConnection::Refused(format!("`{name}` is no name for TLS")))?;
        self.connector
            .connect(server, stream)
            .await
            .map_err(|error| NoConnection::Unreachable(format!("TLS with `{name}`: {error}")))
    }
}

/// Takes every certificate; the signatures of the handshake are still checked.
#[derive(Debug)]
struct Unchecked {
    provider: Arc<rustls::crypto::CryptoProvider>,
}

impl rustls::client::danger::ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Option<bool> {
        literal(text.trim_matches(|c| c == '[' || c == ']')).map(is_public)
    }

    #[test]
    fn every_closed_network_is_refused_at_both_ends() {
        for text in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:10.0.0.1",
            "[::ffff:7f00:1]",
            "64:ff9b::7f00:1",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fe80::1%eth0",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert_eq!(check(text), Some(false), "{text}");
        }
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860::8888",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "::ffff:8.8.8.8",
        ] {
            assert_eq!(check(text), Some(true), "{text}");
        }
    }

    #[test]
    fn odd_spellings_are_read_as_the_kernel_would() {
        for text in ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "127.0.0.1.", "0x7f000001"] {
            assert_eq!(literal(text), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), "{text}");
        }
        for text in ["256.0.0.1", "1.2.3.4.5", "4294967296", "１２７.0.0.1", "a@127.0.0.1", ""] {
            assert!(literal(text).is_none(), "{text}");
            assert!(looks_numeric(text), "{text}");
        }
        assert!(!looks_numeric("mail.example.com") && !looks_numeric("localhost"));
    }

    #[tokio::test]
    async fn a_private_address_is_refused_by_name_and_number_unless_allowed() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let closed = Egress::new(Policy::default());
        for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
            let answer = closed.connect(host, port).await;
            assert!(matches!(answer, Err(NoConnection::Refused(_))), "{host}: {answer:?}");
        }
        let host = Allow::Host("127.0.0.1".into(), port);
        let network = Allow::Network("127.0.0.0".parse().unwrap(), 8);
        for allow in [host, network] {
            let open = Egress::new(Policy { allow: vec![allow], ..Policy::default() });
            let stream = open.connect("127.0.0.1", port).await.unwrap();
            assert!(stream.nodelay().unwrap());
        }
        let other = Allow::Host("127.0.0.1".into(), port.wrapping_add(1));
        let egress = Egress::new(Policy { allow: vec![other], ..Policy::default() });
        assert!(matches!(egress.connect("127.0.0.1", port).await, Err(NoConnection::Refused(_))));
    }
}
