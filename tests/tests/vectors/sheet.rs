//! One file of vectors: made from code, compared with what is frozen, then read back from it.

use crate::diagnostic::diagnostic;
use serde_json::{Value, json};
use std::{fmt::Debug, fs, path::PathBuf};

type Check = Box<dyn Fn(&Value)>;

/// One file.
pub(crate) struct Sheet {
    file: &'static str,
    about: &'static str,
    entries: Vec<Value>,
    checks: Vec<Check>,
}

impl Sheet {
    pub(crate) fn new(file: &'static str, about: &'static str) -> Self {
        Self {
            file,
            about,
            entries: Vec::new(),
            checks: Vec::new(),
        }
    }

    /// A derivation: inputs and what comes of them. `check` reads the frozen entry.
    pub(crate) fn fact(&mut self, name: &str, fields: Value, check: impl Fn(&Value) + 'static) {
        self.push(json!({ "name": name }), fields, check);
    }

    /// A value with its one encoding: decoded from the frozen bytes it must be the same.
    pub(crate) fn value<T, E>(
        &mut self,
        name: &str,
        value: T,
        encode: impl Fn(&T) -> Vec<u8> + 'static,
        decode: impl Fn(&[u8]) -> Result<T, E> + 'static,
    ) where
        T: PartialEq + Debug + 'static,
        E: Debug,
    {
        self.value_with(name, value, encode, decode, json!({}));
    }

    /// The same, with more fields to read.
    pub(crate) fn value_with<T, E>(
        &mut self,
        name: &str,
        value: T,
        encode: impl Fn(&T) -> Vec<u8> + 'static,
        decode: impl Fn(&[u8]) -> Result<T, E> + 'static,
        fields: Value,
    ) where
        T: PartialEq + Debug + 'static,
        E: Debug,
    {
        let bytes = encode(&value);
        let entry = json!({
            "name": name,
            "bytes": hex::encode(&bytes),
            "diagnostic": diagnostic(&bytes),
        });
        self.push(entry, fields, move |frozen| {
            let bytes = bytes_of(&frozen["bytes"]);
            let decoded = decode(&bytes).expect("frozen bytes decode");
            assert_eq!(decoded, value);
            assert_eq!(encode(&decoded), bytes);
        });
    }

    /// Bytes that are refused, and why.
    pub(crate) fn refused<T, E>(
        &mut self,
        name: &str,
        bytes: &[u8],
        error: &str,
        decode: impl Fn(&[u8]) -> Result<T, E> + 'static,
    ) where
        T: Debug,
        E: Debug,
    {
        let expected = error.to_owned();
        let entry = json!({ "name": name, "refused": written(bytes), "error": error });
        self.push(entry, json!({}), move |frozen| {
            let refused = decode(&bytes_of(&frozen["refused"])).expect_err("is refused");
            assert_eq!(format!("{refused:?}"), expected);
        });
    }

    fn push(&mut self, mut entry: Value, fields: Value, check: impl Fn(&Value) + 'static) {
        let entry_fields = entry.as_object_mut().unwrap();
        let Value::Object(more) = fields else {
            panic!("fields are an object");
        };
        entry_fields.extend(more);
        self.entries.push(entry);
        self.checks.push(Box::new(check));
    }

    /// Compares with the file, or writes it, and then reads the file back.
    pub(crate) fn close(self) {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("vectors")
            .join(self.file);
        let made = json!({ "about": self.about, "vectors": self.entries });
        if std::env::var_os("DAYMARK_WRITE_VECTORS").is_some_and(|set| set == "1") {
            let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
            fs::write(&path, text).unwrap();
        }
        let text = fs::read_to_string(&path).expect("the file is checked in");
        let frozen: Value = serde_json::from_str(&text).unwrap();
        let frozen = frozen["vectors"].as_array().expect("a list").clone();
        assert_eq!(frozen.len(), self.entries.len(), "{}", self.file);
        for ((frozen, made), check) in frozen.iter().zip(&self.entries).zip(&self.checks) {
            let name = made["name"].as_str().unwrap();
            assert!(frozen == made, "{}: '{name}' is not as frozen", self.file);
            check(frozen);
        }
    }
}

/// Bytes as they stand in a file; a long run of one byte at the end is not written out.
fn written(bytes: &[u8]) -> Value {
    let last = bytes.last().copied().unwrap_or_default();
    let run = bytes.iter().rev().take_while(|byte| **byte == last).count();
    if run < 600 {
        return json!(hex::encode(bytes));
    }
    json!({
        "begins": hex::encode(&bytes[..bytes.len() - run]),
        "then": hex::encode([last]),
        "times": run,
    })
}

/// Reads what [`written`] wrote.
pub(crate) fn bytes_of(value: &Value) -> Vec<u8> {
    if let Some(text) = value.as_str() {
        return hex::decode(text).unwrap();
    }
    let mut bytes = bytes_of(&value["begins"]);
    let byte = bytes_of(&value["then"])[0];
    let times = usize::try_from(value["times"].as_u64().unwrap()).unwrap();
    bytes.resize(bytes.len() + times, byte);
    bytes
}

/// A refusal as it stands in a file.
pub(crate) fn named(error: &impl Debug) -> String {
    format!("{error:?}")
}
