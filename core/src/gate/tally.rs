//! Counts what a column would expand to, from its run headers alone: time and memory are bounded by the
//! bytes of the column, never by what it describes (a run of ten million operations takes six bytes).

use super::{
    reader::Reader,
    refusal::{Malformed, Refusal},
    runs::{Cell, Runs},
};

/// What a column describes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Cells, nulls among them.
    pub(super) cells: u64,
    /// What the cells weigh together, by the measure asked for.
    pub(super) weight: u64,
}

impl Tally {
    fn add(&mut self, count: u64, weight_of_one: u64) -> Result<(), Refusal> {
        let weight = count.checked_mul(weight_of_one);
        let cells = self.cells.checked_add(count);
        let weight = weight.and_then(|weight| self.weight.checked_add(weight));
        match (cells, weight) {
            (Some(cells), Some(weight)) => {
                *self = Self { cells, weight };
                Ok(())
            }
            _ => Err(Refusal::TooManyOperations),
        }
    }
}

/// Counts a column whose cells are never null. Each cell weighs what `weigh` says of its value.
pub(super) fn full<'a, V: Cell<'a>>(
    column: &'a [u8],
    weigh: impl Fn(V) -> u64,
) -> Result<Tally, Refusal> {
    let mut runs = Runs::<V>::new(column);
    let mut tally = Tally::default();
    while let Some(run) = runs.next()? {
        let value = run.value.ok_or(Malformed::Runs)?;
        tally.add(run.count, weigh(value))?;
    }
    Ok(tally)
}

/// Counts a column that may hold nulls; one that holds nothing else is never written.
pub(super) fn sparse<'a, V: Cell<'a>>(
    column: &'a [u8],
    weigh: impl Fn(V) -> u64,
) -> Result<Tally, Refusal> {
    let mut runs = Runs::<V>::new(column);
    let mut tally = Tally::default();
    let mut only_nulls = true;
    while let Some(run) = runs.next()? {
        only_nulls &= run.value.is_none();
        tally.add(run.count, run.value.map_or(0, &weigh))?;
    }
    if only_nulls {
        return Err(Malformed::Runs.into());
    }
    Ok(tally)
}

/// Counts a column of flags; those that are true weigh 1.
pub(super) fn flags(column: &[u8]) -> Result<Tally, Refusal> {
    let mut reader = Reader::new(column);
    let mut tally = Tally::default();
    let mut value = false;
    let mut first = true;
    while !reader.is_empty() {
        let count = reader.unsigned()?;
        let may_be_empty = first && !reader.is_empty();
        if count == 0 && !may_be_empty {
            return Err(Malformed::Runs.into());
        }
        tally.add(count, u64::from(value))?;
        value = !value;
        first = false;
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ones(column: &[u8]) -> Result<Tally, Refusal> {
        full::<u64>(column, |value| value)
    }

    #[test]
    fn cells_and_weight_are_counted_from_the_headers() {
        let tally = ones(&[3, 7, 0x7e, 8, 9]).unwrap();
        assert_eq!(
            tally,
            Tally {
                cells: 5,
                weight: 38
            }
        );
        let huge = [0xff, 0xff, 0xff, 0xff, 0x0f, 0];
        assert_eq!(ones(&huge).unwrap().cells, u64::from(u32::MAX));
    }

    #[test]
    fn k10_sums_beyond_the_number_range_are_refused() {
        let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];
        let column = [&most[..], &[1], &most, &[2], &most, &[3]].concat();
        assert_eq!(ones(&column), Err(Refusal::TooManyOperations));
        assert_eq!(
            ones(&[&most[..], &[9]].concat()),
            Err(Refusal::TooManyOperations)
        );
    }

    #[test]
    fn nulls_are_for_sparse_columns_and_never_alone() {
        assert_eq!(ones(&[0, 1, 2, 7]), Err(Malformed::Runs.into()));
        let cells = |column| sparse::<u64>(column, |_| 0).map(|tally| tally.cells);
        assert_eq!(cells(&[0, 1, 2, 7]), Ok(3));
        assert_eq!(cells(&[0, 5]), Err(Malformed::Runs.into()));
        assert_eq!(cells(&[]), Err(Malformed::Runs.into()));
    }

    #[test]
    fn only_the_first_run_of_flags_may_be_empty() {
        assert_eq!(
            flags(&[0, 4]),
            Ok(Tally {
                cells: 4,
                weight: 4
            })
        );
        assert_eq!(
            flags(&[2, 1, 3]),
            Ok(Tally {
                cells: 6,
                weight: 1
            })
        );
        assert!(flags(&[0]).is_err());
        assert!(flags(&[1, 0, 1]).is_err());
    }
}
