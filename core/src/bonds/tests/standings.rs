//! Every way in which a bond can stand.

use super::super::{Pause, Seen, Standing, end, leave};
use super::{LATER, NOW, Pair, Person};
use daymark_wire::logs::{BondState, EndReason, Role};

const SEEN: Seen = Seen {
    agreed: true,
    new_root: false,
    forked: false,
    now: NOW,
};

#[test]
fn an_invitation_is_open_lapsed_declined_or_taken_back() {
    let owner = Person::new(1);
    let invited = owner.invite();
    let open = |now| {
        let agreed = false;
        Standing::of(
            invited.logs.state(),
            Seen {
                now,
                agreed,
                ..SEEN
            },
        )
    };
    assert_eq!(open(LATER - 1), Standing::Invited);
    assert_eq!(open(LATER), Standing::Lapsed);
    assert_eq!(open(0), Standing::Invited);
    for (why, standing) in [
        (EndReason::Chosen, Standing::TakenBack),
        (EndReason::Declined, Standing::Declined),
        (EndReason::Lapsed, Standing::Lapsed),
    ] {
        let mut logs = invited.logs.clone();
        let link = end(&logs, &owner.account, why, owner.device()).unwrap();
        logs.take(&[link], &owner.account);
        assert_eq!(Standing::of(logs.state(), SEEN), standing);
    }
}

#[test]
fn what_was_accepted_is_active_only_when_nothing_speaks_against_it() {
    let pair = Pair::new();
    let of = |seen| Standing::of(pair.logs.state(), seen);
    let active = of(SEEN);
    assert_eq!(active, Standing::Active);
    let against = [
        (
            Seen {
                agreed: false,
                ..SEEN
            },
            Standing::NotAgreed,
        ),
        (
            Seen {
                forked: true,
                ..SEEN
            },
            Standing::Paused(Pause::ForkedLog),
        ),
        (
            Seen {
                new_root: true,
                ..SEEN
            },
            Standing::Paused(Pause::NewRoot),
        ),
    ];
    for (seen, standing) in against {
        assert_eq!(of(seen), standing);
        assert!(!standing.allows_sealing());
    }
    assert!(active.allows_sealing());
    assert_eq!(of(Seen { now: LATER, ..SEEN }), active, "it was accepted");
    let neither = Seen {
        agreed: false,
        forked: true,
        new_root: true,
        now: NOW,
    };
    assert_eq!(of(neither), Standing::NotAgreed, "the gravest first");
}

#[test]
fn an_end_holds_whatever_else_was_shown() {
    let pair = Pair::new();
    let (owner, supporter) = (&pair.owner, &pair.supporter);
    let chosen = EndReason::Chosen;
    let ended = end(&pair.logs, &owner.account, chosen, owner.device()).unwrap();
    let theirs = &pair.accepted.logs;
    let left = leave(theirs, &supporter.account, supporter.device()).unwrap();
    for (link, by) in [(ended, Role::Owner), (left, Role::Supporter)] {
        let mut logs = pair.logs.clone();
        logs.take(&[link], &owner.account);
        let state: &BondState = logs.state();
        for forked in [false, true] {
            let seen = Seen {
                forked,
                new_root: forked,
                agreed: !forked,
                now: LATER,
            };
            let standing = Standing::of(state, seen);
            assert_eq!(standing, Standing::Ended { by });
            assert!(!standing.allows_sealing());
        }
    }
}
