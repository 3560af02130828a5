//! Definitions as files: one YAML file each, in a folder per kind; a template's parts may lie
//! beside it as `name.html` and `name.txt`.

use anyhow::{Context, bail};
use cauce_core::diagnostic::Diagnostic;
use cauce_core::publish::{Body, Kind, Name};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads a directory into the request of the API.
pub fn read(directory: &Path, prune: bool) -> anyhow::Result<Value> {
    if !directory.is_dir() {
        bail!("`{}` is no directory", directory.display());
    }
    let mut kinds = Map::new();
    let mut faults = Vec::new();
    for kind in Kind::ALL {
        let folder = directory.join(kind.folder());
        let mut documents = Map::new();
        // Of these there is one; it needs no folder.
        if matches!(kind, Kind::Policy | Kind::Sharing) {
            let file = directory.join(format!("{kind}.yaml"));
            if file.is_file() {
                one(&file, &mut documents, &mut faults);
            }
        }
        if folder.is_dir() {
            let mut files: Vec<_> = std::fs::read_dir(&folder)?
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|file| file.extension().is_some_and(|e| e == "yaml" || e == "yml"))
                .collect();
            files.sort();
            for file in files {
                one(&file, &mut documents, &mut faults);
            }
        }
        if !documents.is_empty() {
            kinds.insert(kind.folder().to_owned(), Value::Object(documents));
        }
    }
    if !faults.is_empty() {
        bail!("some files cannot be read:\n  {}", faults.join("\n  "));
    }
    if kinds.is_empty() {
        let folders: Vec<_> = Kind::ALL.iter().map(|kind| kind.folder()).collect();
        bail!(
            "there are no definitions in `{}`; they lie in folders named {}",
            directory.display(),
            folders.join(", ")
        );
    }
    Ok(json!({ "definitions": kinds, "prune": prune }))
}

/// Prints the texts of pages in a language that comes with the program.
pub fn pages(language: &str, json: bool) -> anyhow::Result<std::process::ExitCode> {
    use crate::http::people::texts::shipped;
    let Some(words) = shipped().get(language) else {
        let known: Vec<_> = shipped().keys().map(String::as_str).collect();
        bail!("`{language}` does not come with the program; {} do", known.join(" and "));
    };
    let answer = json!({ "pages": { language: words } });
    let yaml = serde_yaml_ng::to_string(&answer)?;
    super::talk::say(&answer, json, |_| yaml.trim_end().to_owned())
}

/// The definitions of such a request, and why some cannot be read.
pub fn bodies(request: &Value) -> (BTreeMap<Name, Body>, Vec<Diagnostic>) {
    let (mut wanted, mut faults) = (BTreeMap::new(), Vec::new());
    for (folder, documents) in request["definitions"].as_object().into_iter().flatten() {
        let Ok(kind) = folder.parse::<Kind>() else { continue };
        for (name, document) in documents.as_object().into_iter().flatten() {
            match Body::read(kind, document.clone()) {
                Ok(body) => {
                    wanted.insert((kind, name.clone()), body);
                }
                Err(why) => {
                    faults.push(Diagnostic::error(format!("{kind}/{name}"), "unreadable", why));
                }
            }
        }
    }
    (wanted, faults)
}

fn one(file: &Path, documents: &mut Map<String, Value>, faults: &mut Vec<String>) {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match document(file) {
        Ok(document) => {
            documents.insert(name, document);
        }
        Err(error) => faults.push(format!("{}: {error:#}", file.display())),
    }
}

fn document(file: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(file).context("cannot be read")?;
    // Through YAML's own values: numbers and dates arrive as JSON has them.
    let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text)?;
    let mut document = plain(yaml)?;
    for (part, extension) in [("html", "html"), ("text", "txt")] {
        let beside = file.with_extension(extension);
        if beside.is_file() {
            let content = std::fs::read_to_string(&beside)
                .with_context(|| format!("`{}` cannot be read", beside.display()))?;
            if let Some(object) = document.as_object_mut() {
                if object.contains_key(part) {
                    bail!("has `{part}`, and `{}` lies beside it", beside.display());
                }
                object.insert(part.to_owned(), Value::String(content));
            }
        }
    }
    // A mapping may be a file that `cauce import` takes as well.
    if let Some(Value::String(name)) = document.get("mapping") {
        let beside = file.parent().unwrap_or(Path::new(".")).join(name);
        let text = std::fs::read_to_string(&beside)
            .with_context(|| format!("the mapping `{}` cannot be read", beside.display()))?;
        document["mapping"] = plain(serde_yaml_ng::from_str(&text)?)
            .with_context(|| format!("in the mapping `{}`", beside.display()))?;
    }
    Ok(document)
}

/// A YAML value as JSON.
pub fn plain(yaml: serde_yaml_ng::Value) -> anyhow::Result<Value> {
    use serde_yaml_ng::Value as Yaml;
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(truth),
        Yaml::Number(number) => serde_json::from_str(&number.to_string())
            .with_context(|| format!("`{number}` is no number for JSON"))?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => {
            Value::Array(items.into_iter().map(plain).collect::<anyhow::Result<_>>()?)
        }
        Yaml::Mapping(fields) => {
            let mut object = Map::new();
            for (key, value) in fields {
                let key = match key {
                    Yaml::String(text) => text,
                    Yaml::Bool(truth) => truth.to_string(),
                    Yaml::Number(number) => number.to_string(),
                    other => bail!("a key is text, not {other:?}"),
                };
                object.insert(key, plain(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => plain(tagged.value)?,
    })
}
