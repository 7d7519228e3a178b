//! Padmé padding (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
//! PURBs", PoPETs 2019, section 4) with a floor, so that a size tells little (threats E3, K15).

/// The smallest padded length: a word and a page of a line look the same.
const FLOOR: usize = 256;

/// Bytes of the true length before the content.
const LENGTH_BYTES: usize = 4;

/// `true length ‖ content ‖ zeros`; `None` when the content is too long for a length of four bytes.
pub(super) fn pad(content: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(content.len()).ok()?;
    let padded = padded_length(content.len().checked_add(LENGTH_BYTES)?.max(FLOOR))?;
    let mut bytes = Vec::with_capacity(padded + 16);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(content);
    bytes.resize(padded, 0);
    Some(bytes)
}

/// The content; `None` when length or zeros are not what [`pad`] makes.
pub(super) fn unpad(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let (length, rest) = bytes.split_at_checked(LENGTH_BYTES)?;
    let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
    let (_, zeros) = rest.split_at_checked(length)?;
    if zeros.iter().any(|byte| *byte != 0) {
        return None;
    }
    let expected = padded_length(length.checked_add(LENGTH_BYTES)?.max(FLOOR))?;
    if expected != bytes.len() {
        return None;
    }
    bytes.truncate(LENGTH_BYTES + length);
    bytes.drain(..LENGTH_BYTES);
    Some(bytes)
}

/// Padmé: a length keeps as many leading bits as its exponent has bits; the rest is rounded up.
fn padded_length(length: usize) -> Option<usize> {
    let exponent = length.ilog2();
    let kept = exponent.checked_ilog2()? + 1;
    let mask = (1_usize << (exponent - kept)) - 1;
    Some(length.checked_add(mask)? & !mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn k15_few_lengths_are_possible_and_little_is_wasted() {
        let mut seen: Vec<_> = (FLOOR..65_536).filter_map(padded_length).collect();
        seen.dedup();
        assert!(seen.len() < 200, "{} sizes", seen.len());
        for length in FLOOR..65_536 {
            let padded = padded_length(length).unwrap();
            assert!(padded >= length && (padded - length) * 8 < length);
        }
    }

    proptest! {
        #[test]
        fn what_is_padded_comes_back(content in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            prop_assert_eq!(unpad(pad(&content).unwrap()), Some(content));
        }
    }

    #[test]
    fn other_padding_is_refused() {
        let mut not_zeros = pad(b"words").unwrap();
        not_zeros[100] = 1;
        assert_eq!(unpad(not_zeros), None);
        let mut longer = pad(b"words").unwrap();
        longer.extend([0; 8]);
        assert_eq!(unpad(longer), None);
        let mut beyond = pad(b"words").unwrap();
        beyond[0] = 0xff;
        assert_eq!(unpad(beyond), None);
        assert_eq!(unpad(Vec::new()), None);
    }
}
