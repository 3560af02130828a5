//! What a journey's definition names, place by place: rules, events, attributes that it sets.

use super::{Definition, StepSource};
use crate::limits::TEMPLATE_DEPTH_MAX;
use crate::prelude::*;

/// Something that a definition names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written<'d> {
    /// A rule, in its text form.
    Rule(&'d str),
    /// An event that starts it, or that it waits for.
    Event(&'d str),
    /// A property, by its path, that tells the walks of one person apart which this event starts.
    Key(&'d str, &'d str),
}

/// Goes through a definition in the order in which it is written; each place has its path.
pub fn written<'d>(source: &'d Definition, see: &mut dyn FnMut(String, Written<'d>)) {
    let entry = &source.entry;
    if let Some(event) = &entry.event {
        see("entry.event".to_owned(), Written::Event(event));
        if let Some(key) = &entry.key {
            see("entry.key".to_owned(), Written::Key(event, key));
        }
    }
    if let Some(rule) = &entry.filter {
        see("entry.where".to_owned(), Written::Rule(rule));
    }
    if let Some(rule) = &source.exit_when {
        see("exit-when".to_owned(), Written::Rule(rule));
    }
    each(&source.steps, "steps", 0, &mut |at, step| {
        if let Some(wait) = &step.wait_for {
            see(format!("{at}.wait-for.event"), Written::Event(&wait.event));
            if let Some(rule) = &wait.filter {
                see(format!("{at}.wait-for.where"), Written::Rule(rule));
            }
        }
        if let Some(rule) = &step.condition {
            see(format!("{at}.if"), Written::Rule(rule));
        }
    });
}

/// The attributes that its steps set.
pub fn sets<'d>(source: &'d Definition, see: &mut dyn FnMut(&'d str)) {
    each(&source.steps, "steps", 0, &mut |_, step| step.set.keys().for_each(|name| see(name)));
}

/// Steps with their paths, those of branches behind their own. What is nested deeper than is
/// published is passed over.
fn each<'d>(
    steps: &'d [StepSource],
    path: &str,
    depth: usize,
    see: &mut dyn FnMut(&str, &'d StepSource),
) {
    if depth > TEMPLATE_DEPTH_MAX {
        return;
    }
    for (place, step) in steps.iter().enumerate() {
        let at = format!("{path}.{place}");
        see(&at, step);
        each(&step.then, &format!("{at}.then"), depth + 1, see);
        each(&step.otherwise, &format!("{at}.else"), depth + 1, see);
    }
}
