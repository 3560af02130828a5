//! Whether topics can be meant: what asks for confirmation, and which are about messages and which
//! about uses of data.

use super::check::Checker;
use super::{About, Body, Kind, TopicSource};
use crate::diagnostic::Diagnostic;
use crate::prelude::*;

impl Checker<'_> {
    /// A topic that asks for confirmation names a message that can ask, and be sent.
    pub(super) fn topic(&mut self, path: &str, topic: &TopicSource) {
        for purpose in &topic.purposes {
            self.about(&format!("{path}.purposes"), purpose, About::Use);
        }
        if topic.about == About::Use && !topic.purposes.is_empty() {
            let message = "a use has no purposes of its own";
            let fault =
                Diagnostic::error(format!("{path}.purposes"), "purpose-in-purpose", message);
            self.found.push(fault.hint("name both where they are asked for"));
        }
        let at = format!("{path}.confirmation");
        let Some(key) = &topic.confirmation else {
            if topic.double_opt_in {
                let message = "a yes has to be confirmed, and no message asks for it";
                let fault = Diagnostic::error(at, "no-confirmation", message);
                self.found.push(fault.hint("name a transactional template"));
            }
            return;
        };
        if !topic.double_opt_in {
            let message = "is never sent without `double-opt-in: true`";
            self.found.push(Diagnostic::warning(at.clone(), "confirmation-unused", message));
        }
        self.needs(&at, Kind::Template, key);
        let Some(Body::Template(template)) = self.world.get(&(Kind::Template, key.clone())) else {
            return;
        };
        if template.topic.is_some() {
            let message = "asks for consent to a topic, so it could never be sent before a yes";
            let fault = Diagnostic::error(at.clone(), "confirmation-has-topic", message);
            self.found.push(fault.hint("leave `topic` out of the template"));
        }
        let links = template.parts().any(|(_, text)| text.contains("links.confirm"));
        if !links {
            let message = format!("`{key}` has no link that confirms");
            let fault = Diagnostic::error(at, "no-confirm-link", message);
            self.found.push(fault.hint("put `{{ links.confirm }}` into it"));
        }
    }

    /// A topic that must be there, and be about messages or a use.
    pub(super) fn about(&mut self, path: &str, key: &str, about: About) {
        self.needs(path, Kind::Topic, key);
        let known = self.world.get(&(Kind::Topic, key.to_owned()));
        let Some(Body::Topic(topic)) = known else { return };
        if topic.about == about {
            return;
        }
        let (message, hint) = match about {
            About::Use => (
                format!("the topic `{key}` is about messages, and no use of data"),
                format!("ask `reachable by email for topic \"{key}\"`, or say `about: use` there"),
            ),
            About::Messages => (
                format!("the topic `{key}` is about a use of data, and no message has it"),
                format!("in a rule write `consent(\"{key}\")`; a topic lists it as `purposes`"),
            ),
        };
        self.found.push(Diagnostic::error(path, "other-topic", message).hint(hint));
    }
}
