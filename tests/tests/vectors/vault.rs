//! `vault.json`: a sealed row, and the vault's key under a passphrase (rule K5).

use crate::{
    cast,
    independent::{hkdf, open},
    sheet::{Sheet, bytes_of, named},
};
use daymark_core::keys::{PassphraseWrap, WrongPassphrase};
use daymark_wire::cbor;
use minicbor::bytes::ByteArray;
use serde_json::json;

const PASSPHRASE: &str = "a quiet harbour";

#[test]
fn vault_formats_are_frozen() {
    let mut sheet = Sheet::new(
        "vault.json",
        "A sealed row; the vault's key under a passphrase",
    );
    row(&mut sheet);
    passphrase(&mut sheet);
    sheet.close();
}

fn row(sheet: &mut Sheet) {
    let key = cast::vault_key();
    let (table, row, content) = ("documents", [0xe1; 16], b"an ordinary evening");
    let sealed = key.seal_row(table, &row, content, &cast::random()).unwrap();
    let info = [b"daymark/1/row\0documents\0".as_slice(), &row].concat();
    let derived = hkdf(&sealed[..16], key.secret().expose(), &info, 44);
    let opened = open(&derived[..32], &derived[32..], b"", &sealed[16..]);
    assert_eq!(opened.unwrap(), content);
    let fields = json!({
        "vault key": hex::encode(key.secret().expose()),
        "table": table,
        "row": hex::encode(row),
        "content": hex::encode(content),
        "sealed": hex::encode(&sealed),
    });
    sheet.fact("row", fields, move |frozen| {
        let sealed = bytes_of(&frozen["sealed"]);
        assert_eq!(key.open_row(table, &row, &sealed).unwrap(), content);
        assert!(key.open_row("packs", &row, &sealed).is_err());
    });
}

fn passphrase(sheet: &mut Sheet) {
    let read = |bytes: &[u8]| cbor::exactly::<PassphraseWrap>("passphrase wrap", bytes, 200);
    let wrap = PassphraseWrap::new(&cast::vault_key(), PASSPHRASE, &cast::random()).unwrap();
    let fields = json!({
        "passphrase": PASSPHRASE,
        "vault key": hex::encode([0xa0; 32]),
    });
    let decode = move |bytes: &[u8]| {
        let wrap = read(bytes)?;
        assert_eq!(wrap.open(PASSPHRASE).unwrap(), cast::vault_key());
        Ok::<_, daymark_wire::DecodeError>(wrap)
    };
    sheet.value_with(
        "passphrase wrap",
        wrap.clone(),
        cbor::to_vec,
        decode,
        fields,
    );

    let (_, salt, sealed): (u8, ByteArray<16>, ByteArray<48>) =
        cbor::exactly("parts", &cbor::to_vec(&wrap), 200).unwrap();
    let newer = cbor::to_vec(&(2_u8, salt, sealed));
    let error = named(&WrongPassphrase);
    sheet.refused(
        "passphrase wrap: another set",
        &newer,
        &error,
        move |bytes| read(bytes).unwrap().open(PASSPHRASE),
    );
    let mut altered = cbor::to_vec(&wrap);
    *altered.last_mut().unwrap() ^= 1;
    sheet.refused("passphrase wrap: altered", &altered, &error, move |bytes| {
        read(bytes).unwrap().open(PASSPHRASE)
    });
}
