//! On which terms somebody has an entry, said before a person shares it.

use daymark_client::{
    journal::{Day, Person, Reason},
    sharing::{HowToShare, SpaceId},
};

/// The terms for one of them, and those on which they had it before.
pub(super) struct Terms {
    pub(super) bond: SpaceId,
    pub(super) why: Option<Reason>,
    pub(super) until: Option<Day>,
    pub(super) until_before: Option<Day>,
    pub(super) keep_updated: bool,
    pub(super) updated_before: bool,
}

/// For the vault.
pub(super) fn of(terms: &[Terms], bond: SpaceId) -> HowToShare {
    let terms = terms.iter().find(|terms| terms.bond == bond);
    terms.map_or_else(HowToShare::default, |terms| HowToShare {
        why: terms.why.clone(),
        until: terms.until,
        keep_updated: terms.keep_updated,
    })
}

impl Terms {
    /// What is worth a thought before a yes.
    pub(super) fn lines(&self, name: &Person) -> Vec<String> {
        let mut lines = Vec::new();
        match (self.until, self.until_before) {
            (Some(until), before) if before == Some(until) => {
                lines.push(format!("{name} has it until {until}, as before."));
            }
            (Some(until), _) => lines.push(format!("{name} has it until {until}.")),
            (None, Some(before)) => lines.push(format!(
                "{name} had it until {before}; now there is no last day."
            )),
            (None, None) => {}
        }
        match (self.keep_updated, self.updated_before) {
            (true, _) => lines.push(format!(
                "It is kept up to date: whatever you change in these parts later goes to {name} with the next sync, \
                 and you are not asked. Until you share it with --no-keep-updated, or take it back."
            )),
            (false, true) => lines.push(format!("It is not kept up to date for {name} any more.")),
            (false, false) => {}
        }
        lines
    }
}
