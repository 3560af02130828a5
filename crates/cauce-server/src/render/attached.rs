//! The files of an e-mail: those of its request, and the pictures of its template.

use super::Ready;
use cauce_core::event::Properties;
use cauce_core::message::Attachment;
use cauce_core::message::attached::{ATTACHED, of_value};
use cauce_core::value::Value;

/// What travels with a message. A picture of the request stands for one of the template that has
/// the same name.
pub(super) fn files(ready: &Ready, values: &Properties) -> Vec<Attachment> {
    let event = values.get("event");
    let mut files = event.and_then(|event| event.at([ATTACHED])).map_or_else(Vec::new, of_value);
    let known = |files: &[Attachment], id: &Option<String>| {
        id.is_some() && files.iter().any(|file| file.inline_id == *id)
    };
    for picture in &ready.source.images {
        if !known(&files, &picture.inline_id) {
            files.extend(picture.read());
        }
    }
    files
}

/// Takes the files away from what a template sees.
pub(super) fn hide(values: &mut Properties) {
    if let Some(Value::Object(event)) = values.get_mut("event") {
        event.remove(ATTACHED);
    }
}
