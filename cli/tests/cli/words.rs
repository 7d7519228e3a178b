//! The words of the interface: the reference is what the help says, and nothing sounds like a race or a
//! clinic (RECOVERY rules 2 and 9).

use std::{fs, path::Path};

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/CLI.md");

#[test]
fn the_reference_is_what_the_help_says() {
    let text = daymark::reference();
    if std::env::var_os("DAYMARK_WRITE_DOCS").is_some() {
        fs::write(REFERENCE, &text).unwrap();
    }
    let written = fs::read_to_string(REFERENCE).unwrap_or_default();
    assert!(
        written == text,
        "DAYMARK_WRITE_DOCS=1 cargo test -p daymark reference writes it anew"
    );
}

#[test]
fn nothing_that_is_not_built_is_in_the_help() {
    let text = daymark::reference();
    for command in ["daymark forget", "daymark revoke", "daymark recover"] {
        assert!(!text.contains(command), "{command}");
    }
}

/// Words that no screen of Daymark shows.
const NEVER: [&str; 24] = [
    "streak",
    "badge",
    "score",
    "scores",
    "rank",
    "ranking",
    "goal reached",
    "you missed",
    "missed",
    "well done",
    "congratulations",
    "keep it up",
    "days in a row",
    "average",
    "patient",
    "patients",
    "compliance",
    "compliant",
    "failure",
    "clinical",
    "symptom",
    "relapse",
    "diagnosis",
    "disorder",
];

#[test]
fn nothing_sounds_like_a_race_or_a_clinic() {
    let mut texts = vec![daymark::reference()];
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    strings_of(&sources.join("src"), &mut texts);
    strings_of(&sources.join("../core/client/src"), &mut texts);
    strings_of(&sources.join("../core/src"), &mut texts);
    for text in texts {
        let words: Vec<String> = text
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        let flat = format!(" {} ", words.join(" "));
        for never in NEVER {
            assert!(
                !flat.contains(&format!(" {never} ")),
                "{never:?} in {text:?}"
            );
        }
    }
}

/// The string literals of every source file, tests and comments left out.
fn strings_of(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            strings_of(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let shown = source.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = shown
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for line in lines {
                texts.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
    }
}
