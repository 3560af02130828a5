//! The mapping as people write it: which columns become what of an event.

use super::condition::Condition;
use super::value::Value;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A mapping file, read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Mapping {
    /// `csv`, `ndjson` or `parquet`; by the file's name if absent.
    pub format: Option<Format>,
    /// Between the fields of a CSV; a comma if absent.
    pub delimiter: Option<char>,
    /// The zone of times that say none.
    pub zone: Option<String>,
    /// Whether spaces around cells are kept.
    pub keep_spaces: bool,
    /// Goes into derived ids, so that two files with equal keys do not meet.
    pub source: String,
    /// What columns hold; text if a column is not named here.
    pub columns: BTreeMap<String, Column>,
    /// The first that holds names the event, or skips the row.
    pub rules: Vec<Rule>,
    /// What an event's id is made of; the whole row, or the group's key.
    pub id: Id,
    /// Rows that agree in these columns are one event.
    pub group_by: Vec<String>,
    /// Whether rows that are equal in every column count once within their group.
    pub identical_rows: Identical,
    /// Who the event is about, by namespace.
    pub aliases: BTreeMap<String, Value>,
    /// When it happened: a column.
    pub occurred_at: Option<String>,
    /// What it says.
    pub properties: BTreeMap<String, Value>,
    /// What it sets.
    pub attributes: BTreeMap<String, Value>,
    /// What the person allowed.
    pub consents: Vec<Consent>,
    /// The columns of every sum, each once.
    #[serde(skip)]
    pub sums: Vec<Vec<String>>,
}

/// The shape of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// RFC 4180, with a header line.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Columns with types.
    Parquet,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Text.
    #[default]
    Text,
    /// A decimal number.
    Number,
    /// A whole number; `17850.0` is one.
    Integer,
    /// A time.
    Date,
    /// `true` or `false`, `yes` or `no`, `1` or `0`.
    Boolean,
}

/// A column with what is needed to read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// What it holds.
    pub kind: Kind,
    /// How a time is written (strftime); the usual forms if absent.
    pub format: Option<String>,
    /// The zone of times that say none.
    pub zone: Option<String>,
    /// A time as a number since 1970.
    pub unit: Option<Unit>,
}

/// What a number since 1970 counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Column, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        struct Long {
            #[serde(default, rename = "type")]
            kind: Kind,
            format: Option<String>,
            zone: Option<String>,
            unit: Option<Unit>,
        }
        let json = Json::deserialize(deserializer)?;
        let read = if json.is_string() {
            Kind::deserialize(json).map(|kind| Column { kind, ..Column::default() })
        } else {
            Long::deserialize(json).map(|long| Column {
                kind: long.kind,
                format: long.format,
                zone: long.zone,
                unit: long.unit,
            })
        };
        read.map_err(serde::de::Error::custom)
    }
}

/// One line of the list that decides what a row is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Rule {
    /// For which rows; all if absent.
    pub when: Option<Condition>,
    /// They become this event…
    pub event: Option<String>,
    /// …or nothing, for this reason.
    pub skip: Option<String>,
}

/// What an event's id is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Id {
    /// All of the row: equal rows are one event.
    #[default]
    Row,
    /// The row and its line: equal rows are as many events.
    Line,
    /// These columns.
    Columns(Vec<String>),
    /// The reporter's own id, from this column.
    Column(String),
}

/// What equal rows of one group are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identical {
    /// As many as there are.
    #[default]
    Each,
    /// One.
    Once,
}

/// A consent that rows say.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Consent {
    /// For which rows; all if absent.
    #[serde(default)]
    pub when: Option<Condition>,
    /// The topic; `*` for all.
    pub topic: String,
    /// `granted` or `withdrawn`.
    pub state: State,
    /// The channel; all if absent.
    #[serde(default)]
    pub channel: Option<String>,
    /// Where it was said.
    #[serde(default)]
    pub source: Option<Value>,
    /// What the person read.
    #[serde(default)]
    pub wording: Option<Value>,
}

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Yes.
    Granted,
    /// No.
    Withdrawn,
}

impl State {
    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Granted => "granted",
            State::Withdrawn => "withdrawn",
        }
    }
}

impl Mapping {
    /// Reads a mapping file.
    pub fn open(file: &Path) -> anyhow::Result<Mapping> {
        use anyhow::Context as _;
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the mapping `{}`", file.display()))?;
        Mapping::parse(&text).with_context(|| format!("in the mapping `{}`", file.display()))
    }

    /// Reads a mapping's text, and finds its faults that can be seen without the file.
    pub fn parse(text: &str) -> anyhow::Result<Mapping> {
        let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(text)?;
        Mapping::read(crate::cli::definitions::plain(yaml)?)
    }

