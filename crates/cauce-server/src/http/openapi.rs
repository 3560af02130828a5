//! The API's description, generated from the code and locked by a test.

use super::error::Problem;
use super::v1;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cauce",
        description = "Orchestrates messages to people across channels.",
        license(name = "Apache-2.0")
    ),
    paths(
        v1::segment::call,
        v1::segment::batch,
        v1::segment::import,
        v1::segment::settings,
        v1::events::accept,
        v1::messages::create,
        v1::messages::show,
        v1::messages::list,
        v1::messages::export,
        v1::profiles::show,
        v1::profiles::segment,
        v1::profiles::campaign,
        super::people::devices::list,
        super::people::devices::register,
        super::people::devices::remove,
        super::people::refused::list,
        super::people::refused::decide,
        super::push::opened,
        super::push::key,
        v1::why::journey,
        v1::why::template,
        v1::segments::list,
        v1::segments::show,
        v1::segments::members,
        super::who::segment_dependents,
        super::who::list_dependents,
        super::who::estimate::estimate,
        super::who::lists::list,
        super::who::lists::show,
        super::who::lists::members,
        super::who::rows::add,
        super::who::rows::replace,
        super::who::rows::seal,
        v1::definitions::list,
        v1::definitions::check,
        v1::definitions::plan,
        v1::definitions::apply,
        v1::definitions::revisions,
        v1::definitions::variables,
        v1::campaigns::list,
        v1::campaigns::ahead,
        v1::campaigns::start,
        v1::campaigns::show,
        v1::campaigns::steer,
        v1::explain::show,
        v1::suppressions::set,
        v1::suppressions::lift,
        v1::suppressions::bulk::list,
        v1::suppressions::bulk::import,
        v1::suppressions::held::list,
        v1::suppressions::held::release,
        super::sending::ahead::published,
        super::sending::ahead::written,
        super::sending::cost::campaign,
        super::sending::senders::check,
        super::sending::standing::show,
        super::sending::standing::resume,
        v1::keys::list,
        v1::keys::make,
        v1::keys::revoke,
        super::access::session::show,
        super::access::session::sign_in,
        super::access::session::sign_out,
        super::access::session::join,
        super::access::session::set_password,
        super::access::members::list,
        super::access::members::add,
        super::access::members::change,
        super::access::members::remove,
        super::access::members::invite,
        super::access::audit::list,
        super::access::secrets::list,
        super::access::secrets::set,
        super::access::secrets::remove,
        super::share::lookup::show,
        super::share::live::stream,
        super::share::offers::show,
        super::share::tokens::make,
        super::share::ofrep::one,
        super::share::ofrep::many,
        super::share::changes::stream,
        super::share::changes::position,
        super::share::destinations::list,
        super::share::destinations::resume,
        super::share::destinations::make,
        super::share::sources::list,
        super::share::sources::show,
        super::share::sources::files,
        super::share::sources::run,
        super::ops::sending,
        super::ops::steer_sending,
        super::schemas::quarantine::list,
        super::schemas::quarantine::show,
        super::schemas::quarantine::replay,
        super::schemas::quarantine::drop,
        super::queues::show,
        super::queues::letters::list,
        super::queues::letters::replay,
        super::queues::letters::give_up,
        super::schemas::show::list,
        super::schemas::show::event,
        super::schemas::show::attributes,
        super::schemas::complete::complete,
        super::ops::retain,
        super::backups::list,
        super::backups::make,
        super::ops::clock,
        super::ops::confirm_clock,
        super::people::identity::show,
        super::people::consents::show,
        super::people::erasures::erase,
        super::people::export::export,
        super::people::rectify::rectify,
        super::people::erasures::list,
        super::people::erasures::sweep,
    ),
    components(schemas(Problem))
)]
struct Api;

