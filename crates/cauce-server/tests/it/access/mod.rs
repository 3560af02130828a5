//! Members who sign in: sessions, roles, the audit of what they change, and the console's pages.

mod audit;
mod console;
mod roles;
mod sessions;

use crate::world::http::{self, Answer};
use crate::world::*;
use serde_json::{Value, json};

const PASSWORD: &str = "a long password";

/// Somebody's browser: it keeps the cookie, and its pages know the token against forged requests.
#[derive(Clone, Default)]
pub struct Browser {
    port: u16,
    pub cookie: String,
    pub csrf: String,
}

impl Browser {
    pub fn of(cauce: &Cauce) -> Browser {
        Browser { port: cauce.port, ..Browser::default() }
    }

    /// Asks as a page of the console does.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let origin = format!("http://127.0.0.1:{}", self.port);
        let mut headers = vec![("sec-fetch-site", "same-origin"), ("x-csrf-token", &self.csrf)];
        if method != "GET" {
            headers.push(("origin", &origin));
        }
        self.ask_with(method, path, &headers, body)
    }

    /// Asks with the cookie and these headers alone.
    pub fn ask_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        if !self.cookie.is_empty() {
            all.push(("cookie", &self.cookie));
        }
        all.extend(headers);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        http::ask(self.port, method, path, &all, body.as_bytes()).unwrap()
    }

    /// Takes the cookie of an answer and its token, as a browser does.
    pub fn keep(&mut self, answer: &Answer) {
        let set = answer.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {answer:?}"));
        self.cookie = set.split(';').next().unwrap().to_owned();
        self.csrf = answer.json()["csrf"].as_str().unwrap().to_owned();
    }

    pub fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        let pair = json!({ "email": email, "password": password });
        let answer =
            Browser { cookie: String::new(), ..self.clone() }.ask("POST", "/v1/session", &pair);
        if answer.status == 200 {
            self.keep(&answer);
        }
        answer
    }

    pub fn is_signed_in(&self) -> bool {
        self.ask("GET", "/v1/session", &Value::Null).status == 200
    }
}

/// The token of an invitation.
pub fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    let said = answer.json();
    said["invitation"].as_str().unwrap().strip_prefix("/join/").unwrap().to_owned()
}

pub fn invite(cauce: &Cauce, email: &str, role: &str) -> String {
    token(&cauce.post("/v1/members", &json!({ "email": email, "role": role })))
}

/// A member who has joined and is signed in.
pub fn member(cauce: &Cauce, email: &str, role: &str) -> Browser {
    let token = invite(cauce, email, role);
    let mut browser = Browser::of(cauce);
    let wanted = json!({ "token": token, "password": PASSWORD });
    let answer = browser.ask("POST", "/v1/session/join", &wanted);
    assert_eq!(answer.status, 200, "{answer:?}");
    browser.keep(&answer);
    browser
}
