//! All cores of the machine, for work that core wants spread.

use daymark_core::sync::Workers;
use rayon::prelude::*;

/// Few items are not worth waking another core.
const WORTH_SPREADING: usize = 8;

/// Spreads work with rayon.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cores;

impl Workers for Cores {
    fn map<T: Send, R: Send>(&self, items: Vec<T>, f: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
        if items.len() < WORTH_SPREADING {
            items.into_iter().map(f).collect()
        } else {
            items.into_par_iter().map(f).collect()
        }
    }
}
