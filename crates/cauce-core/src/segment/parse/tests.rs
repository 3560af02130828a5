//! What reads, what comes back, and what a person sees who wrote something else.

use super::*;

fn check(text: &str, expected: &str) {
    let shown = match parse(text) {
        Ok(rule) => rule.to_string(),
        Err(faults) => {
            let line = |fault: &Diagnostic| {
                let (start, end) = fault.span.unwrap_or((99, 99));
                format!("{start}..{end} {fault}")
            };
            faults.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    };
    assert_eq!(shown, expected, "{text}");
}

fn same(text: &str) {
    check(text, text);
}

#[test]
fn canonical_text_comes_back() {
    same("sum(order_completed.total, last 90d) > 500");
    same("count(order_completed) >= 3 and count(order_completed, last 60d) = 0");
    same("count(o where total > 50 and category in (\"a\", \"b\"), last 90d) >= 3");
    same("average(o.price.net where not (a = 1 or b exists)) < -1.5");
    same("last(order_completed) before now - 60d or first(signed_up) within last 7d");
    same("in segment \"vip\" and not in segment \"staff\"");
    same("in list \"fair 7\" and not in list \"staff\" or list = 3");
    same("list \"fair\".tier = \"gold\" and list \"fair\".`first name` not exists");
    same("list \"fair\".since within last 30d or any list \"fair\".tags (k = 1)");
    same("size(list \"fair\".tags) > 2 or anniversary of list \"fair\".day is today");
    same("not (a = 1 or b = 2) and (c = 3 or d = 4)");
    same("(a = 1 and b = 2) and (c = 3 or (d = 4 or e = 5))");
    same("address.city starts with \"Ma\\\"d\" and tags contains true");
    same("born after \"2001-02-03T00:00:00Z\" and `last` not exists and `a b`.`c.d`.0 exists");
    same("event.total > 100 and event.items.0.sku not in (1, \"x\")");
    same("not not renews within next 7d");
    same("min(o.total, today) < 5 or max(o.total where a = 1, last month) >= 10");
    same("distinct(o.category, last 3 calendar weeks) >= 3");
    same("most frequent(viewed.category, this year) in (\"a\", 1)");
    same("first value(visited.source) = \"ads\" and last value(visited.at) before now - 1d");
    same("count(o, since \"2026-01-01T00:00:00Z\") > 1 and count(o, yesterday) = 0");
    same(
        "sum(o.n, between \"2026-01-01T00:00:00Z\" and \"2026-02-01T00:00:00Z\") > 1 \
         or count(o, this quarter) = 2",
    );
    same(
        "sequence(viewed where sku = 1 or b exists, then not ordered, then added within 1h, \
         then not `not` where a = 1 within 2d, last 30d)",
    );
    same("any items (sku = \"x\" and qty > 2) or no event.items (a exists) or size(items) >= 3");
    same("count(o where all items (qty > 1) and not size(items) = 2) > 1");
    same("any last value(o.items) (a = 1 or no b (c = 2)) and size(first value(o.x)) = 1");
    same("city = \"málaga\" ignoring case and city contains \"a\" ignoring case and accents");
    same("city not in (\"a\", \"b\") ignoring accents and any = 1 and no in (2, 3)");
    same("app_version >= version \"2.10.0-rc.1\" and total > money \"50.5 EUR\"");
    same("renews_at after now - 1 month and d before now + 3 weeks or e within last 2 quarters");
    same("anniversary of birth_date within next 7d or anniversary of event.d is today");
    same("bucket(\"spring-test\", 100) < 10 and messages = 1 or reachable exists");
    same("reachable by email or reachable by sms for topic \"news\"");
    same("messages(sent, template \"welcome\", campaign \"a b\", last 30d) >= 1");
    same("messages(refused, channel \"email\", reason \"quiet-hours\", this month) = 0");
    check("messages(opened, Channel Email) > 1", "messages(opened, channel \"email\") > 1");
    same("computed.spend_90d > 100 and size(computed.items) = 1");
    // Words of functions are names where no parenthesis follows.
    same("min > 1 and most = 2 and sequence exists and distinct in (1, 2)");
}

#[test]
fn other_ways_to_write_it() {
    check("a=1 AND(b=2)", "a = 1 and b = 2");
    check("a <> 1 or a ≥ 2.50", "a != 1 or a >= 2.5");
    check(
        "born before '' ",
        "12..13 unexpected `'` (write texts in straight double quotes)\n\
        13..14 unexpected `'` (write texts in straight double quotes)\n\
        15..15 expected `now`, `now - 30d` or a date such as `\"2026-11-24\"`, the rule ends",
    );
    check("born before \"2001-02-03\"", "born before \"2001-02-03T00:00:00Z\"");
    check("count(a, last 1 calendar week) > 1", "count(a, last week) > 1");
    check("count(a, last 1 Calendar Days) > 1", "count(a, yesterday) > 1");
    check("last(a) before now-2w", "last(a) before now - 14d");
}

#[test]
fn faults_have_places_and_ways_out() {
    check("", "0..0 the rule is empty (write a condition such as `count(order_completed) >= 3`)");
    check(
        "cuont(a) > 1 and b = pro and c ~ 2 or d > \"x\"",
        "0..5 expected a function such as `count` or `last`, found `cuont` \
         (did you mean `count`?)\n\
         21..24 expected a value, found `pro` (write the text as \"pro\")\n\
         31..32 unexpected `~`\n\
         33..34 expected a comparison: `=`, `!=`, `<`, `>=`, `in`, `contains`, `starts with`, \
         `ends with`, `exists`, `before`, `after` or `within`, found the number `2`\n\
         40..45 `>` compares numbers, and \"x\" is none \
         (for dates write `before \"2026-11-24\"` or `after \"2026-11-24\"`)",
    );
    check("in list fair", "8..12 expected the list's name in double quotes, found `fair`");
    check(
        "list \"fair\" = 1",
        "12..13 expected `.` and a value of the list, such as `list \"vip\".tier`, found `=`",
    );
    check("(a = 1", "0..1 the `(` is never closed");
    check("a = 1)", "5..6 expected `and`, `or` or the end, found `)`");
    check(
        "a contians \"x\"",
        &format!(
            "2..10 expected {TEST}, found `contians` \
        (did you mean `contains`?)"
        ),
    );
    check("last = 1", "5..6 expected `(` and the event's name, found `=`");
    check(
        "now = 1",
        "0..3 expected a condition, such as `plan = \"pro\"` or \
        `count(order_completed) >= 3`, found `now` (as a name, `now` is written in backticks)",
    );
    check("a in ()", "2..7 the list has no values");
    check(
        "count(a.b) > 1",
        "0..10 `count` does not look at a property, here `b` \
        (if the event's name has a dot, write `` `a.b` ``)",
    );
    check(
        "sum(a) > 1",
        "0..6 `sum` needs a property behind the event's name \
        (write `sum(a.total)`)",
    );
    check(
        "count(a where t before now) > 1",
        "16..26 a condition on an event cannot ask for `now` \
        (put the span behind a comma: `count(order_completed, last 30d)`)",
    );
    check(
        "count(a, last 99999d) > 1 and count(b, last 0d) > 1",
        "14..20 `99999d` is longer than `3660d`\n44..46 `0s` holds no time",
    );
    check(
        "in segmnt \"x\"",
        "3..9 expected `segment \"name\"` or `list \"name\"`, found `segmnt` \
        (did you mean `segment`?)",
    );
    check(
        "a before \"soon\"",
        "9..15 \"soon\" is not a date \
        (expected an RFC 3339 time such as `2026-11-24T16:00:00Z`)",
    );
}

#[test]
fn faults_of_values() {
    check("a = version \"2.1\"", "12..17 `2.1` is not a version such as `2.10.0`");
    check("a > money \"EUR\"", "10..15 \"EUR\" is no money (write `money \"50 EUR\"`)");
    check(
        "a > 1 ignoring case",
        "2..19 only comparisons with texts have capitals or accents to ignore",
    );
    check(
        "count(o where d after now - 1 month) > 1",
        "16..35 a condition on an event cannot ask for `now` \
        (put the span behind a comma: `count(order_completed, last 30d)`)",
    );
    check(
        "any items sku = 1",
        "10..13 expected `(` and what must be true of an element, found `sku`",
    );
    check("d within last 0 days", "2..20 `0 days` holds no time");
    check(
        "anniversary of d is tody",
        "20..24 expected `today`, found `tody` (did you mean `today`?)",
    );
}

#[test]
fn faults_of_messages_and_people() {
    check(
        "messages(snt) > 1 and messages(sent, tmplate \"x\") > 1",
        "9..12 expected `sent`, `delivered`, `opened`, `clicked`, `refused`, `failed`, `bounced` \
        or `complained`, found `snt` (did you mean `sent`?)\n\
        37..44 expected `template \"…\"`, `campaign`, `journey`, `channel`, `reason` or a window \
        such as `last 30d`, found `tmplate` (did you mean `template`?)",
    );
    check(
        "messages(sent, reason \"x\") > 1",
        "0..26 a message is not sent for a reason (only `refused` and `failed` have a reason)",
    );
    check("bucket(\"x\", 10) > 9", "0..19 of 10 buckets the last one is 9");
    check("bucket(\"x\", 0) < 9", "0..18 people are put into 1 to 10000 buckets");
    check(
        "reachable by mail",
        "13..17 expected `email`, `sms`, `push` or `webhook`, found `mail` \
        (did you mean `email`?)",
    );
    let value = |text: &str| match parse_computed(text) {
        Ok(computed) => computed.text,
        Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    };
    assert_eq!(value(" sum( o.total,last 90d ) "), "sum(o.total, last 90d)");
    assert_eq!(
        value("average(o.total)"),
        "`average` has no value that is exact and stays (use `sum` and `count`, or a segment)"
    );
    assert_eq!(value("count(o) > 1"), "expected the end, found `>`");
    assert_eq!(
        value("smu(o.total)"),
        "expected a measure such as `sum(order_completed.total, last 90d)`, found `smu` \
         (did you mean `sum`?)"
    );
}

#[test]
fn faults_of_windows_and_sequences() {
    check(
        "count(a, lst 9d) > 1",
        &format!("9..12 expected {WINDOW}, found `lst` (did you mean `last`?)"),
    );
    check(
        "count(a, last 3 weeks) > 1",
        "16..21 expected `calendar`, as in `last 3 calendar months`; a span is written `90d`, \
        found `weeks`",
    );
    check(
        "count(a, this mnth) > 1 or count(a, last 500 calendar days) > 1",
        "14..18 expected `day`, `week`, `month`, `quarter` or `year`, found `mnth` \
        (did you mean `month`?)\n36..58 a window goes back 400 units at the most",
    );
    check(
        "count(a, between \"2026-02-01\" and \"2026-01-01\") > 1",
        "9..46 the window ends before it begins \
        (write the earlier date first; the second one is outside)",
    );
    check(
        "distinct(a.b) > 1000",
        "0..20 more than 1000 different values are not told apart \
        (compare with a number below 1000)",
    );
    check(
        "sequence(a) and sequence(not a, then b) and sequence(a, thn b)",
        "0..11 a sequence has at least two steps (write `sequence(viewed, then added within 1h)`)\n\
        16..39 a sequence begins with something that happened\n\
        56..59 expected a window such as `last 90d`, `today`, `this week`, `last month`, \
        `last 3 calendar months` or `since \"2026-01-01\"`, found `thn` (did you mean `then`?)",
    );
}

const WINDOW: &str = "a window such as `last 90d`, `today`, `this week`, `last month`, \
                      `last 3 calendar months` or `since \"2026-01-01\"`";
const TEST: &str = "a comparison: `=`, `!=`, `<`, `>=`, `in`, `contains`, `starts with`, \
                    `ends with`, `exists`, `before`, `after` or `within`";

#[test]
fn warnings_have_places_too() {
    let (compiled, found) = super::check("a = 1 and count(b) >= 0");
    assert!(compiled.is_some());
    let shown: Vec<_> = found.iter().map(|f| (f.code.as_str(), f.severity, f.span)).collect();
    assert_eq!(shown, [("always-true", Severity::Warning, Some((10, 23)))]);
}

#[test]
fn bounds_hold() {
    let deep = |n: usize| format!("{}a = 1{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&deep(DEPTH_MAX)).is_ok());
    let codes = |text: &str| parse(text).unwrap_err().into_iter().map(|f| f.code).next().unwrap();
    assert_eq!(codes(&deep(DEPTH_MAX + 1)), "rule-too-large");
    assert_eq!(codes(&deep(20_000)), "rule-too-large");
    assert_eq!(codes(&"not ".repeat(15_000)), "rule-too-large");
    let wide = |n: usize| vec!["a = 1"; n].join(" or ");
    assert!(parse(&wide(RULE_NODES_MAX - 1)).is_ok());
    assert_eq!(codes(&wide(RULE_NODES_MAX)), "rule-too-large");
    assert_eq!(codes(&format!("a in ({})", vec!["1"; 600].join(","))), "rule-too-large");
    assert_eq!(codes(&" ".repeat(RULE_BYTES_MAX + 1)), "rule-too-large");
}

#[test]
fn an_error_is_not_crowded_out_by_warnings() {
    let text = format!("{} and b < \"x\"", vec!["count(a) >= 0"; 30].join(" and "));
    let codes: Vec<String> = parse(&text).unwrap_err().into_iter().map(|f| f.code).collect();
    assert_eq!(codes, ["no-order"]);
    assert_eq!(super::check(&text).1.len(), FAULTS_MAX);
}
