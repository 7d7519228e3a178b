//! How long a person waits for a relay that says nothing.

use daymark_client::sync::Progress;
use std::{pin::pin, time::Duration};
use tokio::{sync::Notify, time::sleep};

/// Silence after which a person is told what is waited for.
const SOON: Duration = Duration::from_secs(3);

/// Silence, beyond that, after which what is only taken along is left for the next sync. What is stored waits well, and
/// a person does not: a relay that is well answers within a second, also over a phone.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether something can wait for the next sync, or was asked for by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// As long as the connection itself does.
    ForAnswer,
    /// Only as long as a person would.
    ALittle,
}

/// What the relay says, noted as it comes.
#[derive(Debug, Default)]
pub(super) struct Heard(Notify);

impl Heard {
    /// Something came of it.
    pub(super) fn note(&self, _: Progress) {
        self.0.notify_one();
    }

    /// Waits for what `work` comes to; none, when there was silence for so long that nobody waits any more. `told` is
    /// called when there was some.
    pub(super) async fn patiently<T>(
        &self,
        work: impl Future<Output = T>,
        wait: Wait,
        told: impl Fn(),
    ) -> Option<T> {
        let mut work = pin!(work);
        let mut pause = SOON;
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                () = self.0.notified() => pause = SOON,
                () = sleep(pause), if pause < Duration::MAX => {
                    if pause != SOON {
                        return None;
                    }
                    told();
                    pause = match wait {
                        Wait::ForAnswer => Duration::MAX,
                        Wait::ALittle => PATIENCE,
                    };
                }
            }
        }
    }
}
