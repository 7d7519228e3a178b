//! CBOR as a person reads it: the diagnostic notation of RFC 8949, section 8, for what Daymark writes.

use minicbor::{Decoder, data::Type};

/// The one value in `bytes`, or what is wrong with it.
pub(crate) fn diagnostic(bytes: &[u8]) -> String {
    let mut decoder = Decoder::new(bytes);
    let mut out = String::new();
    item(&mut decoder, &mut out).expect("Daymark writes well-formed CBOR");
    assert_eq!(decoder.position(), bytes.len(), "one value");
    out
}

fn item(d: &mut Decoder<'_>, out: &mut String) -> Result<(), minicbor::decode::Error> {
    match d.datatype()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => out.push_str(&d.u64()?.to_string()),
        Type::Bytes => out.push_str(&format!("h'{}'", hex::encode(d.bytes()?))),
        Type::String => out.push_str(&format!("{:?}", d.str()?)),
        Type::Bool => out.push_str(&d.bool()?.to_string()),
        Type::Null => {
            d.null()?;
            out.push_str("null");
        }
        Type::Array => {
            let items = d.array()?.expect("a definite length");
            out.push('[');
            for n in 0..items {
                if n > 0 {
                    out.push_str(", ");
                }
                item(d, out)?;
            }
            out.push(']');
        }
        other => panic!("Daymark writes no {other}"),
    }
    Ok(())
}
