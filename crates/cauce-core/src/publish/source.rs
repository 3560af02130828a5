//! What people write: one document per definition.

use super::intake::IntakeSource;
use super::provider::ProviderSource;
use super::push::PushSource;
use super::share::{DestinationSource, ExperimentSource, SharingSource};
use crate::campaign;
use crate::journey;
use crate::list::LISTS;
use crate::message::{Channel, Mailbox};
use crate::offer::{OFFERS, OfferSource, PlacementSource};
use crate::policy::Policy;
use crate::prelude::*;
use crate::route::RouteSource;
use crate::segment::COMPUTED;
use crate::sms::{self, sender::TextSender};
use crate::template;
use crate::time::Duration;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// What a definition is; the name of its folder is the plural.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A saved rule and its live members.
    Segment,
    /// A published path.
    Journey,
    /// A message to an audience.
    Campaign,
    /// Content with holes.
    Template,
    /// Something a person can consent to.
    Topic,
    /// Who writes.
    Sender,
    /// A company or server that carries a channel.
    Provider,
    /// What the workspace allows.
    Policy,
    /// A measure of a profile's events under a name.
    Attribute,
    /// What others may know of a profile.
    Sharing,
    /// Stable arms for an audience.
    Experiment,
    /// Somebody who is told of memberships.
    Destination,
    /// A kind of name that people have.
    Namespace,
    /// Names that somebody uploads, and what is said of each.
    List,
    /// What an event, or attributes, look like.
    Schema,
    /// Where events come from that nobody reports.
    Source,
    /// By which providers messages leave.
    Route,
    /// What may be shown to somebody.
    Offer,
    /// Where offers compete.
    Placement,
}

impl Kind {
    /// Every kind, in the order in which files are listed.
    pub const ALL: [Kind; 19] = [
        Kind::Policy,
        Kind::Topic,
        Kind::Provider,
        Kind::Route,
        Kind::Sender,
        Kind::Template,
        Kind::Attribute,
        Kind::Segment,
        Kind::Journey,
        Kind::Campaign,
        Kind::Sharing,
        Kind::Experiment,
        Kind::Offer,
        Kind::Placement,
        Kind::Destination,
        Kind::Namespace,
        Kind::List,
        Kind::Schema,
        Kind::Source,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Segment => "segment",
            Kind::Journey => "journey",
            Kind::Campaign => "campaign",
            Kind::Template => "template",
            Kind::Topic => "topic",
            Kind::Sender => "sender",
            Kind::Provider => "provider",
            Kind::Policy => "policy",
            Kind::Attribute => "attribute",
            Kind::Sharing => "sharing",
            Kind::Experiment => "experiment",
            Kind::Destination => "destination",
            Kind::Namespace => "namespace",
            Kind::List => "list",
            Kind::Schema => "schema",
            Kind::Source => "source",
            Kind::Route => "route",
            Kind::Offer => "offer",
            Kind::Placement => "placement",
        }
    }

    /// The folder of its files.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Segment => "segments",
            Kind::Journey => "journeys",
            Kind::Campaign => "campaigns",
            Kind::Template => "templates",
            Kind::Topic => "topics",
            Kind::Sender => "senders",
            Kind::Provider => "providers",
            Kind::Policy => "policy",
            Kind::Attribute => "attributes",
            Kind::Sharing => "sharing",
            Kind::Experiment => "experiments",
            Kind::Destination => "destinations",
            Kind::Namespace => "namespaces",
            Kind::List => "lists",
            Kind::Schema => "schemas",
            Kind::Source => "sources",
            Kind::Route => "routes",
            Kind::Offer => "offers",
            Kind::Placement => "placements",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(text: &str) -> Result<Kind, String> {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text || kind.folder() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
                format!("`{text}` is no kind of definition: {}", known.join(", "))
            })
    }
}

/// A definition's content.
// There are hundreds of them at most: a box would save nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// See [`Kind::Segment`].
    Segment(SegmentSource),
    /// See [`Kind::Journey`].
    Journey(journey::Definition),
    /// See [`Kind::Campaign`].
    Campaign(campaign::Definition),
    /// See [`Kind::Template`].
    Template(Template),
    /// See [`Kind::Topic`].
    Topic(TopicSource),
    /// See [`Kind::Sender`].
    Sender(SenderSource),
    /// See [`Kind::Provider`].
    Provider(ProviderSource),
    /// See [`Kind::Policy`].
    Policy(Policy),
    /// See [`Kind::Attribute`].
    Attribute(AttributeSource),
    /// See [`Kind::Sharing`].
    Sharing(SharingSource),
    /// See [`Kind::Experiment`].
    Experiment(ExperimentSource),
    /// See [`Kind::Destination`].
    Destination(DestinationSource),
    /// See [`Kind::Namespace`].
    Namespace(crate::identity::Namespace),
    /// See [`Kind::List`].
    List(crate::list::Definition),
    /// See [`Kind::Schema`].
    Schema(crate::schema::Source),
    /// See [`Kind::Source`].
    Source(IntakeSource),
    /// See [`Kind::Route`].
    Route(RouteSource),
    /// See [`Kind::Offer`].
    Offer(OfferSource),
    /// See [`Kind::Placement`].
    Placement(PlacementSource),
}

