//! What the process needs: a file, then variables, then flags. What a workspace wants is data.

mod sample;

pub use sample::sample;

use anyhow::{Context, bail};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// All of it. Every key has a default but those that going live asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Config {
    /// Where everything is kept.
    #[schema(value_type = String)]
    pub data: PathBuf,
    /// Where people and providers reach this server: the beginning of every link.
    pub public_url: String,
    /// Where it listens.
    pub listen: String,
    /// Partitions of the installation: a power of two; fixed by the first start.
    pub partitions: u16,
    /// Threads that decide; 0 for one per core.
    pub threads: usize,
    /// Rows kept in memory.
    pub rows_in_memory: usize,
    /// Memory of the store's cache, in MiB.
    pub cache_mib: usize,
    /// History that stays in the log although nothing needs it any more, in MiB: `cauce log replay`
    /// needs all of it from the beginning, or a backup to begin with.
    pub log_keep_mib: u64,
    /// Length of one file of the log, in MiB; whole files are cut.
    pub log_segment_mib: u32,
    /// Room that the log leaves free on its disk, in MiB: with less, new work is refused, and what
    /// was taken can still be written back.
    pub disk_reserve_mib: u64,
    /// Days for which backups in the data directory are kept: what was erased meanwhile is in them.
    pub backups_keep_days: u32,
    /// Whether the store compresses what it has on disk.
    pub compress: bool,
    /// Whether messages may go to private addresses (a mail server in the same network).
    pub egress_private: bool,
    /// Private destinations that are allowed all the same: `host:port`.
    pub egress_allow: Vec<String>,
    /// Certificate authorities besides the public ones: a PEM file.
    #[schema(value_type = Option<String>)]
    pub egress_authorities: Option<PathBuf>,
    /// Requests a second that one address may make of the public pages (links, opens, preferences,
    /// unsubscribing); 0 for any number. A burst of ten seconds passes.
    pub pages_per_second: u32,
    /// Requests a second that one key may make of the API; 0 for any number. A burst of ten seconds
    /// passes.
    pub api_per_second: u32,
    /// Whether a proxy before this server writes `X-Forwarded-For`: then its last entry is the
    /// address that counts. Without it, connections from this machine are not counted.
    pub forwarded_for: bool,
    /// Where secrets lie that definitions name as `file:NAME`; the folder `secrets` of the data
    /// directory if absent.
    #[schema(value_type = Option<String>)]
    pub secrets_dir: Option<PathBuf>,
    /// The file with the key of the vault, in which the server keeps secrets that are set by its
    /// API; the file `vault.key` of the data directory if absent. Keep it elsewhere.
    #[schema(value_type = Option<String>)]
    pub vault_key_file: Option<PathBuf>,
    /// The folder below which sources find their files; no source has a folder if absent.
    #[schema(value_type = Option<String>)]
    pub sources_dir: Option<PathBuf>,
    /// Where mail comes in: bounces, complaints, unsubscribing: `0.0.0.0:25`. None if absent.
    pub mail_listen: Option<String>,
    /// The certificate (PEM, with its chain) with which TLS is offered to who brings mail.
    #[schema(value_type = Option<String>)]
    pub mail_certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[schema(value_type = Option<String>)]
    pub mail_key: Option<PathBuf>,
    /// A Maildir that another server fills with mail for us; it is polled.
    #[schema(value_type = Option<String>)]
    pub mail_dir: Option<PathBuf>,
    /// Origins whose pages may look up, and report with a write key: `https://shop.example`.
    pub cors_origins: Vec<String>,
    /// Membership changes that are kept for those who read them late, in MiB.
    pub feed_keep_mib: u64,
    /// How long a reader of membership changes may read nothing before its stream ends, in seconds.
    pub stream_patience_s: u64,
    /// The name in EHLO; the host of the public address if empty.
    pub helo_name: String,
    /// Name servers, `address:port`; those of the system if empty.
    pub dns: Vec<String>,
    /// The addresses from which mail leaves: what `cauce doctor` compares with what is published.
    #[schema(value_type = Vec<String>)]
    pub egress_addresses: Vec<IpAddr>,
    /// The port of readers' mail servers; another one than 25 is for tests.
    pub mail_port: u16,
    /// The port under which MTA-STS policies are fetched; another one than 443 is for tests.
    pub mail_policy_port: u16,
    /// Whether the development inbox is served to everybody who can reach the server.
    pub development: bool,
    /// Where a controlled clock starts (`CAUCE_TEST_CLOCK`): for tests, only for development.
    #[serde(skip)]
    pub test_clock: Option<Timestamp>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            data: PathBuf::from("cauce-data"),
            public_url: "http://127.0.0.1:7070".to_owned(),
            listen: "127.0.0.1:7070".to_owned(),
            partitions: 64,
            threads: 0,
            rows_in_memory: 1_000_000,
            cache_mib: 128,
            log_keep_mib: 4_096,
            log_segment_mib: 64,
            disk_reserve_mib: 64,
            backups_keep_days: 30,
            compress: true,
            egress_private: false,
            egress_allow: Vec::new(),
            egress_authorities: None,
            pages_per_second: 100,
            api_per_second: 50_000,
            forwarded_for: false,
            secrets_dir: None,
            vault_key_file: None,
            sources_dir: None,
            mail_listen: None,
            mail_certificate: None,
            mail_key: None,
            mail_dir: None,
            cors_origins: Vec::new(),
            feed_keep_mib: 256,
            stream_patience_s: 30,
            helo_name: String::new(),
            dns: Vec::new(),
            egress_addresses: Vec::new(),
            mail_port: 25,
            mail_policy_port: 443,
            development: false,
            test_clock: None,
        }
    }
}

