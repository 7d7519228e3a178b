//! Who may import whom, held true over `cargo metadata` (docs/ARCHITECTURE.md).

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};

/// Each of our packages, and those of ours that it may name in its own manifest.
const ALLOWED: [(&str, &[&str]); 5] = [
    ("daymark-wire", &[]),
    ("daymark-core", &["daymark-wire"]),
    ("daymark-client", &["daymark-core", "daymark-wire"]),
    ("daymark", &["daymark-client"]),
    ("daymark-relay", &["daymark-wire"]),
];

/// What a package must never link, however far away.
const NEVER_LINKED: [(&str, &[&str]); 5] = [
    (
        "daymark-relay",
        &[
            "daymark-core",
            "daymark-client",
            "automerge",
            "hpke",
            "argon2",
            "bip39",
        ],
    ),
    (
        "daymark-core",
        &["tokio", "sqlx", "axum", "reqwest", "rusqlite"],
    ),
    (
        "daymark-wire",
        &["tokio", "sqlx", "axum", "reqwest", "rusqlite", "automerge"],
    ),
    // The key at hand is the command line's.
    ("daymark-client", &["linux-keyutils", "keyring-core"]),
    (
        "daymark",
        &[
            "dbus",
            "zbus",
            "openssl",
            "openssl-sys",
            "native-tls",
            "aws-lc-rs",
            "aws-lc-sys",
        ],
    ),
];

/// Of this platform: the crates of the others need not be on this machine.
fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .other_options(
            ["--offline", "--locked", "--filter-platform", "host-tuple"].map(str::to_owned),
        )
        .exec()
        .expect("cargo metadata")
}

#[test]
fn packages_name_only_those_that_they_may() {
    let metadata = metadata();
    for (name, allowed) in ALLOWED {
        let package = find(&metadata, name);
        for dependency in &package.dependencies {
            let ours = dependency.name.starts_with("daymark");
            if ours && dependency.kind == DependencyKind::Normal {
                assert!(
                    allowed.contains(&dependency.name.as_str()),
                    "{name} must not import {}",
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn the_relay_links_no_code_that_could_decrypt_and_core_links_no_io() {
    let metadata = metadata();
    let graph = graph(&metadata);
    for (name, never) in NEVER_LINKED {
        let linked = linked(&graph, name);
        assert!(linked.contains("ring"), "the graph of {name} is not whole");
        for forbidden in never {
            assert!(!linked.contains(*forbidden), "{name} links {forbidden}");
        }
    }
}

fn find<'a>(metadata: &'a Metadata, name: &str) -> &'a Package {
    let found = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no package {name}"))
}

/// Normal dependencies, by package name.
fn graph(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let name = |id: &cargo_metadata::PackageId| metadata[id].name.to_string();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in &resolve.nodes {
        let normal = node.deps.iter().filter(|dependency| {
            dependency
                .dep_kinds
                .iter()
                .any(|kind| kind.kind == DependencyKind::Normal)
        });
        let names = normal.map(|dependency| name(&dependency.pkg));
        graph.entry(name(&node.id)).or_default().extend(names);
    }
    graph
}

fn linked(graph: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(package) = open.pop() {
        for dependency in graph.get(&package).into_iter().flatten() {
            if seen.insert(dependency.clone()) {
                open.push(dependency.clone());
            }
        }
    }
    seen
}