impl Body {
    /// Reads a document of a kind. The error says what was expected and where.
    pub fn read(kind: Kind, document: serde_json::Value) -> Result<Body, String> {
        fn of<T: serde::de::DeserializeOwned>(document: serde_json::Value) -> Result<T, String> {
            serde_json::from_value(document).map_err(|error| error.to_string())
        }
        Ok(match kind {
            Kind::Segment => Body::Segment(of(document)?),
            Kind::Journey => Body::Journey(of(document)?),
            Kind::Campaign => Body::Campaign(of(document)?),
            Kind::Template => Body::Template(of(document)?),
            Kind::Topic => Body::Topic(of(document)?),
            Kind::Sender => Body::Sender(of(document)?),
            Kind::Provider => Body::Provider(of(document)?),
            Kind::Policy => Body::Policy(of(document)?),
            Kind::Attribute => Body::Attribute(of(document)?),
            Kind::Sharing => Body::Sharing(of(document)?),
            Kind::Experiment => Body::Experiment(of(document)?),
            Kind::Destination => Body::Destination(of(document)?),
            Kind::Namespace => Body::Namespace(of(document)?),
            Kind::List => Body::List(of(document)?),
            Kind::Schema => Body::Schema(of(document)?),
            Kind::Source => Body::Source(of(document)?),
            Kind::Route => Body::Route(of(document)?),
            Kind::Offer => Body::Offer(of(document)?),
            Kind::Placement => Body::Placement(of(document)?),
        })
    }

    /// The document, as it would be written.
    pub fn document(&self) -> serde_json::Value {
        let value = match self {
            Body::Segment(body) => serde_json::to_value(body),
            Body::Journey(body) => serde_json::to_value(body),
            Body::Campaign(body) => serde_json::to_value(body),
            Body::Template(body) => serde_json::to_value(body),
            Body::Topic(body) => serde_json::to_value(body),
            Body::Sender(body) => serde_json::to_value(body),
            Body::Provider(body) => serde_json::to_value(body),
            Body::Policy(body) => serde_json::to_value(body),
            Body::Attribute(body) => serde_json::to_value(body),
            Body::Sharing(body) => serde_json::to_value(body),
            Body::Experiment(body) => serde_json::to_value(body),
            Body::Destination(body) => serde_json::to_value(body),
            Body::Namespace(body) => serde_json::to_value(body),
            Body::List(body) => serde_json::to_value(body),
            Body::Schema(body) => serde_json::to_value(body),
            Body::Source(body) => serde_json::to_value(body),
            Body::Route(body) => serde_json::to_value(body),
            Body::Offer(body) => serde_json::to_value(body),
            Body::Placement(body) => serde_json::to_value(body),
        };
        value.unwrap_or_default()
    }
}

/// A segment as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SegmentSource {
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The rule in its text form; its JSON form is read as well.
    #[serde(deserialize_with = "crate::segment::written::text")]
    pub rule: String,
}

/// A computed attribute as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AttributeSource {
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The measure in its text form.
    pub value: String,
}

/// A topic as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TopicSource {
    /// Shown on the preference page.
    pub title: String,
    /// What a subscriber gets, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What is consented to: messages, or a use of what is known.
    #[serde(default, skip_serializing_if = "About::is_messages")]
    pub about: About,
    /// Of a topic of messages: the uses that a person has to allow as well.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub purposes: BTreeSet<String>,
    /// Whether a message may be sent, or data used, only where the person said yes.
    #[serde(default = "yes")]
    pub consent_required: bool,
    /// Whether a yes counts only once the mailbox has confirmed it.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub double_opt_in: bool,
    /// The transactional template that asks for it; it has `{{ links.confirm }}` in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
    /// Titles in other languages: `es: Noticias`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<String, String>,
    /// Descriptions in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub descriptions: BTreeMap<String, String>,
}

/// What a topic is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Messages that a person gets.
    #[default]
    Messages,
    /// A purpose: what data about a person is used for.
    Use,
}

impl About {
    /// Whether it is the usual one.
    pub fn is_messages(&self) -> bool {
        *self == About::Messages
    }
}

impl TopicSource {
    /// The title in a language, or the one that is for everybody.
    pub fn title_in(&self, language: &str) -> &str {
        self.titles.get(language).unwrap_or(&self.title)
    }

    /// The description in a language, or the one that is for everybody.
    pub fn description_in(&self, language: &str) -> &str {
        self.descriptions.get(language).unwrap_or(&self.description)
    }
}

