//! Real bounces of Exim, as those of Postfix: it says little by codes, and the rest in words.
//!
//! `CAUCE_EXIM` names a folder into which its packages were unpacked. Without it the test says that
//! it did not run; with `CAUCE_OUTSIDE=1` that is a failure, unless `CAUCE_WITHOUT=exim` leaves it
//! out.

use super::exim_server::{Exim, Options};
use super::postfix::reach_the_right_people;

#[test]
fn bounces_of_exim_reach_the_right_people() {
    reach_the_right_people(|roads| {
        let ways = [("example.com", roads.next_hop), ("shop.example", roads.ours)];
        let exim = Exim::start(&Options { smtputf8: true, roads: &ways })?;
        let port = exim.port;
        Some((exim, port))
    });
}