impl Config {
    /// Reads a file (if there is one) and the variables `CAUCE_…` over it. Returns where each value
    /// that is not the default came from.
    pub fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<(Config, Vec<(String, String)>)> {
        let mut table = toml::Table::new();
        let mut origins = Vec::new();
        let mut test_clock = None;
        if let Some(file) = file {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read `{}`", file.display()))?;
            table = text.parse().with_context(|| format!("in `{}`", file.display()))?;
            origins.extend(table.keys().map(|key| (key.clone(), file.display().to_string())));
        }
        for (name, text) in variables {
            let Some(key) = name.strip_prefix("CAUCE_") else { continue };
            if key == "TEST_CLOCK" {
                let at = text.parse().map_err(|why| anyhow::anyhow!("{name}: `{text}`: {why}"))?;
                test_clock = Some(at);
                continue;
            }
            let key = key.to_lowercase().replace('_', "-");
            // Other variables of that name are for tests and tools.
            if sample::keys().iter().all(|(known, _)| *known != key) {
                continue;
            }
            let value = format!("v = {text}").parse::<toml::Table>().ok();
            let value = value.and_then(|mut table| table.remove("v"));
            table.insert(key.clone(), value.unwrap_or(toml::Value::String(text)));
            origins.push((key, name));
        }
        let mut config: Config = table.try_into().context("in the configuration")?;
        // A clock that anybody may set has no place where messages are meant.
        config.test_clock = test_clock.filter(|_| config.development);
        config.check()?;
        Ok((config, origins))
    }

