//! Runs Automerge so that a panic inside is an ordinary error, and says nothing: its messages quote text.
//!
//! A hook is installed once and hands every panic of other code to the hook that was there before. A
//! program that sets its own hook later should keep the one that it finds, as this one does.

use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

thread_local! {
    /// How many gate calls this thread is inside of.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

static HOOK: Once = Once::new();

/// The code inside panicked. What it said is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Panicked;

/// Runs `work`; a panic in it ends here, and nothing of its message is kept, shown or logged.
///
/// What `work` changed before a panic may be half done: hand in copies, and drop them.
pub(super) fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    HOOK.call_once(install);
    let _silence = Silence::begin();
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked)
}

fn install() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        if !Silence::reigns() {
            before(panicked);
        }
    }));
}

/// While one is alive, panics of this thread are silent.
struct Silence;

impl Silence {
    fn begin() -> Self {
        DEPTH.with(|depth| depth.set(depth.get().saturating_add(1)));
        Self
    }

    /// A thread whose locals are gone is ending, and not in the gate.
    fn reigns() -> bool {
        DEPTH.try_with(|depth| depth.get() > 0).unwrap_or(false)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get().saturating_sub(1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k11_a_panic_ends_as_an_error() {
        assert_eq!(quietly(|| 7), Ok(7));
        assert_eq!(quietly(|| panic!("inside")), Err::<(), _>(Panicked));
        assert!(!Silence::reigns());
    }

    #[test]
    fn k19_silence_is_of_this_thread_and_ends_with_the_call() {
        quietly(|| {
            assert!(Silence::reigns());
            assert_eq!(quietly(|| panic!("deeper")), Err::<(), _>(Panicked));
            assert!(Silence::reigns());
            assert!(!std::thread::spawn(Silence::reigns).join().unwrap());
        })
        .unwrap();
        assert!(!Silence::reigns());
    }
}