fn yes() -> bool {
    true
}

/// Who writes, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SenderSource {
    /// The From header; only who writes nothing but text messages has none.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub from: Mailbox,
    /// Where answers go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Mailbox>,
    /// Whether it is heard of who answers: answers go to an address of ours as well.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hear_answers: bool,
    /// The domain of the envelope sender, to which bounces return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_path_domain: Option<String>,
    /// Signatures, strongest last: selector and where the private key (PEM) is: `file:…`, `env:…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dkim: Vec<DkimSource>,
    /// How it writes text messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<TextSender>,
}

fn is_false(said: &bool) -> bool {
    !said
}

fn is_nobody(mailbox: &Mailbox) -> bool {
    *mailbox == Mailbox::default()
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DkimSource {
    /// The selector.
    pub selector: String,
    /// The domain; that of `from` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `rsa` or `ed25519`.
    pub algorithm: String,
    /// Where the private key is: `file:NAME` (of the secrets folder) or `env:CAUCE_NAME`.
    pub key: String,
}

/// A template as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Template {
    /// For which channel.
    #[serde(default = "email")]
    pub channel: Channel,
    /// The topic that consent is asked for; absent for transactional templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Who writes; the only sender if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The subject (e-mail).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// The HTML part (e-mail).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The plain part (e-mail), or the body of the request (webhook).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What is pushed (push).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushSource>,
    /// Whether links are rewritten and a pixel is added.
    #[serde(default = "yes")]
    pub tracking: bool,
    /// Whether a transactional message is sent once more after *unknown*.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub resend_unknown: bool,
    /// Whether characters that a telephone's alphabet lacks are written with plainer ones, where
    /// there are some (SMS): `“` becomes `"`, and a part holds more than twice as much.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub transliterate: bool,
    /// What a country asks for besides (SMS): `dlt-template-id: "1107…"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extras: BTreeMap<String, String>,
    /// How long a message may wait.
    #[serde(default, with = "optional_span", skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Duration>,
    /// Pictures that the HTML shows from within the message: `<img src="cid:logo">`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<crate::message::attached::Written>,
}

fn email() -> Channel {
    Channel::Email
}

impl Template {
    /// Its parts by name, as they are rendered.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let subject =
            (self.channel == Channel::Email).then_some(("subject", self.subject.as_str()));
        let html = self.html.as_deref().map(|html| ("html", html));
        let text = self.text.as_deref().map(|text| ("text", text));
        let push = self.push.iter().flat_map(PushSource::parts);
        subject.into_iter().chain(html).chain(text).chain(push)
    }

    /// The variables that it uses, each with its part.
    pub fn variables(&self) -> Vec<(&'static str, template::Variable)> {
        let of_part = |(part, text): (&'static str, &str)| {
            let parsed = template::parse(text, &BTreeMap::new()).ok()?;
            Some(parsed.variables().into_iter().map(move |variable| (part, variable)))
        };
        self.parts().filter_map(of_part).flatten().collect()
    }

    /// A filled text as it leaves by SMS: without space around it, and plainer if that is wished.
    pub fn text_message(&self, filled: &str) -> String {
        let text = filled.trim();
        if self.transliterate { sms::transliterate(text) } else { text.to_owned() }
    }

    /// What it needs of its event: paths that are used without a fallback.
    pub fn needed(&self) -> BTreeSet<String> {
        let variables = self.variables().into_iter().map(|(_, variable)| variable);
        let needed = variables.filter(|v| v.path.starts_with("event.") && !v.guarded);
        needed.map(|variable| variable.path).collect()
    }

    /// The names below `profile` that it needs.
    pub fn attributes(&self) -> BTreeSet<String> {
        self.below(&["profile"])
    }

    /// The computed attributes that it needs.
    pub fn computed(&self) -> BTreeSet<String> {
        self.below(&["profile", COMPUTED])
    }

    /// The lists whose payload it needs.
    pub fn lists(&self) -> BTreeSet<String> {
        self.below(&["profile", LISTS])
    }

    /// The placements whose offers it shows.
    pub fn offers(&self) -> BTreeSet<String> {
        self.below(&[OFFERS])
    }

    fn below(&self, names: &[&str]) -> BTreeSet<String> {
        self.variables()
            .into_iter()
            .filter_map(|(_, variable)| {
                let mut parts = variable.path.split('.');
                let within = names.iter().all(|name| parts.next() == Some(name));
                within.then(|| parts.next().map(str::to_owned))?
            })
            .collect()
    }
}

pub(super) mod optional_span {
    use crate::prelude::*;
    use crate::time::Duration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(span: &Option<Duration>, s: S) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => s.collect_str(span),
            None => s.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Duration>, D::Error> {
        let text = Option::<String>::deserialize(d)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}