    /// Every fault that can be seen without starting.
    pub fn check(&self) -> anyhow::Result<()> {
        let mut faults = Vec::new();
        if !self.partitions.is_power_of_two() || self.partitions > 1_024 {
            faults.push(format!("partitions: {} is no power of two up to 1024", self.partitions));
        }
        if !(1..=1_024).contains(&self.log_segment_mib) {
            faults.push(format!("log-segment-mib: {} is not 1 to 1024", self.log_segment_mib));
        }
        for (key, mib) in
            [("log-keep-mib", self.log_keep_mib), ("disk-reserve-mib", self.disk_reserve_mib)]
        {
            if mib > 1 << 40 {
                faults.push(format!("{key}: {mib} is more than any disk"));
            }
        }
        if !self.public_url.starts_with("http://") && !self.public_url.starts_with("https://") {
            faults.push(format!("public-url: `{}` begins with https://", self.public_url));
        }
        if self.public_url.ends_with('/') {
            faults.push("public-url: leave the slash at its end out".to_owned());
        }
        if self.listen.parse::<std::net::SocketAddr>().is_err() {
            faults.push(format!("listen: `{}` is no address such as 127.0.0.1:7070", self.listen));
        }
        self.check_mail(&mut faults);
        for allowed in &self.egress_allow {
            if allowed.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).is_none() {
                faults.push(format!("egress-allow: `{allowed}` is no host:port"));
            }
        }
        for server in &self.dns {
            if server.parse::<std::net::SocketAddr>().is_err() {
                faults.push(format!("dns: `{server}` is no address such as 192.0.2.53:53"));
            }
        }
        for origin in &self.cors_origins {
            let host = origin.split_once("://").map(|(_, host)| host);
            let scheme = origin.starts_with("https://") || origin.starts_with("http://");
            if !scheme || host.is_none_or(|host| host.is_empty() || host.contains(['/', '*'])) {
                faults.push(format!(
                    "cors-origins: `{origin}` is no origin such as https://shop.example"
                ));
            }
        }
        if self.feed_keep_mib > 1 << 40 {
            faults.push(format!("feed-keep-mib: {} is more than any disk", self.feed_keep_mib));
        }
        if !faults.is_empty() {
            bail!("the configuration has faults:\n  {}", faults.join("\n  "));
        }
        Ok(())
    }

    fn check_mail(&self, faults: &mut Vec<String>) {
        if let Some(address) = &self.mail_listen
            && address.parse::<std::net::SocketAddr>().is_err()
        {
            faults.push(format!("mail-listen: `{address}` is no address such as 0.0.0.0:25"));
        }
        if self.mail_certificate.is_some() != self.mail_key.is_some() {
            faults.push("mail-certificate, mail-key: one needs the other".to_owned());
        }
        if let Some(folder) = &self.mail_dir
            && !(folder.join("new").is_dir() && folder.join("cur").is_dir())
        {
            let folder = folder.display();
            faults.push(format!("mail-dir: `{folder}` is no Maildir: it has no `new` and `cur`"));
        }
    }

    /// Whether what comes back by mail is read, so that mail may ask for it.
    pub fn takes_mail(&self) -> bool {
        self.mail_listen.is_some() || self.mail_dir.is_some()
    }

    /// Legal but risky.
    pub fn risks(&self) -> Vec<String> {
        let mut risks = Vec::new();
        let local = self.public_url.contains("127.0.0.1") || self.public_url.contains("localhost");
        if local {
            risks.push("public-url: links in messages lead to the reader's own machine".to_owned());
        } else if self.public_url.starts_with("http://") {
            risks.push("public-url: one-click unsubscribe asks for https".to_owned());
        }
        if self.development && !self.listen.starts_with("127.") {
            risks.push(
                "development: the inbox is open to everybody who reaches this server".to_owned(),
            );
        }
        if self.mail_listen.is_some() && self.mail_certificate.is_none() {
            risks.push("mail-listen: without mail-certificate, mail comes in the open".to_owned());
        }
        if self.egress_private {
            risks
                .push("egress-private: templates can reach servers of your own network".to_owned());
        }
        risks
    }

    /// Where the key of the vault lies.
    pub fn vault_key(&self) -> PathBuf {
        self.vault_key_file.clone().unwrap_or_else(|| self.data.join("vault.key"))
    }

    /// Where secrets lie that definitions name.
    pub fn secrets(&self) -> PathBuf {
        self.secrets_dir.clone().unwrap_or_else(|| self.data.join("secrets"))
    }

    /// The name in EHLO.
    pub fn helo(&self) -> String {
        if !self.helo_name.is_empty() {
            return self.helo_name.clone();
        }
        let host = self.public_url.split("://").nth(1).unwrap_or("localhost");
        host.split(['/', ':']).next().unwrap_or("localhost").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_lie_over_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cauce.toml");
        std::fs::write(&file, "partitions = 16\nlisten = \"127.0.0.1:1\"\n").unwrap();
        let variables =
            [("CAUCE_PARTITIONS", "8"), ("CAUCE_PUBLIC_URL", "https://a.b"), ("HOME", "/")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (config, origins) = Config::load(Some(&file), variables.into_iter()).unwrap();
        assert_eq!((config.partitions, config.public_url.as_str()), (8, "https://a.b"));
        assert_eq!(config.listen, "127.0.0.1:1");
        assert!(origins.contains(&("partitions".into(), "CAUCE_PARTITIONS".into())));
    }

    #[test]
    fn a_controlled_clock_is_for_development() {
        let load = |development: &str, at: &str| {
            let variables = [("CAUCE_DEVELOPMENT", development), ("CAUCE_TEST_CLOCK", at)];
            let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
            Config::load(None, variables.into_iter()).map(|(config, _)| config.test_clock)
        };
        assert_eq!(load("false", "2011-01-01T00:00:00Z").unwrap(), None);
        assert_eq!(load("true", "1970-01-01T00:00:01Z").unwrap(), Some(Timestamp(1_000)));
        assert!(load("true", "soon").unwrap_err().to_string().contains("`soon`"));
    }

    #[test]
    fn faults_are_listed_together() {
        let config = Config { partitions: 3, listen: "x".into(), ..Config::default() };
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("partitions: 3") && said.contains("listen: `x`"), "{said}");
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cauce.toml");
        std::fs::write(&file, "partitons = 16\n").unwrap();
        let said = format!("{:#}", Config::load(Some(&file), std::iter::empty()).unwrap_err());
        assert!(said.contains("partitons"), "{said}");
    }
}
