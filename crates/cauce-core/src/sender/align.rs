//! Which domain somebody answers for, and whether two domains are of one house.

/// The domain that somebody registered: one label below a public suffix; nothing for a public
/// suffix itself.
pub fn registrable_domain(domain: &str) -> Option<&str> {
    psl::domain_str(domain.trim_end_matches('.'))
}

/// Whether a domain speaks for another one (RFC 7489 §3.1): the same, or, relaxed, of one house.
pub fn is_aligned(one: &str, other: &str, strict: bool) -> bool {
    let same = one.eq_ignore_ascii_case(other);
    if same || strict {
        return same;
    }
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    match (registrable_domain(&one), registrable_domain(&other)) {
        (Some(one), Some(other)) => one == other,
        // A domain below no suffix (a test's) is its own house.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn houses_end_where_a_public_suffix_begins() {
        let check = |domain: &str, house: Option<&str>| {
            assert_eq!(registrable_domain(domain), house, "{domain}");
        };
        check("news.shop.co.uk", Some("shop.co.uk"));
        check("shop.com", Some("shop.com"));
        check("co.uk", None);
        check("a.github.io", Some("a.github.io"));
        check("mail.shop.example", Some("shop.example"));
    }

    #[test]
    fn relaxed_is_one_house_and_strict_is_one_name() {
        assert!(is_aligned("mail.shop.com", "Shop.com", false));
        assert!(is_aligned("a.shop.com", "b.shop.com", false));
        assert!(!is_aligned("mail.shop.com", "shop.com", true));
        assert!(is_aligned("shop.com", "SHOP.com", true));
        assert!(!is_aligned("a.co.uk", "b.co.uk", false));
        assert!(!is_aligned("shop.com", "shop.com.evil.net", false));
    }
}
