//! Who keeps a mailbox, as far as the address alone says.

/// Domains of the large mailbox providers, as of 2026-11-29; a domain of somebody's own that one of
/// them hosts is `other` here.
///
/// Sources: Google, "Email sender guidelines"; Microsoft, "Outlook's requirements for high-volume
/// senders"; Yahoo Sender Hub, FAQ; Apple, "Postmaster information for iCloud Mail".
const DOMAINS: &[(&str, &[&str])] = &[
    ("google", &["gmail.com", "googlemail.com"]),
    ("microsoft", &["outlook.com", "hotmail.com", "live.com", "msn.com"]),
    ("yahoo", &["yahoo.com", "ymail.com", "rocketmail.com", "aol.com", "aim.com", "verizon.net"]),
    ("apple", &["icloud.com", "me.com", "mac.com"]),
];

/// Brands with national domains: `hotmail.es`, `yahoo.co.uk`.
const BRANDS: &[(&str, &[&str])] =
    &[("microsoft", &["outlook", "hotmail", "live"]), ("yahoo", &["yahoo", "aol"])];

/// The mailbox provider of an address: `google`, `microsoft`, `yahoo`, `apple` or `other`.
pub fn mailbox(address: &str) -> &'static str {
    let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    if let Some((name, _)) = DOMAINS.iter().find(|(_, all)| all.contains(&domain.as_str())) {
        return name;
    }
    // Another company has the name in Japan.
    let national = |end: &str| match end.split_once('.') {
        None => end.len() == 2,
        Some(("co" | "com", top)) => top.len() == 2,
        Some(_) => false,
    };
    match domain.split_once('.') {
        Some((brand, end)) if national(end) && !matches!(end, "co.jp" | "ne.jp") => {
            let known = BRANDS.iter().find(|(_, brands)| brands.contains(&brand));
            known.map_or("other", |(name, _)| name)
        }
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::mailbox;

    #[test]
    fn mailboxes_are_known_by_their_domain() {
        for (address, name) in [
            ("a@Gmail.com", "google"),
            ("a@hotmail.es", "microsoft"),
            ("a@yahoo.com.br", "yahoo"),
            ("a@yahoo.co.jp", "other"),
            ("a@me.com.", "apple"),
            ("a@live.agency", "other"),
            ("a@hotmail.shop.example", "other"),
            ("a", "other"),
        ] {
            assert_eq!(mailbox(address), name, "{address}");
        }
    }
}
