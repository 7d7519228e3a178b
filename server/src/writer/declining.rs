//! Somebody who holds an invitation says no. The owner's devices hear of it with their next sync.

use super::Writer;
use crate::{accounts::Bond, problem::Problem, store::StoreError};
use daymark_wire::{Hash, SpaceId, invitation::Decline};
use std::sync::Arc;
use tokio::sync::oneshot;

/// A no to an invitation.
#[derive(Debug)]
pub(crate) struct Declining {
    pub(crate) bond: SpaceId,
    /// The hash of the token that was shown.
    pub(crate) token: Hash,
    pub(crate) declined: Decline,
    /// Whether it is kept: only the first answer to an open invitation is.
    pub(crate) reply: oneshot::Sender<Result<bool, Problem>>,
}

impl Writer {
    /// Keeps an answer, in a commit of its own.
    pub(super) async fn decline(&mut self, declining: Declining) {
        let kept = self.keep_decline(&declining).await;
        let kept = kept.map_err(|error| {
            self.accounts.withdraw();
            Problem::from(error)
        });
        // The one who asked may be gone.
        let _ = declining.reply.send(kept);
    }

    async fn keep_decline(&mut self, declining: &Declining) -> Result<bool, StoreError> {
        let now = self.clock.now();
        self.writing.begin().await?;
        let written: Result<Option<Bond>, StoreError> = async {
            let bond = self.writing.bond(declining.bond).await?;
            let open = bond.filter(|bond| bond.is_open_to(declining.token, now));
            if let Some(bond) = &open {
                let answer = &declining.declined;
                self.writing.set_declined(bond.space.row, answer).await?;
            }
            self.writing.commit().await?;
            Ok(open)
        }
        .await;
        match written {
            Ok(Some(mut bond)) => {
                bond.declined = Some(declining.declined);
                self.accounts.show(Vec::new(), vec![Arc::new(bond)]);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => {
                if let Err(error) = self.writing.roll_back().await {
                    tracing::warn!(%error, "nothing to roll back");
                }
                Err(error)
            }
        }
    }
}
