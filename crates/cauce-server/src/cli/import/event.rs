//! From rows to events.

use super::mapping::{Column, Id, Identical, Mapping};
use super::row::{Rejected, Row, instant, text};
use super::value::{Rows, Value, cell, product};
use cauce_core::decimal::Decimal;
use cauce_core::ids::hash128;
use cauce_core::time::Timestamp;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// An event, ready to be reported.
#[derive(Debug)]
pub struct Ready {
    /// The line of its first row.
    pub line: u64,
    /// When it happened, as far as the file says.
    pub at: Option<Timestamp>,
    /// The reporter's id of it.
    pub id: String,
    /// The event in the API's shape.
    pub event: Json,
}

/// What a row is.
#[derive(Debug)]
pub enum Verdict {
    /// A part of this event.
    Event(String),
    /// Nothing, for this reason.
    Skip(String),
}

/// The first rule that holds. A row for which none does is skipped and counted.
pub fn judge(mapping: &Mapping, row: &Row) -> Verdict {
    let holds = |when: &Option<super::condition::Condition>| {
        when.as_ref().is_none_or(|condition| condition.holds(row))
    };
    match mapping.rules.iter().find(|rule| holds(&rule.when)) {
        Some(rule) => match (&rule.event, &rule.skip) {
            (Some(event), _) => Verdict::Event(event.clone()),
            (None, reason) => Verdict::Skip(reason.clone().unwrap_or_default()),
        },
        None => Verdict::Skip("no rule".to_owned()),
    }
}

fn occurred(mapping: &Mapping, row: &Row) -> Result<Option<Timestamp>, String> {
    let Some(name) = &mapping.occurred_at else { return Ok(None) };
    let cell = row.cell(name).ok_or_else(|| format!("{name}: is empty"))?;
    let undeclared = Column::default();
    let column = mapping.column(name).unwrap_or(&undeclared);
    let at = instant(column, mapping.zone.as_deref(), &text(&cell));
    at.map(Some).map_err(|why| format!("{name}: {why}"))
}

/// A row's part of the sums that a mapping asks for.
fn sums(mapping: &Mapping, row: &Row) -> Result<Vec<Decimal>, String> {
    mapping.sums.iter().map(|columns| product(row, columns)).collect()
}

/// The event that one row is.
pub fn single(mapping: &Mapping, row: &Row, name: &str) -> Result<Ready, Rejected> {
    let make = || {
        let at = occurred(mapping, row)?;
        let sums = sums(mapping, row)?;
        let id = match &mapping.id {
            Id::Row => derived(mapping, &["row", name, &format!("{:x}", row.hash())]),
            Id::Line => {
                let line = row.line.to_string();
                derived(mapping, &["line", name, &line, &format!("{:x}", row.hash())])
            }
            Id::Columns(columns) => {
                let key = key(row, columns);
                let parts: Vec<&str> = key.iter().map(String::as_str).collect();
                derived(mapping, &[&["columns", name], &parts[..]].concat())
            }
            Id::Column(column) => {
                let cell = cell(mapping, row, column)?;
                text(&cell.ok_or_else(|| format!("{column}: is empty"))?)
            }
        };
        let rows = Rows { earliest: row, first: row, sums: &sums, count: 1 };
        ready(mapping, name, id, at, &rows)
    };
    make().map_err(|why| row.rejected(why))
}

fn derived(mapping: &Mapping, parts: &[&str]) -> String {
    let all: Vec<&[u8]> =
        ["import", &mapping.source].iter().chain(parts).map(|part| part.as_bytes()).collect();
    format!("imp_{:032x}", hash128(&all))
}

fn key(row: &Row, columns: &[String]) -> Vec<String> {
    columns.iter().map(|name| row.cell(name).map(|cell| text(&cell)).unwrap_or_default()).collect()
}

fn ready(
    mapping: &Mapping,
    name: &str,
    id: String,
    at: Option<Timestamp>,
    rows: &Rows<'_>,
) -> Result<Ready, String> {
    let mut event = Map::new();
    event.insert("id".to_owned(), Json::from(id.as_str()));
    event.insert("name".to_owned(), Json::from(name));
    let mut aliases = Map::new();
    for (namespace, value) in &mapping.aliases {
        let Some(value) = value.of(mapping, rows)? else { continue };
        // A number is an alias as its text.
        let value = Json::from(text(&value));
        match namespace.as_str() {
            "user_id" | "anonymous_id" | "email" => event.insert(namespace.clone(), value),
            _ => aliases.insert(namespace.clone(), value),
        };
    }
    if !aliases.is_empty() {
        event.insert("aliases".to_owned(), Json::Object(aliases));
    }
    if let Some(at) = at {
        event.insert("occurred_at".to_owned(), Json::from(at.to_string()));
    }
    for (field, values) in
        [("properties", &mapping.properties), ("attributes", &mapping.attributes)]
    {
        let values = of_all(mapping, values, rows)?;
        if !values.is_empty() {
            event.insert(field.to_owned(), Json::Object(values));
        }
    }
    let consents = consents(mapping, rows)?;
    if !consents.is_empty() {
        event.insert("consents".to_owned(), Json::Array(consents));
    }
    Ok(Ready { line: rows.first.line, at, id, event: Json::Object(event) })
}