    /// The same of what is read already.
    pub fn read(document: Json) -> anyhow::Result<Mapping> {
        let mut mapping: Mapping = serde_json::from_value(document)?;
        let values = mapping.properties.values().chain(mapping.attributes.values());
        let sums: BTreeSet<&Vec<String>> = values
            .filter_map(|value| match value {
                Value::Sum(columns) => Some(columns),
                _ => None,
            })
            .collect();
        mapping.sums = sums.into_iter().cloned().collect();
        let faults = mapping.faults();
        anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n  "));
        Ok(mapping)
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.rules.is_empty() {
            faults.push("`rules` is missing: `rules: [{event: order_completed}]`".to_owned());
        }
        for (place, rule) in self.rules.iter().enumerate() {
            if rule.event.is_some() == rule.skip.is_some() {
                faults.push(format!("rules.{place}: give either `event` or `skip`"));
            }
            if rule.when.is_none() && place + 1 < self.rules.len() {
                let text = "has no `when`, so that nothing after it is ever looked at";
                faults.push(format!("rules.{place}: {text}"));
            }
        }
        if self.aliases.is_empty() {
            faults.push("`aliases` is missing: `aliases: {user_id: CustomerID}`".to_owned());
        }
        if self.group_by.is_empty() && self.identical_rows == Identical::Once {
            faults.push("`identical-rows` belongs to `group-by`".to_owned());
        }
        if !self.group_by.is_empty() && self.id != Id::Row {
            faults.push("`id`: with `group-by` the group's key is the id".to_owned());
        }
        if !self.delimiter.unwrap_or(',').is_ascii() {
            faults.push("`delimiter` is one ASCII character".to_owned());
        }
        let zones = self.columns.values().map(|column| &column.zone).chain([&self.zone]);
        for zone in zones.flatten() {
            if jiff::tz::TimeZone::get(zone).is_err() {
                faults.push(format!("there is no zone `{zone}` (`Europe/London`, `UTC`)"));
            }
        }
        for (name, column) in &self.columns {
            if column.kind != Kind::Date && (column.format.is_some() || column.unit.is_some()) {
                faults.push(format!("columns.{name}: `format` and `unit` belong to `type: date`"));
            }
        }
        faults
    }

    /// Every column that the mapping names.
    pub fn names(&self) -> BTreeSet<&str> {
        let mut names: BTreeSet<&str> = self.columns.keys().map(String::as_str).collect();
        names.extend(self.group_by.iter().map(String::as_str));
        names.extend(self.occurred_at.as_deref());
        match &self.id {
            Id::Row | Id::Line => {}
            Id::Columns(columns) => names.extend(columns.iter().map(String::as_str)),
            Id::Column(column) => names.extend([column.as_str()]),
        }
        let values = self.aliases.values().chain(self.properties.values());
        let said = self.consents.iter().flat_map(|c| c.source.iter().chain(&c.wording));
        for value in values.chain(self.attributes.values()).chain(said) {
            value.names(&mut names);
        }
        let conditions = self.rules.iter().filter_map(|rule| rule.when.as_ref());
        let conditions = conditions.chain(self.consents.iter().filter_map(|c| c.when.as_ref()));
        conditions.for_each(|condition| condition.names(&mut names));
        names
    }

    /// What stands against reading a file with these columns.
    pub fn check_columns(&self, header: &[String]) -> anyhow::Result<()> {
        let mut faults = Vec::new();
        let known: BTreeSet<&str> = header.iter().map(String::as_str).collect();
        if known.len() < header.len() {
            faults.push("the header names a column twice".to_owned());
        }
        for name in self.names().into_iter().filter(|name| !known.contains(name)) {
            let near = cauce_core::diagnostic::nearest(name, known.iter().copied());
            faults.push(match near {
                Some(near) => format!("there is no column `{name}`; did you mean `{near}`?"),
                None => format!("there is no column `{name}`: {}", header.join(", ")),
            });
        }
        anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n  "));
        Ok(())
    }

    /// How a column is read.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let said = match Mapping::parse(text) {
            Ok(mapping) => mapping.names().into_iter().collect::<Vec<_>>().join(" "),
            Err(error) => format!("{error:#}"),
        };
        assert!(said.contains(expected), "{text}\n{said}");
    }

    #[test]
    fn names_are_collected_from_everywhere() {
        check(
            "rules: [{when: {column: a, empty: true}, skip: x}, {event: e}]\n\
             aliases: {user_id: b, email: {text: 'x{c}@d.e'}}\noccurred-at: t\ngroup-by: [g]\n\
             properties: {p: {sum: [q, r]}}\ncolumns: {t: {type: date, zone: UTC}}",
            "a b c g q r t",
        );
    }

    #[test]
    fn faults_say_what_to_do() {
        let rest = "rules: [{event: e}]\naliases: {user_id: u}\n";
        check("aliases: {user_id: u}", "`rules` is missing");
        check("rules: [{event: e, skip: s}]\naliases: {user_id: u}", "either `event` or `skip`");
        check("rules: [{event: e}, {event: f}]\naliases: {user_id: u}", "ever looked at");
        check("rules: [{event: e}]", "`aliases` is missing");
        check(&format!("{rest}zone: Europe/Lundon"), "there is no zone `Europe/Lundon`");
        check(&format!("{rest}colums: {{}}"), "unknown field `colums`");
        check(&format!("{rest}columns: {{x: integr}}"), "unknown variant `integr`");
        check(&format!("{rest}properties: {{p: {{colum: x}}}}"), "unknown field `colum`");
        check(&format!("{rest}identical-rows: once"), "belongs to `group-by`");
    }

    #[test]
    fn an_unknown_column_names_the_nearest() {
        let mapping = Mapping::parse("rules: [{event: e}]\naliases: {user_id: CustomrID}").unwrap();
        let header = ["CustomerID".to_owned(), "Country".to_owned()];
        let said = mapping.check_columns(&header).unwrap_err().to_string();
        assert_eq!(said, "there is no column `CustomrID`; did you mean `CustomerID`?");
    }
}
