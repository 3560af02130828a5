//! Domains of mailboxes that one provider keeps: data, dated November 2026, from the providers' own
//! sign-up pages. What is not named here stands for itself.

use crate::prelude::*;

/// A provider and its domains.
const KEEPERS: &[(&str, &[&str])] = &[
    ("google", &["gmail.com", "googlemail.com"]),
    (
        "microsoft",
        &[
            "outlook.com",
            "hotmail.com",
            "live.com",
            "msn.com",
            "outlook.de",
            "outlook.es",
            "outlook.fr",
            "outlook.it",
            "hotmail.co.uk",
            "hotmail.de",
            "hotmail.es",
            "hotmail.fr",
            "hotmail.it",
            "live.co.uk",
            "live.de",
            "live.fr",
            "live.it",
            "live.nl",
        ],
    ),
    (
        "yahoo",
        &[
            "yahoo.com",
            "yahoo.co.uk",
            "yahoo.de",
            "yahoo.es",
            "yahoo.fr",
            "yahoo.it",
            "yahoo.ca",
            "yahoo.com.br",
            "yahoo.com.mx",
            "yahoo.com.ar",
            "yahoo.co.in",
            "ymail.com",
            "rocketmail.com",
            "aol.com",
            "aim.com",
            "verizon.net",
        ],
    ),
    ("apple", &["icloud.com", "me.com", "mac.com"]),
    ("united-internet", &["gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de"]),
    ("proton", &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"]),
    ("comcast", &["comcast.net", "xfinity.com"]),
    ("orange", &["orange.fr", "wanadoo.fr"]),
    ("mail-ru", &["mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru"]),
    ("yandex", &["yandex.ru", "yandex.com", "ya.ru", "yandex.by", "yandex.kz"]),
    ("qq", &["qq.com", "foxmail.com", "vip.qq.com"]),
    ("netease", &["163.com", "126.com", "yeah.net"]),
];

/// Who keeps the mailbox of an address, or its domain.
pub fn keeper(address: &str) -> String {
    let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let named = KEEPERS.iter().find(|(_, domains)| domains.contains(&domain.as_str()));
    named.map_or(domain, |(name, _)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_of_one_provider_are_one() {
        assert_eq!(keeper("a@GMail.com"), keeper("b@googlemail.com"));
        assert_eq!(keeper("a@b.Example."), "b.example");
        assert_ne!(keeper("a@notgmail.com"), keeper("a@gmail.com"));
    }
}
