//! Choices, one by one, and beside an oracle that counts everything anew.

use super::*;
use crate::event::Properties;
use crate::ids::hash64;
use crate::offer::{Cap, Rank};
use crate::segment::{self, Rule};

const HOUR: i64 = 3_600_000;

fn offer(name: &str) -> Offer {
    Offer {
        name: name.to_owned(),
        eligible: None,
        rank: Rank::default(),
        from: None,
        until: None,
        cap: None,
        content: Properties::new(),
    }
}

fn capped(times: u32) -> Option<(Cap, segment::Compiled)> {
    let counting = segment::compile(Rule::Or(Vec::new())).0;
    Some((Cap { times, within: Duration(7 * 24 * HOUR) }, counting))
}

fn candidate(offer: &Offer, rank: i64) -> Candidate<'_> {
    Candidate { offer, eligible: true, rank: Some(rank.into()), shown: Showings::default() }
}

#[test]
fn each_offer_says_why_not() {
    let now = Timestamp(10 * HOUR);
    let mut offers: Vec<Offer> =
        ["early", "late", "stranger", "worn", "low", "first", "second"].map(offer).into();
    offers[0].from = Some(Timestamp(10 * HOUR + 1));
    offers[1].until = Some(now);
    offers[3].cap = capped(3);
    let mut candidates: Vec<Candidate<'_>> =
        offers.iter().map(|offer| candidate(offer, 5)).collect();
    candidates[2].eligible = false;
    candidates[3].shown = Showings { times: 3, since: Some(Timestamp(HOUR)) };
    candidates[4].rank = None;
    let (chosen, whys) = choose(&candidates, now);
    assert_eq!(chosen, Some(5));
    let said: Vec<String> = whys.iter().map(ToString::to_string).collect();
    let expected = [
        "not yet: from 1970-01-01T10:00:00.001Z",
        "over: until 1970-01-01T10:00:00Z",
        "not eligible",
        "capped: shown 3 times since 1970-01-01T01:00:00Z, at most 3 within 7d",
        "outranked by `first`: none against 5",
        "chosen",
        "outranked by `first`, which stands before it",
    ];
    assert_eq!(said, expected);
    // Once more is once more: below the cap it competes again.
    candidates[3].shown.times = 2;
    candidates[3].rank = Some(6.into());
    assert_eq!(choose(&candidates, now).0, Some(3));
}

#[test]
fn of_nothing_that_fits_nothing_is_chosen() {
    assert_eq!(choose(&[], Timestamp(0)), (None, Vec::new()));
    let only = offer("only");
    let mut candidate = candidate(&only, 1);
    candidate.eligible = false;
    assert_eq!(choose(&[candidate], Timestamp(0)), (None, vec![Why::NotEligible]));
}

/// An offer as the oracle has it: plain numbers, no types of ours.
struct Plain {
    rank: Option<i64>,
    from: i64,
    until: i64,
    eligible: bool,
    shown: u64,
    times: Option<u32>,
}

/// Goes through all of them once, and keeps the best one so far.
fn oracle(offers: &[Plain], now: i64) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (place, one) in offers.iter().enumerate() {
        let in_time = one.from <= now && now < one.until;
        let worn = one.times.is_some_and(|times| one.shown >= u64::from(times));
        if !in_time || !one.eligible || worn {
            continue;
        }
        let better = best.is_none_or(|best| match (one.rank, offers[best].rank) {
            (Some(own), Some(other)) => own > other,
            (Some(_), None) => true,
            (None, _) => false,
        });
        if better {
            best = Some(place);
        }
    }
    best
}

#[test]
fn random_placements_agree_with_counting_by_hand() {
    let mut chosen_ones = 0;
    for case in 0..4_000_u64 {
        let draw = |what: &str, place: u64, below: u64| {
            hash64(&[&case.to_le_bytes(), what.as_bytes(), &place.to_le_bytes()]) % below
        };
        let now = 10 * HOUR;
        let plain: Vec<Plain> = (0..draw("many", 0, 6))
            .map(|place| Plain {
                rank: Some(draw("rank", place, 4) as i64 - 1).filter(|rank| *rank >= 0),
                from: if draw("from", place, 3) == 0 {
                    now + draw("by", place, 2) as i64
                } else {
                    0
                },
                until: if draw("until", place, 3) == 0 {
                    now + draw("to", place, 2) as i64
                } else {
                    i64::MAX
                },
                eligible: draw("eligible", place, 4) > 0,
                shown: draw("shown", place, 4),
                times: Some(draw("times", place, 4) as u32).filter(|times| *times > 0),
            })
            .collect();
        let offers: Vec<Offer> = plain
            .iter()
            .enumerate()
            .map(|(place, one)| Offer {
                from: Some(Timestamp(one.from)).filter(|from| from.0 > 0),
                until: Some(Timestamp(one.until)).filter(|until| *until < Timestamp::MAX),
                cap: one.times.and_then(capped),
                ..offer(&format!("offer-{place}"))
            })
            .collect();
        let candidates: Vec<Candidate<'_>> = plain
            .iter()
            .zip(&offers)
            .map(|(one, offer)| Candidate {
                offer,
                eligible: one.eligible,
                rank: one.rank.map(Decimal::from),
                shown: Showings { times: one.shown, since: None },
            })
            .collect();
        let (chosen, whys) = choose(&candidates, Timestamp(now));
        assert_eq!(chosen, oracle(&plain, now), "case {case}");
        let said = whys.iter().position(|why| *why == Why::Chosen);
        assert_eq!((said, whys.len()), (chosen, plain.len()), "case {case}");
        chosen_ones += usize::from(chosen.is_some());
    }
    assert!((1_000..3_900).contains(&chosen_ones), "both ends were met: {chosen_ones}");
}
