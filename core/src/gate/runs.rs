//! Reads run-length columns run by run, and counts what they describe without expanding them.
//!
//! A run begins with a signed number `n`: above zero, `n` times the value that follows; below, `-n`
//! values each on its own; zero, as many nulls as the next number says. Equal neighbours are always in
//! one run, because a document that is saved and loaded writes its changes anew and must arrive at the
//! same hashes: another way to write the same column would leave a document that cannot be loaded.

use super::{reader::Reader, refusal::Malformed};

/// What a column holds: one value as it stands in the bytes.
pub(super) trait Cell<'a>: Copy + PartialEq {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed>;
}

impl<'a> Cell<'a> for u64 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.unsigned()
    }
}

impl<'a> Cell<'a> for i64 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.signed()
    }
}

impl<'a> Cell<'a> for &'a str {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        std::str::from_utf8(reader.prefixed()?).map_err(|_| Malformed::Text)
    }
}

/// `count` equal cells; `None` is null.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run<V> {
    pub(super) count: u64,
    pub(super) value: Option<V>,
}

/// The runs of one column, in order. Values of a literal run come one by one.
pub(super) struct Runs<'a, V> {
    reader: Reader<'a>,
    literals: u64,
    before: Before<V>,
}

/// What came before, so that a run which should have been part of it is noticed.
#[derive(Clone, Copy)]
enum Before<V> {
    Nothing,
    Nulls,
    Repeat(V),
    Literal(V),
}

impl<'a, V: Cell<'a>> Runs<'a, V> {
    pub(super) fn new(column: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(column),
            literals: 0,
            before: Before::Nothing,
        }
    }

    /// The next run, or `None` at the end of the column.
    pub(super) fn next(&mut self) -> Result<Option<Run<V>>, Malformed> {
        if self.literals == 0 {
            if self.reader.is_empty() {
                return Ok(None);
            }
            match self.reader.signed()? {
                0 => return self.nulls().map(Some),
                n if n > 0 => return self.repeat(n.unsigned_abs()).map(Some),
                n => self.begin_literals(n.unsigned_abs())?,
            }
        }
        self.literal().map(Some)
    }

    fn nulls(&mut self) -> Result<Run<V>, Malformed> {
        let count = self.reader.unsigned()?;
        if count == 0 || matches!(self.before, Before::Nulls) {
            return Err(Malformed::Runs);
        }
        self.before = Before::Nulls;
        Ok(Run { count, value: None })
    }

    fn repeat(&mut self, count: u64) -> Result<Run<V>, Malformed> {
        let value = V::read(&mut self.reader)?;
        if count < 2 || self.continues(value) {
            return Err(Malformed::Runs);
        }
        self.before = Before::Repeat(value);
        Ok(Run {
            count,
            value: Some(value),
        })
    }

    fn begin_literals(&mut self, count: u64) -> Result<(), Malformed> {
        if matches!(self.before, Before::Literal(_)) {
            return Err(Malformed::Runs);
        }
        self.literals = count;
        Ok(())
    }

    fn literal(&mut self) -> Result<Run<V>, Malformed> {
        let value = V::read(&mut self.reader)?;
        if self.continues(value) {
            return Err(Malformed::Runs);
        }
        self.literals = self.literals.saturating_sub(1);
        self.before = Before::Literal(value);
        Ok(Run {
            count: 1,
            value: Some(value),
        })
    }

    fn continues(&self, value: V) -> bool {
        match self.before {
            Before::Repeat(before) | Before::Literal(before) => before == value,
            Before::Nothing | Before::Nulls => false,
        }
    }
}

/// The cells of one column, one by one. Beyond its end every cell is null, as in a column left out.
/// To be used once the column was counted: a run may describe more cells than anyone would step through.
pub(super) struct Cells<'a, V> {
    runs: Runs<'a, V>,
    current: Run<V>,
}

