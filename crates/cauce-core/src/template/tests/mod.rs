//! What the golden suite does not cover: escaping, strictness, bounds, diagnostics, dates.

mod authoring;
mod bounds;
mod random;

use super::*;

/// A template with its partials, globals and circumstances.
struct Story<'s> {
    text: &'s str,
    partials: &'s [(&'s str, &'s str)],
    globals: &'s str,
    options: Options,
}

impl<'s> Story<'s> {
    fn new(text: &'s str, globals: &'s str) -> Story<'s> {
        let options = Options::new(Timestamp(1_700_000_000_000));
        Story { text, partials: &[], globals, options }
    }

    fn partials(mut self, partials: &'s [(&'s str, &'s str)]) -> Story<'s> {
        self.partials = partials;
        self
    }

    fn escape(mut self, escape: Escape) -> Story<'s> {
        self.options.escape = escape;
        self
    }

    fn strict(mut self) -> Story<'s> {
        self.options.strict_variables = true;
        self
    }

    /// The text, or the fault's code, place and message in one line.
    fn outcome(&self) -> String {
        let partials = self.partials.iter().map(|(name, text)| ((*name).into(), (*text).into()));
        let template = parse(self.text, &partials.collect()).unwrap();
        let globals = serde_json::from_str(self.globals).unwrap();
        match render(&template, &globals, &self.options) {
            Ok(text) => text,
            Err(fault) => {
                let span = fault.span.unwrap_or_default();
                format!("{} {}..{}: {fault}", fault.code.as_str(), span.start, span.end)
            }
        }
    }
}

fn check(story: Story<'_>, expected: &str) {
    assert_eq!(story.outcome(), expected, "{}", story.text);
}

/// A filter that cannot take what it gets yields nothing, and a `default` behind it stands in.
#[test]
fn a_wrong_type_breaks_no_message() {
    let check = |text: &str, value: &str, expected: &str| {
        let globals = format!("{{\"x\":{value}}}");
        let mut story = Story::new(text, &globals);
        story.options.forgiving = true;
        check(story, expected);
    };
    let total = "{{ x | divided_by: 0 | default: \"–\" }}";
    check(total, "7", "–");
    let dear = "{% if x > 100 %}dear{% else %}cheap{% endif %}";
    check(dear, "120", "dear");
    check(dear, "\"120\"", "cheap");
    check(dear, "[1]", "cheap");
    check(dear, "null", "cheap");
    let sorted = "{{ x | sort | join: \",\" | default: \"none\" }}";
    check(sorted, "[2,1]", "1,2");
    check(sorted, "[2,\"a\"]", "none");
    check("{{ x | base64_decode | default: \"none\" }}", "\"%\"", "none");
    check("{{ x | slice: x }}.", "\"word\"", ".");
    check("{{ x.city | upcase }}.", "\"Rome\"", ".");
    check("{% for y in x limit: x %}{{ y }}{% endfor %}.", "\"ab\"", "ab.");
    // What Liquid says, where nobody asked for forgiveness.
    let strict = Story::new(dear, "{\"x\":\"120\"}");
    assert!(strict.outcome().starts_with("incomparable"), "{}", strict.outcome());
}

#[test]
fn html_is_escaped_once() {
    let html = |text, expected| {
        let globals = r#"{"x":"<b>&\"'","safe":"a &amp; b","list":["<",1],"o":{"k":"<"}}"#;
        check(Story::new(text, globals).escape(Escape::Html), expected);
    };
    html("<p>{{ x }}</p>", "<p>&lt;b&gt;&amp;&quot;&#39;</p>");
    html("{{ x | raw }}{{ x | safe }}", "<b>&\"'<b>&\"'");
    html("{{ x | escape }}", "&lt;b&gt;&amp;&quot;&#39;");
    html("{{ x | escape | escape }}", "&lt;b&gt;&amp;&quot;&#39;");
    html("{{ safe | escape_once }}", "a &amp; b");
    html("{{ list }}{{ list | join: '&' }}", "&lt;1&lt;&amp;1");
    html("{{ o }}", "{&quot;k&quot;=&gt;&quot;&lt;&quot;}");
    html(
        "{% capture c %}<i>{{ x }}</i>{% endcapture %}{{ c }}",
        "<i>&lt;b&gt;&amp;&quot;&#39;</i>",
    );
    html("{% capture c %}<i>{% endcapture %}{{ c | append: '<' | strip }}", "<i>&lt;");
    html("{% capture c %}<i>{% endcapture %}{{ '<' | append: c }}", "&lt;<i>");
    html("{% assign e = x | escape %}{{ e }}", "&lt;b&gt;&amp;&quot;&#39;");
    html("{{ 'a<\nb' | newline_to_br }}", "a&lt;<br />\nb");
    html("{{ 'a <b>c</b> &amp; <' | strip_html }}", "a c &amp; &lt;");
    html("{{ nope | default: '<you>' }}", "&lt;you&gt;");
    html("{{ x | json }}", "&quot;\\u003cb&gt;&amp;\\&quot;&#39;&quot;");
}

