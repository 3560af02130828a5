//! Rows of an upload: added, taken off, or in the place of everything before.

use super::super::Shared;
use super::super::auth::Uploader;
use super::super::error::{Code, Problem};
use super::super::v1::events::{Document, by_line, documents};
use super::super::v1::segment::{Refused, refusal};
use super::super::v1::{inflate, room, too_many, trace};
use super::lists::definition;
use crate::app::App;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use cauce_core::decide::home;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::ids::{TraceId, hash128};
use cauce_core::input::Body;
use cauce_core::limits;
use cauce_core::list::{self, Expiry, Listed, Stamp, Terms, Upload};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::atomic::Ordering;

/// What may be said in the address.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The name of an upload in several requests; each request is an upload of its own if absent.
    upload: Option<String>,
    /// As of when the source knew this (RFC 3339): of two uploads the later one holds. Now if
    /// absent; the same for all requests of one upload.
    as_of: Option<String>,
    /// The number of the first row within the upload: of two rows for one name the later one holds.
    from: Option<u64>,
    /// When rows expire that do not say it: `30d`, or an RFC 3339 time.
    expires: Option<String>,
    /// All rows are taken off the list.
    #[serde(default)]
    remove: bool,
    /// Where the rows come from; the key's name if absent.
    source: Option<String>,
}

/// What became of the rows.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Taken {
    /// Rows that are durable, and applied.
    accepted: usize,
    /// Rows that were refused, each with every fault.
    rejected: Vec<Refused>,
    /// What ties everything together that this request causes: `cauce explain` takes it.
    trace: String,
}

/// An upload, as the address says.
struct Asked {
    upload: Upload,
    terms: Terms,
    from: u64,
}

impl Options {
    fn read(&self, app: &App, key: &str) -> Result<Asked, Problem> {
        let bad = |field: &str, text: &str, expected: &str| {
            let fault = Diagnostic::error(field, "bad-time", format!("`{text}`: {expected}"));
            let mut problem = Problem::new(Code::Invalid, "the address has faults");
            problem.hint = Some("nothing was taken".to_owned());
            problem.fields(vec![fault])
        };
        let now = app.node.now();
        let at = match &self.as_of {
            None => now,
            Some(text) => text.parse().map_err(|why| {
                let why: cauce_core::time::Malformed = why;
                bad("as_of", text, &why.to_string())
            })?,
        };
        // Nobody knows now what will be: a row from the future would win for ever.
        let at = Timestamp::min(at, now);
        let expires = match &self.expires {
            None => None,
            Some(text) => Some(Expiry::parse(text).ok_or_else(|| {
                bad("expires", text, "expected a time such as `2026-11-24T16:00:00Z`, or `30d`")
            })?),
        };
        let id = match &self.upload {
            Some(name) => hash128(&[b"upload", name.as_bytes()]),
            None => {
                let turn = app.who.uploads.fetch_add(1, Ordering::Relaxed);
                u128::from(turn) << 64 | u128::from(u64::from_be_bytes(crate::keys::random()))
            }
        };
        let source = self.source.clone().unwrap_or_else(|| format!("key {key}"));
        if source.len() > limits::NAME_BYTES_MAX {
            return Err(Problem::new(Code::TooLarge, "`source` has at most 128 bytes"));
        }
        let terms = Terms { expires, remove: self.remove, source };
        Ok(Asked { upload: Upload { at, id }, terms, from: self.from.unwrap_or(1) })
    }
}

/// The rows of a body: NDJSON, CSV, or JSON.
fn rows(headers: &HeaderMap, body: &Bytes) -> Result<Vec<Document>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match kind {
        Some(kind) if kind.contains("csv") => csv(body),
        Some(kind) if kind.contains("ndjson") || kind.contains("jsonl") => by_line(body),
        _ => documents(body),
    }
}

fn csv(body: &[u8]) -> Result<Vec<Document>, Problem> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(body);
    let unreadable = |error: csv::Error| {
        Problem::new(Code::Malformed, format!("not CSV: {error}")).hint("nothing was taken")
    };
    let header = reader.headers().map_err(unreadable)?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        if rows.len() == limits::REQUEST_EVENTS_MAX {
            return Err(too_many());
        }
        rows.push(match record {
            Ok(record) if record.len() == header.len() => {
                let cells = header.iter().zip(&record);
                let cell = |(name, cell): (&str, &str)| (name.trim().to_owned(), cell.into());
                // An empty cell says nothing.
                let said = cells.filter(|(_, cell)| !cell.trim().is_empty());
                Ok(Value::Object(said.map(cell).collect()))
            }
            Ok(record) => {
                let (found, wanted) = (record.len(), header.len());
                let message = format!("has {found} fields, the header has {wanted}");
                Err(Diagnostic::error("", "wrong-fields", message))
            }
            Err(error) => {
                Err(Diagnostic::error("", "malformed", format!("cannot be read: {error}")))
            }
        });
    }
    Ok(rows)
}

/// Rows that are taken, and faults of the others by their place.
type Admitted = (Vec<Listed>, Vec<(usize, Vec<Diagnostic>)>);

fn admit(app: &App, name: &str, asked: &Asked, rows: Vec<Document>) -> Result<Admitted, Problem> {
    let list = definition(app, name)?;
    let namespaces = &app.catalog().namespaces;
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for (place, row) in rows.into_iter().enumerate() {
        let stamp = Stamp { upload: asked.upload, row: asked.from.saturating_add(place as u64) };
        let admitted = row
            .map_err(|fault| vec![fault])
            .and_then(|row| list::admit((name, &list), &row, stamp, &asked.terms, namespaces));
        match admitted {
            Ok(row) => taken.push(row),
            Err(faults) => refused.push((place, faults)),
        }
    }
    Ok((taken, refused))
}

