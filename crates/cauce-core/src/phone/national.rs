//! Numbers as they are written at home, and as the world dials them.

use crate::prelude::*;

/// Region, code of the country, national and international prefix, lengths.
const PLANS: &str = include_str!("plans.txt");

/// How numbers are written in one region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    code: &'static str,
    /// What stands before a number within the country; empty for nothing.
    home: &'static str,
    /// What stands before the code of another country; empty for `00` alone, or several.
    abroad: &'static str,
    lengths: &'static str,
}

impl Plan {
    /// The plan of a region (ISO 3166-1).
    pub fn of(region: &str) -> Option<Plan> {
        let mut plans = PLANS.lines().filter(|line| !line.starts_with('#'));
        let line = plans.find(|line| line.split(' ').next() == Some(region))?;
        let mut fields = line.split(' ').skip(1).map(|field| if field == "-" { "" } else { field });
        let mut next = || fields.next();
        Some(Plan { code: next()?, home: next()?, abroad: next()?, lengths: next()? })
    }

    /// Digits that were written in this region in the form of E.164. What cannot be a whole number
    /// here (a short code, a line within a house) stays as it is.
    pub fn international(&self, digits: &str) -> String {
        let fits =
            |digits: &str| self.lengths.split(',').any(|length| length.parse() == Ok(digits.len()));
        let after = |prefix: &str| digits.strip_prefix(prefix).filter(|_| !prefix.is_empty());
        if let Some(rest) = after(self.abroad)
            && crate::phone::is_e164(&format!("+{rest}"))
            && !fits(digits)
        {
            return format!("+{rest}");
        }
        if let Some(rest) = after(self.home).filter(|rest| fits(rest)) {
            return format!("+{}{rest}", self.code);
        }
        if fits(digits) {
            return format!("+{}{digits}", self.code);
        }
        match after(self.code) {
            Some(rest) if fits(rest) => format!("+{digits}"),
            Some(_) | None => digits.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_at_home_has_one_form() {
        let check = |region: &str, digits: &str, expected: &str| {
            let plan = Plan::of(region).unwrap();
            assert_eq!(plan.international(digits), expected, "{digits} in {region}");
        };
        check("ES", "600112233", "+34600112233");
        check("ES", "34600112233", "+34600112233");
        check("FR", "0612345678", "+33612345678");
        check("GB", "07911123456", "+447911123456");
        check("US", "2025550123", "+12025550123");
        check("US", "12025550123", "+12025550123");
        check("US", "01134600112233", "+34600112233");
        check("RU", "89161234567", "+79161234567");
        check("RU", "8001234567", "+78001234567");
        check("IT", "0612345678", "+390612345678");
        // A short code is nobody's whole number.
        check("ES", "21777", "21777");
        assert_eq!(Plan::of("UK"), None);
        assert_eq!(Plan::of("#"), None);
    }

    #[test]
    fn every_region_has_a_plan() {
        for region in crate::phone::regions().filter(|region| *region != "001") {
            assert!(Plan::of(region).is_some(), "{region}");
        }
    }
}