fn of_all(
    mapping: &Mapping,
    values: &BTreeMap<String, Value>,
    rows: &Rows<'_>,
) -> Result<Map<String, Json>, String> {
    let mut made = Map::new();
    for (name, value) in values {
        if let Some(value) = value.of(mapping, rows)? {
            made.insert(name.clone(), value);
        }
    }
    Ok(made)
}

fn consents(mapping: &Mapping, rows: &Rows<'_>) -> Result<Vec<Json>, String> {
    let mut said = Vec::new();
    for consent in &mapping.consents {
        if consent.when.as_ref().is_some_and(|condition| !condition.holds(rows.earliest)) {
            continue;
        }
        let mut fact = json!({ "topic": consent.topic, "state": consent.state.as_str() });
        for (field, value) in [("source", &consent.source), ("wording", &consent.wording)] {
            if let Some(value) = value
                && let Some(value) = value.of(mapping, rows)?
            {
                fact[field] = Json::from(text(&value));
            }
        }
        if let Some(channel) = &consent.channel {
            fact["channel"] = Json::from(channel.as_str());
        }
        said.push(fact);
    }
    Ok(said)
}

/// Rows that are one event, as far as they came.
struct Group {
    name: String,
    earliest: (Option<Timestamp>, u128, Row),
    first: Row,
    sums: Vec<Decimal>,
    count: u64,
    /// Rows seen, where equal ones count once.
    seen: HashSet<u128>,
    /// A row of it was rejected.
    broken: Option<u64>,
}

/// Rows gathered by their group. All groups are in memory: the order of rows is anybody's guess.
pub struct Groups<'m> {
    mapping: &'m Mapping,
    groups: HashMap<(String, Vec<String>), Group>,
    /// Rows left out because an equal one counted.
    pub identical: u64,
}

