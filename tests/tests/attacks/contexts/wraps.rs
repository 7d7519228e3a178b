//! D1: wraps and bodies.

use super::{header, random};
use daymark_core::{
    account::{begin_epoch, found},
    keys::{DocumentKey, EpochSecret, PassphraseWrap, VaultKey},
    seal::{self, BodyKey},
    sync::Checkpoint,
};
use daymark_wire::{
    DocumentId, Have, Header, KeyId, Record, RecordKind,
    logs::TravelLink,
    wrapping::{Recipient, Wraps},
};

/// The wraps of a link's blob.
fn wraps(link: &TravelLink) -> Wraps {
    minicbor::decode(link.blob.as_ref().unwrap()).unwrap()
}

#[test]
fn d1_every_epoch_wrap_opens_for_its_recipient_space_and_epoch_only() {
    let random = random();
    let accounts = [found(None, &random).unwrap(), found(None, &random).unwrap()];
    let mut all = Vec::new();
    let mut keys = Vec::new();
    for founded in &accounts {
        let space = founded.logs.space();
        let (later, (_, secret)) = begin_epoch(
            &founded.logs,
            &founded.account_keys,
            Have::new(),
            None,
            &founded.device,
            &random,
        )
        .unwrap();
        let first = founded.logs.journal_links().last().unwrap();
        let device = Recipient::Device(founded.device.id());
        for (link, secret) in [(first, founded.epoch.1.clone()), (&later, secret)] {
            let commitment = secret.commitment();
            for wrap in wraps(link).wraps {
                all.push((wrap, space, commitment, secret.clone()));
            }
        }
        keys.push((device, founded.wrapping.clone()));
        keys.push((Recipient::Recovery, founded.phrase.recovery_key()));
    }
    assert_eq!((all.len(), keys.len()), (8, 4));
    let mut opened = 0;
    for (wrap, own_space, own_commitment, secret) in &all {
        for (_, space, commitment, _) in &all {
            for (recipient, key) in &keys {
                // Also with another recipient written over its own.
                for name in keys.iter().map(|(recipient, _)| *recipient) {
                    let named = daymark_wire::wrapping::Wrap {
                        recipient: name,
                        ..wrap.clone()
                    };
                    let result = EpochSecret::unwrap(&named, *space, commitment, key);
                    let own_key = accounts.iter().position(|f| f.logs.space() == *own_space);
                    let own = space == own_space
                        && commitment == own_commitment
                        && name == wrap.recipient
                        && *recipient == wrap.recipient
                        && own_key
                            .is_some_and(|n| keys[2 * n..2 * n + 2].iter().any(|(_, k)| k == key));
                    assert_eq!(result.is_ok(), own);
                    if let Ok(found) = result {
                        assert_eq!(&found, secret);
                        opened += 1;
                    }
                }
            }
        }
    }
    // Each wrap once for each way in which the loops name its own place.
    assert!(opened >= all.len(), "{opened}");
}

#[test]
fn d1_every_other_wrap_opens_in_its_own_place_only() {
    let random = random();
    let (one, two) = (found(None, &random).unwrap(), found(None, &random).unwrap());
    let epochs = [one.epoch.1.clone(), two.epoch.1.clone()];
    let spaces = [one.logs.space(), two.logs.space()];
    let documents = [
        DocumentId::from_bytes([1; 16]),
        DocumentId::from_bytes([2; 16]),
    ];
    let keys = [
        DocumentKey::generate(&random).unwrap(),
        DocumentKey::generate(&random).unwrap(),
    ];

    // A document's key: bound to epoch, document and its own id.
    for (e, d, k) in triples() {
        let wrapped = epochs[e].wrap_key(documents[d], &keys[k]);
        for (e2, d2, k2) in triples() {
            let opened = epochs[e2].unwrap_key(documents[d2], keys[k2].id(), &wrapped);
            assert_eq!(opened.is_ok(), (e, d, k) == (e2, d2, k2));
        }
    }

    // The account's keys: bound to epoch and space, and no document's key is one.
    for (e, s, _) in triples() {
        let sealed = epochs[e].seal_account(spaces[s], &one.account_keys);
        for (e2, s2, _) in triples() {
            assert_eq!(
                epochs[e2].open_account(spaces[s2], &sealed).is_ok(),
                (e, s) == (e2, s2)
            );
        }
        let wrapped = epochs[e].wrap_key(documents[0], &keys[0]);
        assert!(
            epochs[e]
                .open_account(spaces[s], wrapped.as_bytes())
                .is_err()
        );
    }

    // A vault's rows: bound to vault, table and row; the passphrase's wrap is none of them.
    let vaults = [
        VaultKey::generate(&random).unwrap(),
        VaultKey::generate(&random).unwrap(),
    ];
    let (tables, rows) = (["documents", "secrets"], [b"1".as_slice(), b"2"]);
    for (v, t, r) in triples() {
        let sealed = vaults[v]
            .seal_row(tables[t], rows[r], b"content", &random)
            .unwrap();
        for (v2, t2, r2) in triples() {
            let opened = vaults[v2].open_row(tables[t2], rows[r2], &sealed);
            assert_eq!(opened.is_ok(), (v, t, r) == (v2, t2, r2));
        }
    }
    let wrap = PassphraseWrap::new(&vaults[0], "a passphrase", &random).unwrap();
    let wrap = minicbor::to_vec(&wrap).unwrap();
    assert!(vaults[0].open_row(tables[0], rows[0], &wrap).is_err());
}

/// Every choice of one of two, three times.
fn triples() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..8).map(|n| (n >> 2, n >> 1 & 1, n & 1))
}

#[test]
fn d1_a_body_opens_with_its_own_header_and_key_only() {
    let random = random();
    let owner = found(None, &random).unwrap();
    let key = DocumentKey::generate(&random).unwrap();
    let epoch = &owner.epoch.1;
    let checkpoint_key = epoch.space_key(RecordKind::Checkpoint);
    let keys_key = epoch.space_key(RecordKind::Keys);
    let of_document = Header {
        key: key.id(),
        ..header(&owner.device, owner.logs.space())
    };
    let of_space = |kind| Header {
        kind,
        document: DocumentId::ZERO,
        key: KeyId::ZERO,
        ..of_document.clone()
    };
    let content = Checkpoint {
        have: Have::new(),
        heads: Vec::new(),
        forgotten_up_to: 1,
    }
    .to_bytes();
    let body_keys = [
        BodyKey::Document(&key),
        BodyKey::Space(&checkpoint_key),
        BodyKey::Space(&keys_key),
    ];
    let headers = [
        of_document.clone(),
        of_space(RecordKind::Checkpoint),
        of_space(RecordKind::Keys),
    ];
    let seal = |header: &Header, key| {
        seal::seal(header.clone(), &content, key, &owner.device, &random).unwrap()
    };
    let records: Vec<Record> = headers
        .iter()
        .zip(body_keys)
        .map(|(header, key)| seal(header, key))
        .collect();
    for (made, record) in records.iter().enumerate() {
        for (used, other) in records.iter().enumerate() {
            for (with, key) in body_keys.into_iter().enumerate() {
                let header = other
                    .header()
                    .clone()
                    .verify(&owner.device.verifying_key())
                    .unwrap();
                let opened = seal::open(&header, record.body().unwrap(), key);
                assert_eq!(
                    opened.is_ok(),
                    made == used && used == with,
                    "{made} {used} {with}"
                );
            }
        }
    }
}