/// Appends rows and waits until they are applied wherever their people live: what replaces the list
/// must not come before them.
async fn apply(app: &App, rows: Vec<Listed>, trace: TraceId) -> Result<(), Problem> {
    let all = rows.into_iter().map(|row| {
        let partition = home(&row.alias, app.node.partitions());
        app.append_applied(partition, Body::Listed(Box::new(row)), trace)
    });
    for done in futures_util::future::join_all(all).await {
        done?;
    }
    Ok(())
}

fn faulty(refused: Vec<(usize, Vec<Diagnostic>)>) -> Problem {
    let count = refused.len();
    let first = refused.into_iter().next();
    let (place, faults) = first.unwrap_or_default();
    let detail = match count {
        1 => format!("row {} has faults", place + 1),
        count => format!("{count} rows have faults; those of row {} are listed", place + 1),
    };
    let mut problem = Problem::new(Code::Invalid, detail).fields(faults);
    problem.hint = Some("nothing was taken".to_owned());
    problem
}

/// Puts people on a list, or takes them off: rows as NDJSON, CSV or JSON. 202: those that were
/// accepted are durable and applied.
#[utoipa::path(post, path = "/v1/lists/{name}", tag = "lists",
    params(("name" = String, Path), Options),
    request_body(content = Object, description = "rows as NDJSON, CSV, or a JSON array"),
    responses((status = 202, body = Taken), (status = 404, body = Problem),
              (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn add(
    uploader: Uploader,
    State(app): Shared,
    Path(name): Path<String>,
    Query(options): Query<Options>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Taken>), Problem> {
    room(&app)?;
    let asked = options.read(&app, &uploader.0)?;
    let body = inflate(&headers, body)?;
    let (taken, refused) = admit(&app, &name, &asked, rows(&headers, &body)?)?;
    if taken.is_empty() && !refused.is_empty() {
        return Err(faulty(refused));
    }
    let (accepted, trace) = (taken.len(), trace());
    apply(&app, taken, trace).await?;
    let rejected = refused.into_iter().map(|(place, faults)| refusal(place, faults)).collect();
    let trace = trace.to_string();
    Ok((StatusCode::ACCEPTED, Json(Taken { accepted, rejected, trace })))
}

/// Replaces a list by the rows of one request: all of them or, if one has a fault, nothing. Whoever
/// is in both is never off the list; whoever is not in it any more leaves.
#[utoipa::path(put, path = "/v1/lists/{name}", tag = "lists",
    params(("name" = String, Path), Options),
    request_body(content = Object, description = "rows as NDJSON, CSV, or a JSON array"),
    responses((status = 202, body = Taken), (status = 404, body = Problem),
              (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn replace(
    uploader: Uploader,
    State(app): Shared,
    Path(name): Path<String>,
    Query(options): Query<Options>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Taken>), Problem> {
    room(&app)?;
    let asked = options.read(&app, &uploader.0)?;
    let body = inflate(&headers, body)?;
    let (taken, refused) = admit(&app, &name, &asked, rows(&headers, &body)?)?;
    if !refused.is_empty() {
        return Err(faulty(refused));
    }
    let (accepted, trace) = (taken.len(), trace());
    apply(&app, taken, trace).await?;
    app.everywhere(&Body::ListSealed { list: name, upload: asked.upload }).await?;
    let (rejected, trace) = (Vec::new(), trace.to_string());
    Ok((StatusCode::ACCEPTED, Json(Taken { accepted, rejected, trace })))
}

/// Ends an upload of several requests that replaces a list: whoever it did not name leaves.
#[utoipa::path(post, path = "/v1/lists/{name}/seal", tag = "lists",
    params(("name" = String, Path), Options),
    responses((status = 202), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn seal(
    uploader: Uploader,
    State(app): Shared,
    Path(name): Path<String>,
    Query(options): Query<Options>,
) -> Result<StatusCode, Problem> {
    definition(&app, &name)?;
    if options.upload.is_none() || options.as_of.is_none() {
        let detail = "an upload is named by `upload` and `as_of`, as its rows were";
        return Err(Problem::new(Code::Invalid, detail).hint("nothing was changed"));
    }
    let Asked { upload, .. } = options.read(&app, &uploader.0)?;
    app.everywhere(&Body::ListSealed { list: name, upload }).await?;
    Ok(StatusCode::ACCEPTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &str) {
        let shown = match csv(body.as_bytes()) {
            Ok(rows) => rows
                .iter()
                .map(|row| match row {
                    Ok(row) => row.to_string(),
                    Err(fault) => fault.to_string(),
                })
                .collect::<Vec<_>>()
                .join("|"),
            Err(problem) => problem.detail,
        };
        assert_eq!(shown, expected, "{body}");
    }

    #[test]
    fn lines_of_a_csv_are_rows() {
        let row = r#"{"email":"a@b.c","tier":"x, y"}"#;
        check("\u{feff}email, tier\r\na@b.c,\"x, y\"\r\n", row);
        check("email,tier\na@b.c,\n", r#"{"email":"a@b.c"}"#);
        check("email,tier\na@b.c\n", "has 1 fields, the header has 2");
        check("email\n", "");
        let many = format!("email\n{}", "a@b.c\n".repeat(limits::REQUEST_EVENTS_MAX + 1));
        assert_eq!(csv(many.as_bytes()).unwrap_err().status, 413);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_rows_or_none(
            body in proptest::collection::vec(proptest::num::u8::ANY, 0..80),
        ) {
            if let Ok(rows) = csv(&body) {
                proptest::prop_assert!(rows.len() <= body.len());
            }
        }
    }
}