impl<'m> Groups<'m> {
    /// No group yet.
    pub fn new(mapping: &'m Mapping) -> Groups<'m> {
        Groups { mapping, groups: HashMap::new(), identical: 0 }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.groups.len()
    }

    /// Adds a row of an event of this name.
    pub fn add(&mut self, row: Row, name: String) -> Result<(), Rejected> {
        let key = key(&row, &self.mapping.group_by);
        let parts = occurred(self.mapping, &row).and_then(|at| Ok((at, sums(self.mapping, &row)?)));
        let hash = row.hash();
        let line = row.line;
        let (at, added, fault) = match parts {
            Ok((at, sums)) => (at, sums, None),
            Err(why) => (None, Vec::new(), Some(row.rejected(why))),
        };
        let group = self.groups.entry((name.clone(), key)).or_insert_with(|| Group {
            name,
            earliest: (at, hash, row.clone()),
            first: row.clone(),
            sums: vec![Decimal::ZERO; self.mapping.sums.len()],
            count: 0,
            seen: HashSet::new(),
            broken: None,
        });
        if let Some(fault) = fault {
            group.broken.get_or_insert(line);
            return Err(fault);
        }
        if self.mapping.identical_rows == Identical::Once && !group.seen.insert(hash) {
            self.identical += 1;
            return Ok(());
        }
        group.count += 1;
        for (sum, more) in group.sums.iter_mut().zip(added) {
            *sum = sum.plus(more);
        }
        if (at, hash) < (group.earliest.0, group.earliest.1) {
            group.earliest = (at, hash, row);
        }
        Ok(())
    }

    /// The events, in the order in which they happened.
    pub fn finish(self) -> (Vec<Ready>, Vec<Rejected>) {
        let (mut events, mut rejected) = (Vec::new(), Vec::new());
        for ((name, key), group) in self.groups {
            if let Some(line) = group.broken {
                let text = format!("group {}: its row on line {line} was rejected", key.join(" "));
                rejected.push(group.first.rejected(text));
                continue;
            }
            let parts: Vec<&str> = key.iter().map(String::as_str).collect();
            let id = derived(self.mapping, &[&["group", name.as_str()], &parts[..]].concat());
            let rows = Rows {
                earliest: &group.earliest.2,
                first: &group.first,
                sums: &group.sums,
                count: group.count,
            };
            match ready(self.mapping, &group.name, id, group.earliest.0, &rows) {
                Ok(event) => events.push(event),
                Err(why) => rejected.push(group.first.rejected(why)),
            }
        }
        events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        rejected.sort_by_key(|rejected| rejected.line);
        (events, rejected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &str = "rules: [{when: {column: who, empty: true}, skip: nobody},\
         {when: {column: no, starts-with: C}, event: cancelled}, {event: ordered}]\n\
         columns: {at: date, who: integer}\nzone: Europe/London\ngroup-by: [no]\n\
         aliases: {user_id: who, email: {text: 'c{who}@x.y'}}\noccurred-at: at\n\
         properties: {total: {sum: [n, p]}, lines: {count: rows}, land: land}\n";

    fn rows(lines: &[&str]) -> Vec<Row> {
        let names = ["no", "n", "p", "at", "who", "land"];
        let row = |(place, line): (usize, &&str)| {
            let cells: Vec<_> = names.into_iter().zip(line.split(',')).collect();
            let mut row = Row::of(&cells);
            row.line = place as u64 + 2;
            row
        };
        lines.iter().enumerate().map(row).collect()
    }

    fn grouped(mapping: &str, lines: &[&str]) -> (Vec<String>, Vec<String>) {
        let mapping = Mapping::parse(mapping).unwrap();
        let mut groups = Groups::new(&mapping);
        let mut said = Vec::new();
        for row in rows(lines) {
            match judge(&mapping, &row) {
                Verdict::Event(name) => said.extend(groups.add(row, name).err()),
                Verdict::Skip(reason) => said.push(row.rejected(reason)),
            }
        }
        let (events, rejected) = groups.finish();
        let shown = |event: Ready| {
            let e = &event.event;
            format!(
                "{} {} {} {} {}",
                e["name"], e["email"], e["occurred_at"], e["properties"], event.id
            )
        };
        said.extend(rejected);
        let said = said.into_iter().map(|r| format!("{}: {}", r.line, r.reason)).collect();
        (events.into_iter().map(shown).collect(), said)
    }

    const LINES: [&str; 6] = [
        "1,6,2.55,2011-07-01 08:27:00,17.0,GB",
        "C1,-6,2.55,2011-07-02 08:26:00,17.0,GB",
        "2,1,1,2011-07-03 08:26:00,,GB",
        "1,2,0.5,2011-07-01 08:26:00,17.0,ES",
        "3,1,x,2011-07-03 08:26:00,18.0,GB",
        "1,2,0.5,2011-07-01 08:26:00,17.0,ES",
    ];

    #[test]
    fn rows_of_a_group_are_one_event() {
        let (events, said) = grouped(ORDERS, &LINES);
        let first =
            r#""ordered" "c17@x.y" "2011-07-01T07:26:00Z" {"land":"ES","lines":3,"total":17.3}"#;
        assert!(events[0].starts_with(first), "{events:?}");
        assert!(events[1].contains(r#""total":-15.3"#), "{events:?}");
        let expected = [
            "4: nobody",
            "6: p: `x` is no number: not a decimal number",
            "6: group 3: its row on line 6 was rejected",
        ];
        assert_eq!((events.len(), said), (2, expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn the_order_and_repetition_of_rows_mean_nothing_where_the_mapping_says_so() {
        let once = format!("{ORDERS}identical-rows: once\n");
        let (events, _) = grouped(&once, &LINES);
        assert!(events[0].contains(r#""lines":2,"total":16.3"#), "{events:?}");
        let mut turned = LINES.to_vec();
        turned.reverse();
        turned.extend(LINES);
        assert_eq!(grouped(&once, &turned).0, events);
    }

    #[test]
    fn single_rows_have_ids_of_their_content() {
        let base = "rules: [{event: e}]\naliases: {user_id: who}\noccurred-at: at\nzone: UTC\n";
        let id = |more: &str, lines: &[&str]| {
            let mapping = Mapping::parse(&format!("{base}{more}")).unwrap();
            let made = rows(lines).iter().map(|r| single(&mapping, r, "e").unwrap().id).collect();
            let made: Vec<String> = made;
            made
        };
        let same = [LINES[3], LINES[5]];
        let of_rows = id("", &same);
        assert_eq!(of_rows[0], of_rows[1]);
        let of_lines = id("id: line", &same);
        assert_ne!(of_lines[0], of_lines[1]);
        assert_eq!(id("id: {column: no}", &LINES[..1]), ["1"]);
        let two = id("id: {columns: [no, n]}", &[LINES[0], LINES[3]]);
        assert_ne!(two[0], two[1]);
        assert_ne!(id("source: a", &same)[0], id("source: b", &same)[0]);
    }
}
