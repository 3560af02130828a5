//! The console's pages: every address of a person, and none of a program.

use super::*;

#[test]
fn people_get_the_console_everywhere_and_programs_nowhere() {
    let cauce = Cauce::start("");
    let ask = |method: &str, path: &str, accept: &str| {
        http::ask(cauce.port, method, path, &[("accept", accept)], b"").unwrap()
    };
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";
    for path in
        ["/", "/campaigns/7?tab=people", "/join/abc", "/profiles/email/a%40b", "/v2", "/x.y/z"]
    {
        let page = ask("GET", path, html);
        assert_eq!(page.status, 200, "{path}: {page:?}");
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{path}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(!policy.contains("unsafe") && policy.contains("default-src"), "{policy}");
        assert!(policy.contains("base-uri 'none'"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert!(page.text.to_lowercase().contains("<!doctype html>"), "{page:?}");
        assert_eq!(ask("GET", path, "application/json").status, 404, "{path}");
        assert_eq!(ask("GET", path, "*/*").status, 404, "{path}");
    }
    assert_eq!(ask("HEAD", "/", html).status, 200);
    for (method, path) in [
        ("POST", "/"),
        ("PUT", "/campaigns"),
        ("GET", "/v1/nonsense/x"),
        ("GET", "/ofrep/x"),
        ("GET", "/assets/gone-123.js"),
    ] {
        let no = ask(method, path, html);
        assert!([404, 405].contains(&no.status), "{method} {path}: {no:?}");
        assert_eq!(no.header("content-type"), Some("application/problem+json"), "{path}");
    }
    // The pages that were here before stay.
    assert_eq!(ask("GET", "/openapi.json", html).header("content-type"), Some("application/json"));
    assert_eq!(ask("GET", "/inbox", html).status, 404, "only in development");
}
