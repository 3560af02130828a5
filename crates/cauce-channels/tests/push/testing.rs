//! `web-push-testing` as the push service: it makes subscriptions, checks who signed, and decrypts.
//! It listens on every interface, so that it and we are alone in a network of our own.

use super::world::alone::is_alone;
use super::world::postfix::free_port;
use super::world::readers::command;
use super::*;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

struct Service {
    child: Child,
    port: u16,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    /// Starts it, or says that it is not installed.
    fn start(test: &str) -> Option<Service> {
        let node = std::env::var("CAUCE_NODE").unwrap_or_else(|_| "node".to_owned());
        let probe = "console.log(require.resolve('web-push-testing/src/bin/server.js'))";
        let found = command(&node).args(["-e", probe]).stderr(Stdio::null()).output();
        let Some(found) = found.ok().filter(|output| output.status.success()) else {
            let text = format!("not run: {test}: `{node}` lacks what {SCRIPTS}/package.json lists");
            assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
            println!("{text}");
            return None;
        };
        let script = String::from_utf8(found.stdout).unwrap();
        let port = free_port();
        let child = command(&node)
            .args([script.trim(), &port.to_string()])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let service = Service { child, port };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(service);
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("web-push-testing does not listen");
    }

    /// Asks it something; what it answers, which is JSON or one word.
    fn ask(&self, path: &str, form: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    /// A browser that allows who has this key to push to it.
    fn subscribed(&self, key: &KeyPair) -> Target {
        let public = web::public_key(&key.serialize_pem()).unwrap();
        // The word is a text to it, not a yes.
        let form = format!("userVisibleOnly=true&applicationServerKey={public}");
        let (status, said) = self.ask("/subscribe", &form);
        assert_eq!(status, 200, "{said}");
        let text = |name: &str| said["data"]["keys"][name].as_str().unwrap().to_owned();
        let keys = Some(WebKeys { p256dh: text("p256dh"), auth: text("auth") });
        let endpoint = said["data"]["endpoint"].as_str().unwrap();
        Target { keys, ..target(Platform::Web, endpoint) }
    }

    /// What a browser has been shown.
    fn shown(&self, browser: &Target) -> Value {
        let form = format!("clientHash={}", hash(browser));
        let (status, said) = self.ask("/get-notifications", &form);
        assert_eq!(status, 200, "{said}");
        said["data"]["messages"].clone()
    }
}

fn hash(browser: &Target) -> &str {
    browser.token.rsplit('/').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn web_push_testing_decrypts_what_is_pushed_and_knows_who_signed() {
    let test = "testing::web_push_testing_decrypts_what_is_pushed_and_knows_who_signed";
    if !is_alone(test) {
        return;
    }
    let Some(service) = Service::start(test) else { return };
    let (own, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let browsers: Vec<Target> = (0..3).map(|_| service.subscribed(&own)).collect();
    let stranger = service.subscribed(&other);
    let ways = web_to(&own, &[]);
    // It knows what time it is, and takes no signature that has ended.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let at = Timestamp(i64::try_from(now.as_millis()).unwrap());
    let expires = at.plus(Duration::HOUR);
    let pushed = |targets: &[Target]| Push { at, expires, ..push(targets.to_vec()) };
    let send = async |targets: &[Target]| ends(ways.send(&pushed(targets)).await);

    let ended = send(&browsers).await;
    assert!(ended.iter().all(|end| matches!(end.answer, Answer::Accepted { .. })), "{ended:?}");
    let plain = pushed(&[]).web().to_string();
    for browser in &browsers {
        assert_eq!(service.shown(browser), json!([plain]));
    }
    // Who allowed another key is not shown ours, and is no browser that is gone.
    let answer = &send(std::slice::from_ref(&stranger)).await[0].answer;
    check_meaning("another key", answer, Means::Misplaced);
    assert_eq!(service.shown(&stranger), json!([]));
    // What was meant for one browser is nothing that another one can read.
    let crossed = Target { token: browsers[1].token.clone(), ..browsers[0].clone() };
    let answer = &send(&[crossed]).await[0].answer;
    check_meaning("another browser's keys", answer, Means::Misplaced);

    // Nor is one that ended an hour ago taken.
    let day = Duration::DAY;
    let late = Push { at: at.plus(Duration(-day.0 - Duration::HOUR.0)), ..pushed(&browsers) };
    for end in ends(web_to(&own, &[]).send(&late).await) {
        check_meaning("an old signature", &end.answer, Means::Misplaced);
    }

    let expire = format!("/expire-subscription/{}", hash(&browsers[0]));
    assert_eq!(service.ask(&expire, "").0, 200);
    let ended = send(&browsers).await;
    check_meaning("expired", &ended[0].answer, Means::Gone);
    assert!(matches!(ended[1].answer, Answer::Accepted { .. }), "{:?}", ended[1]);
    let counts = browsers.iter().map(|browser| service.shown(browser).as_array().unwrap().len());
    assert_eq!(counts.collect::<Vec<_>>(), [1, 2, 2]);
}
