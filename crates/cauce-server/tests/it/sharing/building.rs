//! What is said of a segment while it is built: that it is not known yet, and no plain no.

use super::flags::script;
use super::*;

/// People of one partition, so many that a build takes a while. It comes to those at the end last:
/// to `in-paris`, who is in the new segment, and to `in-rome`, who is not.
fn crowd(cauce: &Cauce) {
    let person = |name: &str, city: &str| {
        let event = json!({ "id": format!("{name}-in"), "name": "signed_up", "user_id": name,
                            "attributes": { "plan": "gold", "city": city } });
        format!("{event}\n")
    };
    for first in (0..30_000).step_by(1_000) {
        let lines: String =
            (first..first + 1_000).map(|n| person(&format!("p{n}"), "Oslo")).collect();
        wait_for(PATIENCE, "room for events", || {
            (cauce.report(&lines, "?historical=true").status == 202).then_some(())
        });
    }
    let last = person("in-rome", "Rome") + &person("in-paris", "Paris");
    assert_eq!(cauce.report(&last, "?historical=true&applied=true").status, 202);
}

/// A new segment, and another rule of one that everybody is in.
fn changed() -> Value {
    json!({ "definitions": {
        "segments": { "parisian": { "rule": "city = \"Paris\"" },
                      "gold": { "rule": "plan = \"gold\" and not city = \"Paris\"" } },
        "experiments": { "fare": { "arms": { "low": 1, "high": 0 }, "segment": "parisian",
                                   "outside": "high" } },
        "sharing": { "sharing": { "segments": ["gold", "parisian"] } },
    }})
}

/// What was said, each time that it was something else.
#[derive(Default)]
struct Said(Vec<Value>);

impl Said {
    fn note(&mut self, said: Value) {
        if self.0.last() != Some(&said) {
            self.0.push(said);
        }
    }
}

#[test]
fn what_is_not_known_yet_is_said_and_then_the_answer() {
    let _alone = alone();
    let cauce = Cauce::start("partitions = 1");
    cauce.apply(&shared());
    crowd(&cauce);
    let lookup = key(&cauce, "lookup");
    let look = |who: &str| {
        let path = format!("/v1/lookup?alias=user_id:{who}");
        with(&cauce, &lookup, ("GET", &path), &[], &Value::Null).json()
    };
    let flag = |who: &str, flag: &str| {
        let body = json!({ "context": { "targetingKey": who } });
        let path = format!("/ofrep/v1/evaluate/flags/{flag}");
        let said = with(&cauce, &lookup, ("POST", &path), &[], &body).json();
        json!([said["value"], said["reason"], said["metadata"]["building"]])
    };
    let all = |who: &str| {
        let body = json!({ "context": { "targetingKey": who } });
        let said = with(&cauce, &lookup, ("POST", "/ofrep/v1/evaluate/flags"), &[], &body).json();
        let mut flags = said["flags"].as_array().unwrap().iter();
        let one = flags.find(|one| one["key"] == "segment.parisian").unwrap();
        json!([one["value"], one["reason"], one["metadata"]["building"]])
    };
    cauce.apply(&changed());
    let mut said: [Said; 6] = Default::default();
    wait_for(PATIENCE, "the builds", || {
        let (paris, rome) = (look("in-paris"), look("in-rome"));
        for (note, seen) in said.iter_mut().zip([&paris, &rome]) {
            let names: Vec<_> = seen["segments"].as_object().unwrap().keys().collect();
            note.note(json!([names, seen["building"]]));
        }
        said[2].note(flag("in-paris", "segment.parisian"));
        said[3].note(flag("in-rome", "segment.parisian"));
        said[4].note(flag("in-paris", "fare"));
        said[5].note(all("in-paris"));
        let open = |seen: &Value| seen["building"].is_array();
        (!open(&paris) && !open(&rome)).then_some(())
    });
    let of = |n: usize| json!(said[n].0);
    // One of the two may be built before the other: what is said in between is not compared.
    let ends = |n: usize| json!([said[n].0.first(), said[n].0.last()]);
    let both = json!(["gold", "parisian"]);
    // What `gold` says of her was true of its last rule, and says that it is.
    assert_eq!(ends(0), json!([[["gold"], both], [["parisian"], null]]), "{}", of(0));
    assert_eq!(ends(1), json!([[["gold"], both], [["gold"], null]]), "{}", of(1));
    let soon = json!([false, "STALE", true]);
    assert_eq!(of(2), json!([soon, [true, "TARGETING_MATCH", null]]));
    assert_eq!(of(3), json!([soon, [false, "DEFAULT", null]]));
    assert_eq!(of(4), json!([["high", "STALE", true], ["low", "SPLIT", null]]));
    assert_eq!(of(5), json!([soon, [true, "TARGETING_MATCH", null]]));
}

#[test]
fn openfeature_for_node_says_that_it_is_not_known_yet() {
    let _alone = alone();
    let cauce = Cauce::start("partitions = 1");
    cauce.apply(&shared());
    crowd(&cauce);
    let lookup = key(&cauce, "lookup");
    let address = format!("http://127.0.0.1:{}", cauce.port);
    let definitions = changed().to_string();
    let arguments = [address.as_str(), &lookup, "user_id:in-paris", &cauce.key, &definitions];
    let probe = ["-e", "require('@openfeature/ofrep-provider')"];
    let program = ("CAUCE_NODE", "node");
    let said = script("server-sdk", program, probe, "building.js", &arguments);
    let Some(said) = said else { return };
    let expected = json!([
        { "value": true, "reason": "ERROR", "error": "FLAG_NOT_FOUND", "building": false },
        { "value": false, "reason": "STALE", "error": null, "building": true },
        { "value": true, "reason": "TARGETING_MATCH", "error": null, "building": false },
    ]);
    assert_eq!(said, expected);
}
