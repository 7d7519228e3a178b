//! J2 and J3 as a law: whatever is done in whatever order, a supporter opens exactly what is shared with them and
//! was delivered, and never a byte of anything else.
//!
//! A model says what each of the three has: the owner's vault, the relay, the supporter's vault. After each sync it
//! is compared with what the supporter is shown, and with all that their keys open of what the relay gives them and
//! of what lies in their vault.

mod model;

use daymark_client::sharing::{HowToShare, Parts, ShareError};
use daymark_core::journal::Day;
use daymark_relay::Clock;
use daymark_tests::{
    hostile::{Hoard, HostileRelay, HostileSupporter, SeenKeys, rows},
    world::{Circle, Device, SetClock},
};
use daymark_wire::DocumentId;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use model::{ENTRIES, Has, Model, Step, step, texts_of};
use proptest::{prelude::*, test_runner::TestCaseError};
use std::{
    collections::BTreeSet,
    mem,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// As many cases as a test run has time for; `PROPTEST_CASES` asks for more.
const CASES: u32 = 6;

/// The real ones beside the model.
struct Act {
    relay: HostileRelay,
    circle: Circle,
    time: Clock,
    clock: SetClock,
    entries: Vec<DocumentId>,
    /// What each entry reads now.
    current: Vec<String>,
    model: Model,
    keys: SeenKeys,
}

fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

impl Act {
    async fn begin() -> Self {
        let time = Clock::standing_at(seconds());
        let (relay, circle) = HostileRelay::with_circle_at(time.clone()).await;
        let clock = SetClock::default();
        let Circle {
            owner,
            supporters: [supporter, other],
            bonds,
        } = circle;
        let circle = Circle {
            owner: owner.by_clock(&clock).await,
            supporters: [supporter.by_clock(&clock).await, other],
            bonds,
        };
        let mut act = Self {
            relay,
            circle,
            time,
            clock,
            entries: Vec::new(),
            current: Vec::new(),
            model: Model::default(),
            keys: SeenKeys::default(),
        };
        for entry in 0..ENTRIES {
            let text = act.model.new_text(entry);
            act.entries.push(act.circle.owner.write(&text).await);
            act.current.push(text);
        }
        act
    }

    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Share {
                entry,
                days,
                keep_updated,
            } => self.share(entry, days, keep_updated).await?,
            Step::Edit { entry } => {
                let text = self.model.new_text(entry);
                self.circle.owner.edit(self.entries[entry], &text).await;
                self.current[entry] = text;
            }
            Step::ShareAgain { entry } => self.share_again(entry).await?,
            Step::Unshare { entry } => {
                // What has passed its day can be taken back too.
                let vault = &self.circle.owner.vault;
                let taken = vault
                    .unshare(self.entries[entry], Some(self.circle.bonds[0]))
                    .await;
                let had = self.model.owner.remove(&entry).is_some();
                prop_assert!(taken.is_ok() || !had, "{taken:?}");
            }
            Step::Reply => {
                let supporter = &self.circle.supporters[0].vault;
                if let Some(shared) = supporter.shared().await.unwrap().first() {
                    supporter.reply(shared.share, "thank you").await.unwrap();
                }
            }
            Step::End => {
                let ended = self.circle.owner.vault.end_bond(self.circle.bonds[0]).await;
                prop_assert_eq!(ended.is_err(), self.model.owner_is_over);
                self.model.owner_is_over = true;
                self.model.owner.clear();
            }
            Step::Leave => {
                let supporter = &self.circle.supporters[0].vault;
                let left = supporter.leave_bond(self.circle.bonds[0]).await;
                prop_assert_eq!(left.is_err(), self.model.supporter_is_over);
                self.model.supporter_is_over = true;
                self.model.supporter.clear();
            }
            Step::ADayPasses => {
                self.model.day += 1;
                self.clock.put_ahead(self.model.day);
                self.time.set(seconds() + self.model.day * 24 * 60 * 60);
                self.model.pass();
            }
            Step::OwnerSyncs => {
                let report = self.circle.owner.sync().await;
                prop_assert!(report.faults.is_empty(), "{:?}", report.faults);
                self.model.owner_syncs(&self.current);
                self.compare().await?;
            }
            Step::SupporterSyncs => {
                let report = self.circle.supporters[0].sync().await;
                prop_assert!(report.faults.is_empty(), "{:?}", report.faults);
                self.model.supporter_syncs();
                self.compare().await?;
            }
            Step::OwnerRestarts => self.restart(0).await,
            Step::SupporterRestarts => self.restart(1).await,
        }
        Ok(())
    }

    async fn share(
        &mut self,
        entry: usize,
        days: Option<u64>,
        keep_updated: bool,
    ) -> Result<(), TestCaseError> {
        let (vault, bonds) = (&self.circle.owner.vault, [self.circle.bonds[0]]);
        let preview = vault
            .preview(self.entries[entry], &Parts::default(), &bonds)
            .await;
        prop_assert_eq!(preview.is_err(), self.model.owner_is_over);
        let Ok(preview) = preview else { return Ok(()) };
        let until = days.map(|days| self.model.day + days);
        let how = HowToShare {
            why: None,
            until: until.map(day),
            keep_updated,
        };
        vault.share(&preview, &how).await.unwrap();
        let text = self.current[entry].clone();
        let has = Has {
            text,
            until,
            keep_updated,
        };
        self.model.owner.insert(entry, has);
        Ok(())
    }

    async fn share_again(&mut self, entry: usize) -> Result<(), TestCaseError> {
        let vault = &self.circle.owner.vault;
        let who = vault.who_sees(Some(self.entries[entry])).await.unwrap();
        let known = self.model.owner.get_mut(&entry);
        let (share, has) = match (who.as_slice(), known) {
            ([one], Some(has)) => (one.share, has),
            ([], None) => return Ok(()),
            (who, known) => return Err(TestCaseError::fail(format!("{who:?}, {known:?}"))),
        };
        let again = vault.share_again(share).await;
        prop_assert!(
            again.is_ok(),
            "{:?}",
            again.map_err(|error: ShareError| error.code())
        );
        has.text.clone_from(&self.current[entry]);
        Ok(())
    }

    async fn restart(&mut self, which: usize) {
        let place = match which {
            0 => &mut self.circle.owner,
            _ => &mut self.circle.supporters[0],
        };
        let again = Device {
            name: place.name.clone(),
            vault: place.vault.clone(),
            phrase: None,
        };
        let again = again.by_clock(&self.clock).await;
        drop(mem::replace(place, again));
    }

    /// What the supporter is shown, and what their keys open, is what the model says.
    async fn compare(&mut self) -> Result<(), TestCaseError> {
        let (supporter, bond) = (&self.circle.supporters[0], self.circle.bonds[0]);
        let shown: BTreeSet<String> = crate::supporter::texts(supporter)
            .await
            .into_iter()
            .collect();
        prop_assert_eq!(&shown, &texts_of(&self.model.supporter));

        let keys = SeenKeys::of(&supporter.vault).await;
        self.keys = mem::take(&mut self.keys).and(keys.clone());
        let mut hostile = HostileSupporter::of(&supporter.vault, bond).await;
        hostile.hand.clock = Arc::new(self.clock.clone());
        let mut given = Hoard::of_vault(&supporter.vault).await;
        let reply = hostile.fetch(self.relay.address(), bond).await;
        given.keep_links(reply.links);
        given.keep_records(reply.spaces.into_iter().flat_map(|space| space.records));
        let opened = keys.open(&given);
        let in_rows = rows(&supporter.vault).await;
        let holds = |text: &&String| {
            let in_rows = in_rows.iter();
            opened.holds(text.as_bytes())
                || in_rows
                    .map(|row| &row.content)
                    .any(|row| crate::supporter::holds(row, text.as_bytes()))
        };
        let found: BTreeSet<String> = self.model.texts.iter().filter(holds).cloned().collect();
        let delivered = &texts_of(&self.model.relay) | &texts_of(&self.model.supporter);
        if self.model.supporter_is_over {
            // What a relay still has opens no more with what is left here; but new keys that it shows do.
            prop_assert!(found.is_subset(&delivered), "{:?}", found);
        } else {
            prop_assert_eq!(found, delivered);
        }
        Ok(())
    }

    /// With a relay that kept everything, and every key that was ever there: only what was once delivered.
    fn compare_with_everything(&mut self, everything: &Hoard) -> Result<(), TestCaseError> {
        let opened = mem::take(&mut self.keys).open(everything);
        let holds = |text: &&String| opened.holds(text.as_bytes());
        for text in self.model.texts.iter().filter(holds) {
            prop_assert!(self.model.ever.contains(text), "{} was never shared", text);
        }
        Ok(())
    }
}

fn day(ahead: u64) -> Day {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = today.checked_add(i64::try_from(ahead).unwrap().days());
    Day::from(day.unwrap())
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut act = Act::begin().await;
    for step in steps {
        act.step(step).await?;
    }
    for last in [Step::OwnerSyncs, Step::SupporterSyncs, Step::OwnerSyncs] {
        act.step(last).await?;
    }
    let everything = Hoard::of_everything(&act.relay).await;
    act.compare_with_everything(&everything)
}

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").map(|_| default.cases);
    ProptestConfig {
        cases: asked.unwrap_or(CASES),
        failure_persistence: None,
        max_shrink_iters: 40,
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn j2_j3_whatever_happens_a_supporter_opens_what_is_shared_and_was_delivered_and_nothing_else(
        steps in prop::collection::vec(step(), 6..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps))?;
    }
}
