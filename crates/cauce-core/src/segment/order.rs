//! In which order segments are evaluated: each after those that it names.

use super::compile::Compiled;
use crate::diagnostic::{Diagnostic, nearest};
use crate::prelude::*;

/// The names in an order in which each segment stands behind those that it names; of those free to
/// choose the first by name. Refuses unknown names, cycles, and rules about a journey's event.
/// A finding's path is the segment's name.
pub fn order(segments: &BTreeMap<String, Compiled>) -> Result<Vec<String>, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    for (name, compiled) in segments {
        if compiled.uses_event {
            let message = "a segment cannot ask for `event`: nobody is in it while events happen";
            faults.push(
                Diagnostic::error(name, "event-in-segment", message)
                    .hint("ask for `count(…)` or `last(…)`, or use the rule in a journey"),
            );
        }
        for wanted in compiled.segments.iter().filter(|wanted| !segments.contains_key(*wanted)) {
            faults.push(unknown(name, wanted, segments));
        }
    }
    let ordered = sorted(segments);
    faults.extend(cycles(segments, &ordered.iter().cloned().collect()));
    if faults.is_empty() { Ok(ordered) } else { Err(faults) }
}

/// As [`order`], whatever faults there are: names that nobody has are passed over, and segments
/// that name each other are left out.
pub fn sorted(segments: &BTreeMap<String, Compiled>) -> Vec<String> {
    let named = |compiled: &'_ Compiled| {
        compiled.segments.iter().filter(|name| segments.contains_key(*name)).count()
    };
    let mut missing: BTreeMap<&String, usize> =
        segments.iter().map(|(name, compiled)| (name, named(compiled))).collect();
    let mut used_by: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
    for (name, compiled) in segments {
        for wanted in &compiled.segments {
            used_by.entry(wanted).or_default().push(name);
        }
    }
    let mut free: BTreeSet<&String> =
        missing.iter().filter(|(_, left)| **left == 0).map(|(name, _)| *name).collect();
    let mut ordered = Vec::new();
    while let Some(name) = free.pop_first() {
        ordered.push(name.clone());
        for waiting in used_by.get(name).into_iter().flatten() {
            let Some(left) = missing.get_mut(*waiting) else { continue };
            *left -= 1;
            if *left == 0 {
                free.insert(waiting);
            }
        }
    }
    ordered
}

fn unknown(name: &str, wanted: &str, segments: &BTreeMap<String, Compiled>) -> Diagnostic {
    let fault =
        Diagnostic::error(name, "unknown-segment", format!("there is no segment `{wanted}`"));
    match nearest(wanted, segments.keys().map(String::as_str).filter(|known| *known != name)) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault,
    }
}

/// Names each cycle once, from its first name on.
fn cycles(segments: &BTreeMap<String, Compiled>, done: &BTreeSet<String>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let mut visited = BTreeSet::new();
    for start in segments.keys().filter(|name| !done.contains(*name)) {
        // Whoever is left names somebody who is left: a walk that follows must come back.
        let mut walk: Vec<&String> = Vec::new();
        let mut at = start;
        while visited.insert(at) {
            walk.push(at);
            let left = |n: &&String| segments.contains_key(*n) && !done.contains(*n);
            let Some(next) = segments.get(at).and_then(|c| c.segments.iter().find(left)) else {
                break;
            };
            at = next;
        }
        let Some(from) = walk.iter().position(|name| *name == at) else { continue };
        let mut names: Vec<&str> = walk[from..].iter().map(|name| name.as_str()).collect();
        let first = names.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(i, _)| i);
        names.rotate_left(first);
        let shown: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("the segments name each other: {} → {}", shown.join(" → "), shown[0]);
        faults.push(Diagnostic::error(names[0], "segment-cycle", message));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::{compile, parse};

    fn check(rules: &[(&str, &str)], expected: &str) {
        let compiled =
            |(name, text): &(&str, &str)| ((*name).to_owned(), compile(parse(text).unwrap()).0);
        let shown = match order(&rules.iter().map(compiled).collect()) {
            Ok(names) => names.join(" "),
            Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn each_stands_behind_those_it_names() {
        check(&[], "");
        check(
            &[
                ("a", "in segment \"c\" and not in segment \"d\""),
                ("b", "x exists"),
                ("c", "in segment \"d\" or in segment \"b\""),
                ("d", "y exists"),
            ],
            "b d c a",
        );
    }

    #[test]
    fn cycles_and_unknown_names_are_refused() {
        check(&[("vip", "in segment \"vip\"")], "vip: the segments name each other: `vip` → `vip`");
        check(
            &[
                ("a", "in segment \"c\""),
                ("b", "in segment \"a\""),
                ("c", "in segment \"b\""),
                ("x", "in segment \"b\""),
                ("y", "in segment \"z\""),
                ("z", "in segment \"y\""),
            ],
            "a: the segments name each other: `a` → `c` → `b` → `a`\n\
             y: the segments name each other: `y` → `z` → `y`",
        );
        check(
            &[("gold", "x exists"), ("other", "in segment \"glod\"")],
            "other: there is no segment `glod` (did you mean `gold`?)",
        );
        check(
            &[("s", "event.total > 5")],
            "s: a segment cannot ask for `event`: nobody is in it while events happen \
             (ask for `count(…)` or `last(…)`, or use the rule in a journey)",
        );
    }
}
