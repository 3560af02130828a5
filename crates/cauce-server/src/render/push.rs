//! A push: its texts filled in, and its size known before it leaves.

use super::{Content, Ready, Rendering, Site, Unrendered, parse};
use crate::tokens::Purpose;
use cauce_core::decision::HandOver;
use cauce_core::message::content::push::{Button, COLLAPSE_BYTES_MAX, Push, TTL};
use cauce_core::publish::PushSource;
use cauce_core::template::{self, Escape, Template};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use std::collections::BTreeMap;

/// A push's texts, parsed once per plan.
pub(super) struct Parsed {
    title: Option<Template>,
    body: Option<Template>,
    image: Option<Template>,
    link: Option<Template>,
    badge: Option<Template>,
    sound: Option<Template>,
    category: Option<Template>,
    collapse_key: Option<Template>,
    buttons: Vec<(String, Option<Template>, Option<Template>)>,
    data: BTreeMap<String, Template>,
}

impl Parsed {
    pub(super) fn new(source: &PushSource) -> Parsed {
        let optional = |text: &Option<String>| text.as_deref().and_then(parse);
        let button = |button: &cauce_core::publish::ButtonSource| {
            (button.action.clone(), parse(&button.title), parse(&button.link))
        };
        let data = source.data.iter();
        Parsed {
            title: parse(&source.title),
            body: parse(&source.body),
            image: optional(&source.image),
            link: optional(&source.link),
            badge: optional(&source.badge),
            sound: optional(&source.sound),
            category: optional(&source.category),
            collapse_key: optional(&source.collapse_key),
            buttons: source.buttons.iter().map(button).collect(),
            data: data.filter_map(|(name, text)| Some((name.clone(), parse(text)?))).collect(),
        }
    }
}

/// Fills texts in: all of one push with the same values.
struct Filling<'f> {
    values: &'f Value,
    options: template::Options,
}

impl Filling<'_> {
    fn text(&self, part: &str, parsed: Option<&Template>) -> Result<String, String> {
        let Some(parsed) = parsed else { return Ok(String::new()) };
        template::render(parsed, self.values, &self.options)
            .map(|text| text.trim().to_owned())
            .map_err(|fault| format!("{part}: {fault}"))
    }

    /// A text that may be absent: one that comes out empty is.
    fn optional(&self, part: &str, parsed: Option<&Template>) -> Result<Option<String>, String> {
        Ok(Some(self.text(part, parsed)?).filter(|text| !text.is_empty()))
    }
}

impl Rendering {
    pub(super) fn push(
        &self,
        site: &Site,
        ready: &Ready,
        hand_over: &HandOver,
        values: &Value,
        now: Timestamp,
    ) -> Result<Content, Unrendered> {
        let nothing = || "the template has nothing to push".to_owned();
        let source = ready.source.push.as_ref().ok_or_else(nothing)?;
        let parsed = ready.push.as_ref().ok_or_else(nothing)?;
        let filling = Filling { values, options: self.options(Escape::None, now, values) };
        let mut push = fill(source, parsed, &filling, now)?;
        push.message = hand_over.message;
        // A service keeps it for as long as that: not beyond the message's own end, and not into
        // somebody's night.
        push.expires = push.expires.min(hand_over.expires);
        push.targets.clone_from(&hand_over.targets);
        push.opened = site.tokens.make(Purpose::Open, hand_over.message, "");
        // Where it fits some of the devices it goes to those, and the others say why not.
        let mut reasons = push.targets.iter().map(|target| push.too_large(target.way()));
        if let Some(Some(reason)) = reasons.next()
            && reasons.all(|reason| reason.is_some())
        {
            return Err(reason.into());
        }
        Ok(Content::Push(Box::new(push)))
    }

    /// The push of a template for somebody who looks, as far as it can be made: for its sizes.
    pub fn push_preview(
        &self,
        source: &PushSource,
        values: &Value,
        now: Timestamp,
    ) -> Result<Push, String> {
        let filling = Filling { values, options: self.options(Escape::None, now, values) };
        let mut push = fill(source, &Parsed::new(source), &filling, now)?;
        push.opened = cauce_core::publish::bare(source).opened;
        Ok(push)
    }
}

/// What is pushed, before it is said to whom.
fn fill(
    source: &PushSource,
    parsed: &Parsed,
    filling: &Filling<'_>,
    now: Timestamp,
) -> Result<Push, String> {
    let bare = cauce_core::publish::bare(source);
    let body = filling.text("body", parsed.body.as_ref())?;
    if body.is_empty() && !source.silent {
        return Err("body: it came out empty".to_owned());
    }
    let badge = match filling.optional("badge", parsed.badge.as_ref())? {
        Some(text) => {
            Some(text.parse::<u32>().map_err(|_| format!("badge: `{text}` is no number"))?)
        }
        None => None,
    };
    let collapse_key = filling.optional("collapse-key", parsed.collapse_key.as_ref())?;
    if let Some(key) = collapse_key.as_ref().filter(|key| key.len() > COLLAPSE_BYTES_MAX) {
        let bytes = key.len();
        return Err(format!("collapse-key: {bytes} bytes, at most {COLLAPSE_BYTES_MAX} fit"));
    }
    let mut buttons = Vec::new();
    for (action, title, link) in &parsed.buttons {
        buttons.push(Button {
            action: action.clone(),
            title: filling.text("buttons", title.as_ref())?,
            link: filling.text("buttons", link.as_ref())?,
        });
    }
    let mut data = BTreeMap::new();
    for (name, text) in &parsed.data {
        data.insert(name.clone(), filling.text(&format!("data.{name}"), Some(text))?);
    }
    Ok(Push {
        title: filling.text("title", parsed.title.as_ref())?,
        body,
        image: filling.optional("image", parsed.image.as_ref())?,
        link: filling.optional("link", parsed.link.as_ref())?,
        buttons,
        data,
        badge,
        sound: filling.optional("sound", parsed.sound.as_ref())?,
        category: filling.optional("category", parsed.category.as_ref())?,
        collapse_key,
        at: now,
        expires: now.plus(source.ttl.unwrap_or(TTL)),
        ..bare
    })
}