/// The document, as it is committed.
pub fn document() -> String {
    let mut api = Api::openapi();
    api.merge(super::console::Description::openapi());
    let mut text = api.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// What is free by nature, by schema and field, and why. It is a short list: an object of which
    /// nothing is said is of no use to whoever has only the document.
    const FREE: [(&str, &str); 27] = [
        ("OfferShown.content", "what the offer's author wrote"),
        ("Attention.said", "numbers and names, whose keys depend on the code"),
        ("Health.said", "numbers and names, whose keys depend on the code"),
        ("Message.context", "what an event or a request said"),
        ("RefusalReason.details", "depends on the code"),
        ("Walk.context", "what an event said"),
        ("StoredEvent.properties", "what an event said"),
        ("TimelineItem.properties", "what an event said"),
        ("RecentEvent.properties", "what an event said"),
        ("RecentEvent.attributes", "what an event said"),
        ("OneEvent.properties", "what an event said"),
        ("OneEvent.attributes", "what an event said"),
        ("UnfitEvent.properties", "what an event said"),
        ("UnfitEvent.attributes", "what an event said"),
        ("ListMember.payload", "what a list says"),
        ("Profile.computed", "attributes have any names"),
        ("PersonListed.attributes", "attributes have any names"),
        ("SharedProfile.attributes", "attributes have any names"),
        ("OfrepFlag.metadata", "the protocol leaves it open"),
        ("PublishedDefinition.definition", "a definition, as it is written"),
        ("DefinitionRevision.definition", "a definition, as it is written"),
        ("DefinitionChange.before", "a definition, as it is written"),
        ("DefinitionChange.after", "a definition, as it is written"),
        ("SchemaDefinition.document", "a definition, as it is written"),
        ("SchemaShown.suggested", "a definition, as it is written"),
        ("Queues.routes", "definitions, as they are written"),
        ("SegmentEstimate.json", "a rule, as it is written"),
    ];

    /// The parts of the description that an answer may show: each with the place it is found at.
    struct Walk<'a> {
        api: &'a Value,
        seen: BTreeSet<String>,
        free: BTreeSet<String>,
        tuples: BTreeSet<String>,
    }

    impl Walk<'_> {
        fn part(&mut self, schema: &Value, place: &str) {
            if let Some(name) = schema["$ref"].as_str() {
                let name = name.trim_start_matches("#/components/schemas/");
                if self.seen.insert(name.to_owned()) {
                    let known = self.api["components"]["schemas"][name].clone();
                    assert!(known.is_object(), "{place}: there is no schema `{name}`");
                    self.part(&known, name);
                }
                return;
            }
            if !schema["prefixItems"].is_null() {
                self.tuples.insert(place.to_owned());
            }
            let is = |kind: &str| match &schema["type"] {
                Value::String(one) => one == kind,
                Value::Array(any) => any.iter().any(|one| one == kind),
                _ => false,
            };
            let parts = ["allOf", "anyOf", "oneOf"];
            let of_parts = parts.iter().filter_map(|key| schema[key].as_array()).flatten();
            let of_parts: Vec<&Value> = of_parts.collect();
            let (named, others) = (&schema["properties"], &schema["additionalProperties"]);
            if is("object") && !named.is_object() && !others.is_object() && of_parts.is_empty() {
                self.free.insert(place.to_owned());
            }
            for part in of_parts {
                self.part(part, place);
            }
            for (name, field) in named.as_object().into_iter().flatten() {
                self.part(field, &format!("{place}.{name}"));
            }
            for inner in [others, &schema["items"]].into_iter().filter(|inner| inner.is_object()) {
                self.part(inner, place);
            }
        }
    }

    /// Whoever reads only this document knows every field of every answer: none is an object of
    /// which nothing is said, and none a tuple whose places have no names.
    #[test]
    fn every_answer_says_what_is_in_it() {
        let api: Value = serde_json::from_str(&super::document()).unwrap();
        let mut walk = Walk {
            api: &api,
            seen: BTreeSet::new(),
            free: BTreeSet::new(),
            tuples: BTreeSet::new(),
        };
        let mut answers = 0;
        for (path, operations) in api["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                    let by_kind = answer["content"].as_object().into_iter().flatten();
                    for (_, content) in by_kind.filter(|(kind, _)| kind.contains("json")) {
                        let place = format!("{} {path} {status}", method.to_uppercase());
                        walk.part(&content["schema"], &place);
                        answers += 1;
                    }
                }
            }
        }
        // What finds nothing compares nothing.
        assert!(answers > 200 && walk.seen.len() > 150, "{answers} {}", walk.seen.len());
        assert_eq!(walk.tuples, BTreeSet::new(), "give these places names: an object each");
        let allowed: BTreeSet<String> = FREE.iter().map(|(place, _)| (*place).to_owned()).collect();
        let undescribed: Vec<_> = walk.free.difference(&allowed).collect();
        assert!(undescribed.is_empty(), "say what is in these answers: {undescribed:?}");
        let needless: Vec<_> = allowed.difference(&walk.free).collect();
        assert!(needless.is_empty(), "these are described by now: {needless:?}");
    }

    /// Who generates a client from it fills a path's holes, and nothing else is in the path: what
    /// stands behind the question mark is said to stand there.
    #[test]
    fn what_is_in_the_path_is_what_its_template_names() {
        let api: Value = serde_json::from_str(&super::document()).unwrap();
        let mut operations = 0;
        for (path, by_method) in api["paths"].as_object().unwrap() {
            let holes = path.split('{').skip(1).filter_map(|part| part.split('}').next());
            let holes: BTreeSet<&str> = holes.collect();
            for (method, operation) in by_method.as_object().unwrap() {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let named = parameters.filter(|one| one["in"] == "path");
                let named: BTreeSet<&str> = named.filter_map(|one| one["name"].as_str()).collect();
                assert_eq!(named, holes, "{method} {path}");
                operations += 1;
            }
        }
        assert!(operations > 100, "{operations}");
    }

    /// `openapi.json` is what the code says; `cargo xtask bless` writes it anew.
    #[test]
    fn the_committed_description_is_true() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
        let now = super::document();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(file, &now).unwrap();
        }
        let committed = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            committed == now,
            "openapi.json is not what the code says; run `cargo xtask bless`"
        );
    }
}
