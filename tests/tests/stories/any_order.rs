//! F1 as a law: whatever is done in whatever order, with whatever the line does to it, in the end every
//! device shows the same, and every word that was written is there.

use crate::support::{assert_same_views, assert_signed_once};
use daymark_tests::world::{Device, Fault, Files, World};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Write {
        device: usize,
    },
    Edit {
        device: usize,
        entry: usize,
        place: usize,
    },
    Sync {
        device: usize,
    },
    SyncWith {
        device: usize,
        fault: Fault,
    },
    /// The oldest question that was held back arrives after all.
    Deliver,
    Reopen {
        device: usize,
    },
    RestartRelay,
    /// From now on the third device is a copy of the first one's vault, and both go on.
    Copy,
    BackUpRelay,
    PutBackRelay,
}

fn steps(of: impl Strategy<Value = Step> + 'static) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(of, 8..30)
}

fn everyday() -> BoxedStrategy<Step> {
    let device = 0..3_usize;
    prop_oneof![
        3 => device.clone().prop_map(|device| Step::Write { device }),
        4 => (device.clone(), any::<usize>(), any::<usize>())
            .prop_map(|(device, entry, place)| Step::Edit { device, entry, place }),
        3 => device.clone().prop_map(|device| Step::Sync { device }),
        4 => (device.clone(), fault()).prop_map(|(device, fault)| Step::SyncWith { device, fault }),
        1 => Just(Step::Deliver),
        1 => device.prop_map(|device| Step::Reopen { device }),
        1 => Just(Step::RestartRelay),
    ]
    .boxed()
}

fn misfortunes() -> BoxedStrategy<Step> {
    prop_oneof![
        12 => everyday(),
        1 => Just(Step::Copy),
        1 => Just(Step::BackUpRelay),
        1 => Just(Step::PutBackRelay),
    ]
    .boxed()
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        (0..3000_usize).prop_map(Fault::CutAnswer),
        (0..3000_usize).prop_map(Fault::CutQuestion),
        (1..4_u32).prop_map(Fault::LoseAnswer),
        (1..4_u32).prop_map(Fault::LoseQuestion),
        Just(Fault::Hold),
        Just(Fault::Down),
    ]
}

/// What goes on in one case.
struct Play {
    world: World,
    devices: Vec<Device>,
    /// Questions on the way that nobody waits for any more.
    held: usize,
    backup: Option<Files>,
    words: BTreeSet<String>,
}

impl Play {
    async fn begin() -> Self {
        let (world, devices) = World::of_three().await;
        Self {
            world,
            devices: devices.into(),
            held: 0,
            backup: None,
            words: BTreeSet::new(),
        }
    }

    async fn step(&mut self, step: &Step) {
        match *step {
            Step::Write { device } => {
                let word = self.word(device);
                self.devices[device].write(&word).await;
            }
            Step::Edit {
                device,
                entry,
                place,
            } => self.edit(device, entry, place).await,
            Step::Sync { device } => {
                self.devices[device].sync().await;
            }
            Step::SyncWith { device, fault } => self.sync_with(device, fault).await,
            Step::Deliver if self.held > 0 => {
                self.held -= 1;
                self.world.line().deliver(None).await;
            }
            Step::Deliver => {}
            Step::Reopen { device } => {
                let open = self.devices.remove(device);
                self.devices.insert(device, open.reopen().await);
            }
            Step::RestartRelay => self.world.relay.restart().await,
            Step::Copy => self.copy().await,
            Step::BackUpRelay => self.backup = Some(self.world.relay.back_up().await),
            Step::PutBackRelay => {
                if let Some(files) = &self.backup {
                    self.world.relay.put_back(files).await;
                }
            }
        }
    }

    /// A word that nobody wrote before.
    fn word(&mut self, device: usize) -> String {
        let word = format!(
            "{}{}",
            ["phone", "laptop", "tablet"][device],
            self.words.len()
        );
        self.words.insert(word.clone());
        word
    }

    /// A word between two others, somewhere in one of the entries that the device shows.
    async fn edit(&mut self, device: usize, entry: usize, place: usize) {
        let views = self.devices[device].views().await;
        if views.is_empty() {
            return;
        }
        let view = &views[entry % views.len()];
        let mut words: Vec<&str> = view.entry.text.as_str().split(' ').collect();
        let word = self.word(device);
        words.insert(place % (words.len() + 1), &word);
        self.devices[device].edit(view.id, &words.join(" ")).await;
    }

    async fn sync_with(&mut self, device: usize, fault: Fault) {
        let line = self.world.line();
        line.set(fault);
        let synced = self.devices[device].vault.sync(&|_| ()).await;
        if fault == Fault::Hold {
            self.held += 1;
        }
        if let Err(error) = synced {
            assert_eq!(error.code(), "relay-unreachable");
        }
        line.set(Fault::None);
    }

    /// The tablet's vault is put away, in step, and its place taken by a copy of the phone's.
    async fn copy(&mut self) {
        self.settle().await;
        let tablet = self.devices.remove(2);
        let (place, name) = (tablet.vault.folder().to_owned(), tablet.name.clone());
        tablet.vault.close().await;
        let phone = self.devices.remove(0);
        let (folder, key) = (phone.vault.folder().to_owned(), phone.vault.key());
        phone.vault.close().await;
        Files::of(&folder).put(&place);
        let phone = Device::open_with_key(&folder, "phone", key.clone()).await;
        self.devices.insert(0, phone);
        self.devices
            .push(Device::open_with_key(&place, &name, key).await);
    }

    /// Everyone syncs twice.
    async fn settle(&self) {
        self.world.line().set(Fault::None);
        for device in self.devices.iter().chain(&self.devices) {
            device.sync().await;
        }
    }

    async fn assert_every_word_is_on_every_device(&self) {
        let devices: Vec<_> = self.devices.iter().collect();
        assert_same_views(&devices).await;
        let texts = devices[0].texts().await;
        let there: Vec<&str> = texts.iter().flat_map(|text| text.split(' ')).collect();
        let unique: BTreeSet<String> = there.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(unique, self.words);
        assert_eq!(there.len(), unique.len(), "a word is there twice");
    }
}

fn run(play: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(play);
}

/// As many cases as a test run has time for; `PROPTEST_CASES` asks for more.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").map(|_| default.cases);
    ProptestConfig {
        cases: asked.unwrap_or(cases),
        failure_persistence: None,
        max_shrink_iters: 40,
        ..default
    }
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn f1_everyone_shows_the_same_and_every_word_is_there(steps in steps(everyday())) {
        run(async {
            let mut play = Play::begin().await;
            for step in &steps {
                play.step(step).await;
            }
            play.settle().await;
            play.assert_every_word_is_on_every_device().await;
            if !play.words.is_empty() {
                assert_signed_once(play.world.line());
            }
        });
    }
}

proptest! {
    #![proptest_config(config(16))]

    /// Vaults are copied and the relay goes back in time as well: it takes a few more syncs.
    #[test]
    fn k3_l1_copies_and_relays_that_forget_lose_no_word(steps in steps(misfortunes())) {
        run(async {
            let mut play = Play::begin().await;
            for step in &steps {
                play.step(step).await;
            }
            for _ in 0..3 {
                play.settle().await;
            }
            play.assert_every_word_is_on_every_device().await;
        });
    }
}
