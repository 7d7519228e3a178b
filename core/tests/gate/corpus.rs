//! The fuzz corpus, run by an ordinary test: each file through the function that its target runs.

use crate::{
    bombs, fuzz,
    mutated::{Seeded, samples},
};
use daymark_core::gate::inspect;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const FEWEST: usize = 20;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fuzz/corpus")
        .join(target)
}

fn files(target: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder(target)).unwrap();
    entries
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn k11_the_walker_corpus_holds() {
    let files = files("walker");
    assert!(files.len() >= FEWEST);
    files.iter().for_each(|content| fuzz::walker(content));
}

#[test]
fn k11_the_gate_corpus_holds() {
    let files = files("gate");
    assert!(files.len() >= FEWEST);
    files.iter().for_each(|contents| fuzz::gate(contents));
}

/// Samples of every kind, and for each way to be refused one mutation that is.
fn kinds() -> BTreeMap<String, Vec<u8>> {
    let mut kinds = BTreeMap::new();
    let samples = samples();
    for (number, sample) in samples.iter().enumerate() {
        kinds.insert(format!("honest-{number}"), sample.clone());
    }
    kinds.insert("bomb".to_owned(), bombs::run_length_bomb());
    kinds.insert("deflated".to_owned(), bombs::deflated_bomb());
    let mut seeded = Seeded(0x5eed_0006);
    for round in 0..20_000 {
        let mut bytes = samples[round % samples.len()].clone();
        seeded.mutate(&mut bytes);
        let admission =
            daymark_core::gate::admit(&fuzz::base(), vec![fuzz::offered(fuzz::chunk(&bytes))]);
        let name = match inspect(&fuzz::offered(fuzz::chunk(&bytes))) {
            Err(refusal) => format!("{refusal:?}"),
            Ok(()) => format!("{:?}", admission.settled[0].outcome),
        };
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        let kind = letters
            .split("ChangeHash")
            .next()
            .unwrap_or_default()
            .to_lowercase();
        kinds.entry(format!("mutated-{kind}")).or_insert(bytes);
    }
    kinds
}

#[test]
#[ignore = "writes the corpus anew; run by hand when the format or the walker changes"]
fn write_corpus() {
    let kinds = kinds();
    let honest: Vec<_> = samples();
    for (name, bytes) in &kinds {
        fs::write(folder("walker").join(name), bytes).unwrap();
        let beside: Vec<&[u8]> = match name.len() % 3 {
            0 => vec![bytes],
            1 => vec![bytes, &honest[0]],
            _ => vec![&honest[1], bytes],
        };
        fs::write(folder("gate").join(name), fuzz::join(&beside)).unwrap();
    }
}
