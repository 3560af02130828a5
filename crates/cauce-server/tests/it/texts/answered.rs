//! What people write back: words that end, resume and explain, and everything else.

use super::*;
use std::time::Duration;

/// How many messages left to a number, but for answers.
fn left(carriers: &Carriers, to: &str) -> usize {
    let text = |asked: &Value| {
        let text = asked["Body"].as_str().or_else(|| asked["text"].as_str());
        text.unwrap_or_default().to_owned()
    };
    let answers = ["You get no more", "Welcome back", "Shop, shop.example"];
    let all = carriers.asked(to);
    all.iter().filter(|one| !answers.iter().any(|own| text(one).starts_with(own))).count()
}

#[test]
fn stop_ends_a_campaign_that_is_under_way() {
    let Some(carriers) = Carriers::start("STOP during a campaign") else { return };
    let cauce = carriers.shop("twilio");
    let mut slow = carriers.provider("twilio");
    slow["per-second"] = json!(8);
    slow["in-flight"] = json!(2);
    cauce.apply(&json!({ "definitions": { "providers": { "twilio": slow } } }));
    let words = [
        "STOP",
        "Stop!",
        "baja",
        "Arrêt",
        "abmelden",
        "Annulla",
        "sair",
        "afmelden",
        "Avsluta",
        "Rezygnuję",
        "İPTAL",
        "СТОП",
        "הסר",
        "退订",
        "配信停止",
        "수신거부",
        "berhenti",
        "Opt out",
    ];
    let people = 160;
    sign_up(&cauce, 0..people);
    wait_for(PATIENCE, "everybody in the segment", || {
        (cauce.get("/v1/segments/texted")["members"] == people).then_some(())
    });
    let run = cauce.start_campaign("sale");
    wait_for(PATIENCE, "a beginning", || (carriers.count() > 4).then_some(()));
    // While the rest waits, people say that they want none; each may have got it by then.
    let mut before = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let who = people - 1 - n;
        let status = carriers.write(&cauce, "twilio", &number(who), word, &format!("SM{n}"));
        assert_eq!(status, 200, "{word}");
        before.push((who, left(&carriers, &number(who))));
    }
    let shown = cauce.done(run, PATIENCE);
    check_balance(&shown);
    let refused = term(&shown, "refused");
    assert_eq!(shown["balance"]["refusals"]["consent-withdrawn"], refused, "{shown}");
    let late = before.iter().filter(|(_, left)| *left > 0).count() as u64;
    assert_eq!(refused + late, words.len() as u64, "{shown}");
    assert!(refused > 0, "nobody was in time: {shown}");
    for (who, sent) in before {
        assert_eq!(left(&carriers, &number(who)), sent, "{who} got more after it was answered");
        // One confirmation, and a code is refused too.
        wait_for(PATIENCE, "a confirmation", || {
            (carriers.asked(&number(who)).len() == sent + 1).then_some(())
        });
        let refused = cauce.message_in(&code(&cauce, &number(who)), "refused");
        assert!(refused["why"].as_str().unwrap().contains("was stopped"), "{refused}");
    }
}

#[test]
fn start_undoes_it_and_help_is_always_answered() {
    let Some(carriers) = Carriers::start("START and HELP") else { return };
    for (place, carrier) in CARRIERS.into_iter().enumerate() {
        let cauce = carriers.shop(carrier);
        let n = 500 + place;
        sign_up(&cauce, [n]);
        let to = number(n);
        let write = |text: &str, id: &str| {
            let status = carriers.write(&cauce, carrier, &to, text, id);
            assert!(status == 200 || status == 204, "{text}: {status}");
        };
        write("stop", "1");
        write("stop", "1");
        write("STOP", "2");
        cauce.message_in(&code(&cauce, &to), "refused");
        write("help", "3");
        wait_for(PATIENCE, "two answers", || (carriers.asked(&to).len() == 2).then_some(()));
        write("start", "4");
        wait_for(PATIENCE, "three answers", || (carriers.asked(&to).len() == 3).then_some(()));
        cauce.message_in(&code(&cauce, &to), "accepted");
        assert_eq!(left(&carriers, &to), 1);
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(carriers.asked(&to).len(), 4, "a word that is said twice is answered once");
        // What they had said of the topic was never touched.
        let to = to.replace('+', "%2B");
        let shown = cauce.get(&format!("/v1/profiles/phone/{to}"));
        let consents = shown["consents"].to_string();
        assert!(consents.contains("offers") && consents.contains("sender:shop"), "{consents}");
    }
}

#[test]
fn another_text_is_an_event_that_journeys_hear() {
    let Some(carriers) = Carriers::start("inbound texts") else { return };
    let cauce = carriers.shop("vonage");
    sign_up(&cauce, [600]);
    let to = number(600);
    assert_eq!(carriers.write(&cauce, "vonage", &to, "where is my parcel?", "7"), 204);
    wait_for(PATIENCE, "an answer", || {
        carriers.asked(&to).iter().any(|one| one["text"] == "We look into it.").then_some(())
    });
    let id = to.replace('+', "%2B");
    let timeline = cauce.get(&format!("/v1/profiles/phone/{id}/timeline")).to_string();
    assert!(timeline.contains("where is my parcel?"), "{timeline}");
}

#[test]
fn who_does_not_know_the_secret_is_not_heard() {
    let Some(carriers) = Carriers::start("forged reports") else { return };
    let cauce = carriers.shop("twilio");
    let url =
        |carrier: &str| format!("http://127.0.0.1:{}/reports/{carrier}/{carrier}", cauce.port);
    let vonage =
        json!({ "definitions": { "providers": { "vonage": carriers.provider("vonage") } } });
    cauce.apply(&vonage);
    let from = number(700);
    let inbound = json!({ "MessageSid": "SM1", "From": from, "To": OWN, "Body": "STOP" });
    for tamper in ["field", "more", "address", "signature", "none"] {
        let more = json!({ "tamper": tamper });
        let to = format!("{}/inbound", url("twilio"));
        let answer = carriers.say("twilio", &to, inbound.clone(), more.clone());
        assert_eq!(answer.status, 401, "{tamper}: {}", answer.text);
        let status = json!({ "MessageSid": "SM1", "MessageStatus": "delivered" });
        let answer = carriers.say("twilio", &format!("{}/x-1", url("twilio")), status, more);
        assert_eq!(answer.status, 401, "{tamper}");
    }
    let inbound =
        json!({ "messageId": "1", "msisdn": &from[1..], "to": &OWN[1..], "text": "STOP" });
    for way in ["form", "get", "jwt"] {
        for tamper in ["field", "more", "signature", "none"] {
            if (way, tamper) == ("jwt", "more") {
                continue;
            }
            let more = json!({ "tamper": tamper, "way": way });
            let to = format!("{}/inbound", url("vonage"));
            let answer = carriers.say("vonage", &to, inbound.clone(), more);
            assert_eq!(answer.status, 401, "{way} {tamper}: {}", answer.text);
        }
        let to = format!("{}/inbound", url("vonage"));
        let answer = carriers.say(
            "vonage",
            &to,
            json!({ "messageId": "2", "text": "hello",
            "msisdn": &from[1..], "to": &OWN[1..] }),
            json!({ "way": way }),
        );
        assert_eq!(answer.status, 204, "{way}: {}", answer.text);
    }
    // Nobody stopped anything.
    cauce.message_in(&code(&cauce, &from), "accepted");
    let unknown =
        carriers.say("twilio", &format!("{}s/inbound", url("twilio")), inbound, json!({}));
    assert_eq!(unknown.status, 404);
}
