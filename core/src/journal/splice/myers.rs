//! Myers' greedy search for the least differences, with a bound.

use super::Hunk;

/// How far into the old list each diagonal (old − new) has come.
#[derive(Clone)]
struct Furthest {
    middle: isize,
    reached: Vec<isize>,
}

impl Furthest {
    fn new(most: isize) -> Self {
        let slots = usize::try_from(2 * most + 3).unwrap_or_default();
        Self {
            middle: most + 1,
            reached: vec![0; slots],
        }
    }

    fn on(&self, diagonal: isize) -> isize {
        let slot = usize::try_from(self.middle + diagonal).unwrap_or(usize::MAX);
        self.reached.get(slot).copied().unwrap_or_default()
    }

    fn set(&mut self, diagonal: isize, reached: isize) {
        let slot = usize::try_from(self.middle + diagonal).unwrap_or(usize::MAX);
        if let Some(place) = self.reached.get_mut(slot) {
            *place = reached;
        }
    }

    /// The diagonal from which `diagonal` is reached best with `spent` differences.
    fn from(&self, diagonal: isize, spent: isize) -> isize {
        let inserts = diagonal == -spent
            || (diagonal != spent && self.on(diagonal - 1) < self.on(diagonal + 1));
        if inserts { diagonal + 1 } else { diagonal - 1 }
    }
}

/// Myers' greedy search; `None` when more than `most` differences are needed.
pub(super) fn myers(old: &[&str], new: &[&str], most: isize) -> Option<Vec<Hunk>> {
    let (old_len, new_len) = (
        isize::try_from(old.len()).ok()?,
        isize::try_from(new.len()).ok()?,
    );
    if (old_len - new_len).abs() > most {
        return None;
    }
    let most = most.min(old_len + new_len);
    let same = |x: isize, y: isize| {
        let (x, y) = (usize::try_from(x).ok(), usize::try_from(y).ok());
        matches!((x.and_then(|x| old.get(x)), y.and_then(|y| new.get(y))), (Some(a), Some(b)) if a == b)
    };
    let mut furthest = Furthest::new(most);
    let mut trace = Vec::new();
    for spent in 0..=most {
        trace.push(furthest.clone());
        let mut diagonal = -spent;
        while diagonal <= spent {
            let mut x = if spent == 0 {
                0
            } else {
                let from = furthest.from(diagonal, spent);
                furthest.on(from) + isize::from(from < diagonal)
            };
            while same(x, x - diagonal) {
                x += 1;
            }
            furthest.set(diagonal, x);
            if x >= old_len && x - diagonal >= new_len {
                return Some(walk_back(&trace, old_len, new_len));
            }
            diagonal += 2;
        }
    }
    None
}

/// Reads the way back from the end of both lists; neighbouring differences become one hunk.
fn walk_back(trace: &[Furthest], old_len: isize, new_len: isize) -> Vec<Hunk> {
    let (mut x, mut y) = (old_len, new_len);
    let mut hunks: Vec<Hunk> = Vec::new();
    for (spent, furthest) in (0_isize..)
        .zip(trace)
        .skip(1)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let from = furthest.from(x - y, spent);
        let deletes = from < x - y;
        x = furthest.on(from);
        y = x - from;
        let (old, new) = (
            usize::try_from(x).unwrap_or(0),
            usize::try_from(y).unwrap_or(0),
        );
        let one = Hunk {
            old: old..old + usize::from(deletes),
            new: new..new + usize::from(!deletes),
        };
        match hunks.last_mut() {
            Some(last) if last.old.start == one.old.end && last.new.start == one.new.end => {
                last.old.start = one.old.start;
                last.new.start = one.new.start;
            }
            _ => hunks.push(one),
        }
    }
    hunks.reverse();
    hunks
}
