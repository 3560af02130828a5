use super::*;

fn fill(text: &str, globals: &str, options: &Options) -> Result<String, Fault> {
    let template = parse(text, &BTreeMap::new()).unwrap();
    let globals = serde_json::from_str(globals).unwrap();
    render(&template, &globals, options)
}

fn check_text(text: &str, globals: &str, expected: &str) {
    let shown = fill(text, globals, &Options::new(Timestamp(0)));
    assert_eq!(shown.as_deref(), Ok(expected), "{text}");
}

#[test]
fn it_fills() {
    check_text("Hi {{ profile.name | default: 'you' }}!", "{}", "Hi you!");
    check_text("{{ a.b[1] }}", r#"{"a":{"b":[1,2.50]}}"#, "2.5");
}