impl<'a, V: Cell<'a>> Cells<'a, V> {
    pub(super) fn new(column: &'a [u8]) -> Self {
        Self {
            runs: Runs::new(column),
            current: Run {
                count: 0,
                value: None,
            },
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<V>, Malformed> {
        if self.current.count == 0 {
            match self.runs.next()? {
                Some(run) => self.current = run,
                None => return Ok(None),
            }
        }
        self.current.count -= 1;
        Ok(self.current.value)
    }
}

/// Cells that hold the distance from the last one that was not null, added up.
pub(super) struct Sums<'a> {
    distances: Cells<'a, i64>,
    sum: i64,
}

impl<'a> Sums<'a> {
    pub(super) fn new(column: &'a [u8]) -> Self {
        Self {
            distances: Cells::new(column),
            sum: 0,
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<u64>, Malformed> {
        let Some(distance) = self.distances.next()? else {
            return Ok(None);
        };
        let sum = self.sum.checked_add(distance).ok_or(Malformed::Reference)?;
        self.sum = sum;
        u64::try_from(sum)
            .map(Some)
            .map_err(|_| Malformed::Reference)
    }
}

/// A column of flags: lengths of alternating runs, beginning with how many are false.
pub(super) struct Flags<'a> {
    reader: Reader<'a>,
    value: bool,
    left: u64,
}

impl<'a> Flags<'a> {
    pub(super) fn new(column: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(column),
            value: true,
            left: 0,
        }
    }

    /// The next flag; beyond the end all are false.
    pub(super) fn next(&mut self) -> Result<bool, Malformed> {
        while self.left == 0 {
            if self.reader.is_empty() {
                return Ok(false);
            }
            self.left = self.reader.unsigned()?;
            self.value = !self.value;
        }
        self.left -= 1;
        Ok(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(column: &[u8]) -> Result<Vec<(u64, Option<u64>)>, Malformed> {
        let mut runs = Runs::<u64>::new(column);
        let mut found = Vec::new();
        while let Some(run) = runs.next()? {
            found.push((run.count, run.value));
        }
        Ok(found)
    }

    #[test]
    fn repeats_literals_and_nulls_are_told_apart() {
        let column = [3, 7, 0, 2, 0x7e, 8, 9];
        let found = all(&column).unwrap();
        assert_eq!(found, [(3, Some(7)), (2, None), (1, Some(8)), (1, Some(9))]);
    }

    #[test]
    fn other_ways_to_write_the_same_are_refused() {
        let refused: [&[u8]; 9] = [
            &[1, 7],             // one value as a repeat
            &[2, 7, 2, 7],       // two repeats of one value
            &[2, 7, 0x7f, 7],    // a repeat that stops early
            &[0x7f, 7, 2, 7],    // a repeat that begins late
            &[0x7e, 7, 7],       // a repeat as literals
            &[0x7f, 7, 0x7f, 8], // literals in two runs
            &[0, 1, 0, 1],       // nulls in two runs
            &[0, 0],             // no nulls
            &[0x7f],             // a literal that is not there
        ];
        for column in refused {
            assert!(all(column).is_err(), "{column:?}");
        }
    }

    #[test]
    fn cells_and_sums_expand_what_was_counted() {
        let mut sums = Sums::new(&[2, 5, 0, 1, 0x7f, 0x7f]);
        let found: Vec<_> = (0..5).map(|_| sums.next().unwrap()).collect();
        assert_eq!(found, [Some(5), Some(10), None, Some(9), None]);
        assert_eq!(Sums::new(&[0x7f, 0x7f]).next(), Err(Malformed::Reference));
    }

    #[test]
    fn flags_alternate_from_false() {
        let mut flags = Flags::new(&[0, 1, 2]);
        let found: Vec<_> = (0..4).map(|_| flags.next().unwrap()).collect();
        assert_eq!(found, [true, false, false, false]);
    }
}
