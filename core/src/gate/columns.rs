//! Finds a change's columns: those that Automerge 0.12 writes, in its order, each at most once, none
//! deflated, none empty.
//!
//! The layout is `number of columns ‖ (specification ‖ length) for each ‖ their bytes`. A specification is
//! `id << 4 | deflated << 3 | type` (Automerge storage format, "column specifications").

use super::{
    reader::Reader,
    refusal::{Malformed, Refusal},
};

const DEFLATED: u64 = 0b1000;

/// The bytes of each column; empty where the change has none.
#[derive(Default)]
pub(super) struct Columns<'a> {
    /// Whose operation made the object (0x01), sparse; left out at the root.
    pub(super) object_actor: &'a [u8],
    /// That operation's number (0x02), sparse.
    pub(super) object_counter: &'a [u8],
    /// Whose operation made the element (0x11), sparse; null for a map or the head of a list.
    pub(super) key_actor: &'a [u8],
    /// That operation's number (0x13), sparse sums; 0 for the head of a list.
    pub(super) key_counter: &'a [u8],
    /// The key in a map (0x15), sparse.
    pub(super) key_text: &'a [u8],
    /// Whether a new element is made (0x34), flags.
    pub(super) insert: &'a [u8],
    /// What is done (0x42).
    pub(super) action: &'a [u8],
    /// Type and length of the value (0x56).
    pub(super) value_shape: &'a [u8],
    /// The values' bytes, one after the other (0x57).
    pub(super) value: &'a [u8],
    /// How many operations this one replaces (0x70).
    pub(super) replaced: &'a [u8],
    /// Whose those are (0x71), one cell for each.
    pub(super) replaced_actor: &'a [u8],
    /// Their numbers (0x73), sums, one cell for each.
    pub(super) replaced_counter: &'a [u8],
    /// Whether a mark grows (0x94), flags; left out when none does.
    pub(super) expand: &'a [u8],
    /// A mark's name (0xa5), sparse.
    pub(super) mark_name: &'a [u8],
}

impl<'a> Columns<'a> {
    /// Reads the layout and takes every column's bytes.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Refusal> {
        let layout = layout(reader)?;
        let mut columns = Self::default();
        for (specification, length) in layout {
            let bytes = reader.take(length)?;
            *columns.slot(specification).ok_or(Malformed::Columns)? = bytes;
        }
        Ok(columns)
    }

    fn slot(&mut self, specification: u64) -> Option<&mut &'a [u8]> {
        Some(match specification {
            0x01 => &mut self.object_actor,
            0x02 => &mut self.object_counter,
            0x11 => &mut self.key_actor,
            0x13 => &mut self.key_counter,
            0x15 => &mut self.key_text,
            0x34 => &mut self.insert,
            0x42 => &mut self.action,
            0x56 => &mut self.value_shape,
            0x57 => &mut self.value,
            0x70 => &mut self.replaced,
            0x71 => &mut self.replaced_actor,
            0x73 => &mut self.replaced_counter,
            0x94 => &mut self.expand,
            0xa5 => &mut self.mark_name,
            _ => return None,
        })
    }
}

/// Specifications, strictly ascending, each with a length above zero. Their number needs no cap: it is
/// bounded by the order and by what [`Columns::slot`] knows.
fn layout(reader: &mut Reader<'_>) -> Result<Vec<(u64, u64)>, Refusal> {
    let mut left = reader.unsigned()?;
    let mut found: Vec<(u64, u64)> = Vec::new();
    while left > 0 {
        let (specification, length) = (reader.unsigned()?, reader.unsigned()?);
        if specification & DEFLATED != 0 {
            return Err(Refusal::Compressed);
        }
        let in_order = found.last().is_none_or(|(last, _)| *last < specification);
        if !in_order || length == 0 || Columns::default().slot(specification).is_none() {
            return Err(Malformed::Columns.into());
        }
        found.push((specification, length));
        left -= 1;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> Refusal {
        Columns::read(&mut Reader::new(bytes)).err().unwrap()
    }

    #[test]
    fn columns_are_found_in_order() {
        let bytes = [2, 0x34, 1, 0x42, 2, 9, 8, 7];
        let mut reader = Reader::new(&bytes);
        let columns = Columns::read(&mut reader).unwrap();
        assert_eq!((columns.insert, columns.action), (&[9][..], &[8, 7][..]));
        assert!(reader.is_empty());
    }

    #[test]
    fn k10_deflated_columns_are_refused_by_name() {
        assert_eq!(refusal(&[1, 0x3c, 1, 9]), Refusal::Compressed);
    }

    #[test]
    fn unknown_repeated_disordered_and_empty_columns_are_refused() {
        let malformed = Refusal::from(Malformed::Columns);
        assert_eq!(refusal(&[1, 0x21, 1, 9]), malformed);
        assert_eq!(refusal(&[2, 0x34, 1, 0x34, 1, 9, 9]), malformed);
        assert_eq!(refusal(&[2, 0x42, 1, 0x34, 1, 9, 9]), malformed);
        assert_eq!(refusal(&[1, 0x34, 0]), malformed);
        assert_eq!(refusal(&[1, 0x34, 2, 9]), Malformed::Truncated.into());
        assert_eq!(refusal(&[0x7f, 0x34, 1]), Malformed::Truncated.into());
    }
}
