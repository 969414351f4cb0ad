//! The `entries` of a vector file: texts that several cases share, written once (`FORMAT.md`, "Vectors").

use serde_json::Value;

/// The shortest text that is worth a place in the table: a mark and its line cost some 10 bytes.
const SHARED_BYTES_MIN: usize = 100;
/// The least that a table must save; a smaller file reads better without one.
const SAVED_BYTES_MIN: usize = 20_000;

/// Replaces what the inputs share by `<number>`, and returns the table of it.
pub fn share(inputs: &mut [Value]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    inputs.iter_mut().for_each(|input| each_text(input, &mut |text| texts.push(text.clone())));
    assert!(texts.iter().all(|text| marks(text).next().is_none()), "an input holds a mark of the table");
    let mut parts: Vec<String> = Vec::new();
    for text in &texts {
        parts.push(text.clone());
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            members(&value, &mut parts);
        }
    }
    parts.retain(|part| part.len() >= SHARED_BYTES_MIN);
    parts.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    parts.dedup();
    let (mut table, mut saved): (Vec<String>, usize) = (Vec::new(), 0);
    for part in parts {
        let found: usize = texts.iter().map(|text| text.matches(&part).count()).sum();
        if found < 2 {
            continue;
        }
        let mark = format!("<{}>", table.len());
        texts.iter_mut().for_each(|text| *text = text.replace(&part, &mark));
        saved += (found - 1) * part.len();
        table.push(part);
    }
    if saved < SAVED_BYTES_MIN {
        return Vec::new();
    }
    let mut next = texts.into_iter();
    inputs.iter_mut().for_each(|input| each_text(input, &mut |text| *text = next.next().unwrap()));
    table
}

/// Puts the table's texts back in their places.
pub fn expand(input: &mut Value, table: &[String]) {
    each_text(input, &mut |text| {
        let found: Vec<(usize, usize, usize)> = marks(text).collect();
        for (start, end, number) in found.into_iter().rev() {
            text.replace_range(start..end, &table[number]);
        }
    });
}

/// The `entries` of a file.
pub fn of(file: &Value) -> Vec<String> {
    let table = file["entries"].as_array();
    table.into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Every `<number>` of a text: where it starts and ends, and the number.
fn marks(text: &str) -> impl Iterator<Item = (usize, usize, usize)> {
    text.match_indices('<').filter_map(|(start, _)| {
        let digits = text[start + 1..].split_once('>')?.0;
        let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
        Some((start, start + digits.len() + 2, number))
    })
}

/// The texts of all members of a document, and what each text holds by itself.
fn members(value: &Value, parts: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for item in items {
                parts.push(item.to_string());
                members(item, parts);
            }
        }
        Value::Object(map) => {
            for item in map.values() {
                parts.push(item.to_string());
                members(item, parts);
            }
        }
        Value::String(text) => parts.push(text.clone()),
        _ => {}
    }
}

fn each_text(value: &mut Value, f: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => f(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, f)),
        Value::Object(map) => map.values_mut().for_each(|item| each_text(item, f)),
        _ => {}
    }
}
