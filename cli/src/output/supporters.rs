//! How a bond stands, as a line and as JSON.

use super::{on, short_id, utc};
use daymark_client::sharing::{Pause, Role, Standing, Supporter};
use serde::Serialize;

/// A bond as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct SupporterJson<'s> {
    bond: String,
    name: &'s str,
    role: &'static str,
    standing: &'static str,
    why: Option<&'static str>,
    ending: bool,
    verified: bool,
    muted: bool,
    since: Option<String>,
    open_until: Option<String>,
    shared: usize,
    replies: usize,
    waiting: usize,
}

impl<'s> SupporterJson<'s> {
    pub(crate) fn of(supporter: &'s Supporter) -> Self {
        let (standing, why) = code(supporter.standing);
        let counts = supporter.counts;
        Self {
            bond: supporter.bond.to_string(),
            name: supporter.name.as_str(),
            role: role(supporter.role),
            standing,
            why,
            ending: supporter.ending,
            verified: supporter.verified,
            muted: supporter.muted,
            since: supporter.since.and_then(utc),
            open_until: supporter.open_until.and_then(utc),
            shared: counts.shared,
            replies: counts.replies,
            waiting: counts.waiting,
        }
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Supporter => "supporter",
    }
}

const fn code(standing: Standing) -> (&'static str, Option<&'static str>) {
    match standing {
        Standing::Invited => ("invited", None),
        Standing::Lapsed => ("lapsed", None),
        Standing::Declined => ("declined", None),
        Standing::TakenBack => ("taken-back", None),
        Standing::NotAgreed => ("not-agreed", None),
        Standing::Active => ("active", None),
        Standing::Paused(Pause::NewRoot) => ("paused", Some("new-keys")),
        Standing::Paused(Pause::ForkedLog) => ("paused", Some("two-histories")),
        Standing::Paused(Pause::FullLog) => ("paused", Some("full-log")),
        Standing::Paused(Pause::UnreadableLog) => ("paused", Some("unreadable-log")),
        Standing::Paused(Pause::Withheld) => ("paused", Some("withheld")),
        Standing::Ended { by } => ("ended", Some(role(by))),
    }
}

/// A bond as a line; with the beginning of its id where the name alone means several.
pub(crate) fn supporter_line(supporter: &Supporter, with_id: bool) -> String {
    let side = match (supporter.role, supporter.standing) {
        // Nobody supports anybody yet, or ever did.
        (
            Role::Owner,
            Standing::Invited | Standing::Lapsed | Standing::Declined | Standing::TakenBack,
        ) => "invited by you",
        (Role::Owner, _) => "supports you",
        (Role::Supporter, _) => "shares with you",
    };
    let id = match with_id {
        true => format!(" ({})", short_id(supporter.bond)),
        false => String::new(),
    };
    let mut line = format!("{}{id}  {side}: {}", supporter.name, standing(supporter));
    if supporter.standing == Standing::Active {
        let verified = match supporter.verified {
            true => ", verified",
            false => ", not verified",
        };
        line.push_str(verified);
        let counts = supporter.counts;
        line.push_str(&count(counts.shared, "shared", "shared"));
        line.push_str(&count(counts.replies, "reply", "replies"));
        line.push_str(&count(
            counts.waiting,
            "waits for a sync",
            "wait for a sync",
        ));
    }
    if supporter.muted {
        line.push_str(", muted");
    }
    line
}

fn count(count: usize, one: &str, more: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!(", 1 {one}"),
        count => format!(", {count} {more}"),
    }
}

fn standing(supporter: &Supporter) -> String {
    if supporter.ending {
        return "over here, and there after the next sync".to_owned();
    }
    match (supporter.standing, supporter.open_until, supporter.since) {
        (Standing::Invited, Some(until), _) => format!("open until {}", on(until)),
        (Standing::Active, _, Some(since)) => format!("since {}", on(since)),
        (Standing::Ended { by }, _, _) if by == supporter.role => "ended by you".to_owned(),
        (standing, _, _) => of_others(standing).to_owned(),
    }
}

const fn of_others(standing: Standing) -> &'static str {
    match standing {
        Standing::Invited => "nobody has answered yet",
        Standing::Lapsed => "the invitation lapsed",
        Standing::Declined => "the invitation was declined",
        Standing::TakenBack => "the invitation was taken back",
        Standing::NotAgreed => {
            "answered by somebody who does not hold the invitation, so nothing is sent: end it and invite anew"
        }
        Standing::Active => "agreed",
        Standing::Paused(Pause::NewRoot) => {
            "paused, they have new keys: compare the number with them"
        }
        Standing::Paused(Pause::ForkedLog) => {
            "paused, the relay showed two histories of it: compare the number with them, or end it and invite anew"
        }
        Standing::Paused(Pause::FullLog) => {
            "paused, its log is as long as one can be: end it and invite anew"
        }
        Standing::Paused(Pause::UnreadableLog) => {
            "paused, what the relay showed of it does not hold together: sync, or end it and invite anew"
        }
        Standing::Paused(Pause::Withheld) => {
            "paused, both agreed and the relay has not shown this device so: sync again"
        }
        Standing::Ended { .. } => "ended by them",
    }
}
