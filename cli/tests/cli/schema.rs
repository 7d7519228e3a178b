//! Checks JSON against `docs/cli-json.schema.json`: as much of JSON Schema as that file uses.

use serde_json::Value;
use std::sync::OnceLock;

fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cli-json.schema.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    })
}

/// Fails unless the value is what the schema says under this name.
#[track_caller]
pub(crate) fn check(name: &str, value: &Value) {
    if let Err(wrong) = matches(&schema()["$defs"][name], value) {
        panic!("{name}: {wrong}: {value}");
    }
}

fn matches(rule: &Value, value: &Value) -> Result<(), String> {
    if let Some(reference) = rule["$ref"].as_str() {
        return matches(
            schema().pointer(reference.trim_start_matches('#')).unwrap(),
            value,
        );
    }
    if let Some(choices) = rule["anyOf"].as_array() {
        let fits = choices.iter().any(|choice| matches(choice, value).is_ok());
        return if fits {
            Ok(())
        } else {
            Err("none of the choices fits".to_owned())
        };
    }
    if rule.get("const").is_some_and(|constant| constant != value) {
        return Err(format!("not {}", rule["const"]));
    }
    of_type(&rule["type"], value)?;
    if rule["pattern"].as_str() == Some("^[0-9a-f]{32}$") {
        let id = value.as_str().unwrap_or_default();
        if id.len() != 32 || !id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(format!("{id} is not an id"));
        }
    }
    if let Some(items) = value.as_array() {
        return items
            .iter()
            .try_for_each(|item| matches(&rule["items"], item));
    }
    value
        .as_object()
        .map_or(Ok(()), |fields| object(rule, fields))
}

fn of_type(rule: &Value, value: &Value) -> Result<(), String> {
    let is = |name: &Value| match name.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is not checked here"),
    };
    let fits = match rule {
        Value::Null => true,
        Value::Array(names) => names.iter().any(is),
        name => is(name),
    };
    if fits {
        Ok(())
    } else {
        Err(format!("{value} is not of type {rule}"))
    }
}

fn object(rule: &Value, fields: &serde_json::Map<String, Value>) -> Result<(), String> {
    for name in rule["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap()) {
            return Err(format!("{name} is missing"));
        }
    }
    for (name, value) in fields {
        match (rule["properties"].get(name), &rule["additionalProperties"]) {
            (Some(rule), _) => matches(rule, value).map_err(|wrong| format!("{name}: {wrong}"))?,
            (None, Value::Bool(false)) => return Err(format!("{name} is not in the contract")),
            (None, rule) => matches(rule, value)?,
        }
    }
    Ok(())
}