#[test]
fn json_strings_are_escaped() {
    let json = |text, expected| {
        let globals = r#"{"x":"a\"\n</s>","o":{"n":1.50,"t":[true,null]}}"#;
        check(Story::new(text, globals).escape(Escape::Json), expected);
    };
    json(r#"{"x":"{{ x }}"}"#, r#"{"x":"a\"\n\u003c/s>"}"#);
    json(r#"{"o":{{ o | json }}}"#, r#"{"o":{"n":1.5,"t":[true,null]}}"#);
}

#[test]
fn strict_rendering_wants_values() {
    let globals = r#"{"profile":{"name":null}}"#;
    check(
        Story::new("Hi {{ profile.name }}", globals).strict(),
        "undefined-variable 6..18: `profile.name` has no value",
    );
    check(Story::new("Hi {{ profile.name | default: 'you' }}", globals).strict(), "Hi you");
    check(Story::new("{% if profile.name %}a{% else %}b{% endif %}", globals).strict(), "b");
    check(
        Story::new("{% for x in profile.list %}{% else %}none{% endfor %}", "{}").strict(),
        "none",
    );
    check(Story::new("Hi {{ profile.name }}", globals), "Hi ");
}

#[test]
fn faults_say_where() {
    let fault = |text, expected| check(Story::new(text, "{}"), expected);
    fault("ab{% abort_message('no name') %}", "aborted 2..32: no name");
    fault("{% abort_message 'x' | upcase %}", "aborted 0..32: X");
    fault("{% abort_message() %}", "aborted 0..21: the template asked to stop");
    fault("{{ 1 | divided_by: 0 }}", "division-by-zero 7..20: divided by zero");
    fault("{{ 'a' | slice: 'x' }}", "bad-value 9..19: the place is no whole number");
    fault("{% if 'a' < 1 %}{% endif %}", "incomparable 6..13: a text and a number have no order");
    fault("{% include nope %}", "unknown-partial 0..18: no partial ``");
    check(
        Story::new("{% render 'a' %}", "{}").partials(&[("a", "..{{ 1 | modulo: 0 }}")]),
        "division-by-zero 9..18: partial `a`: divided by zero",
    );
}

#[test]
fn dates_hang_in_the_zone() {
    let date = |text, expected| {
        let mut story = Story::new(text, r#"{"at":"2026-03-29T01:30:00Z","n":1152098955.5}"#);
        story.options.zone = TimeZone::get("Europe/Berlin").unwrap();
        check(story, expected);
    };
    date("{{ at | date: '%Y-%m-%d %H:%M %z %Z' }}", "2026-03-29 03:30 +0200 CEST");
    date("{{ 'now' | date: '%F %T %:z' }}", "2023-11-14 23:13:20 +01:00");
    date("{{ n | date: '%s %L %j %U %V %u' }}", "1152098955 000 186 27 27 3");
    date("{{ 'March 14, 2016 4:05pm' | date: '%-d.%-m.%y %k:%M %p' }}", "14.3.16 16:05 PM");
    date("{{ '14th Mar 2016 16:05 +0000' | date: '%R' }}", "17:05");
    date("{{ 'Mon, 14 Mar 2016 16:05:06 GMT' | date: '%A %^a %e %l %P' }}", "Monday MON 14  5 pm");
    date(
        "{{ '2016/03/14' | date: '%D %x %10Y %_5d|%-H %q %' }}",
        "03/14/16 03/14/16 0000002016    14|0 %q %",
    );
    date("{{ 'no date' | date: '%Y' }}{{ '12/31/99' | date: '%Y' }}", "no date12/31/99");
    date("{{ 'March 99, 2016' | date: '%Y' }}", "March 99, 2016");
}

#[test]
fn globals_come_from_several_places() {
    let profile: crate::value::Value = serde_json::from_str(r#"{"name":"Ada"}"#).unwrap();
    let fields = vec![("profile".into(), Datum::from(&profile)), ("n".into(), Datum::Float(3.0))];
    let template = parse("{{ profile.name }} {{ n }}", &BTreeMap::new()).unwrap();
    let options = Options::new(Timestamp(0));
    let text = render_record(&template, Datum::record(fields), &options);
    assert_eq!(text.as_deref(), Ok("Ada 3.0"));
}

#[test]
fn exact_numbers_stay_exact() {
    let globals = r#"{"n":123456789012.123456789,"p":19.99}"#;
    check(Story::new("{{ n }} {{ p | times: 3 }}", globals), "123456789012.123456789 59.97");
}
