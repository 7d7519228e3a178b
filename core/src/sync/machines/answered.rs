//! What the relay said to the request of several machines, handed out to each.

use super::{Event, Machines, Step, Workers, joining::Brought};
use crate::random::{NoRandomness, Random};
use daymark_wire::sync::{AppendOutcome, KnownLog, SyncReply};

impl Machines {
    /// The relay answered [`Step::Send`].
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn replied(
        &mut self,
        mut reply: SyncReply,
        workers: &impl Workers,
        random: &Random,
    ) -> Result<Step, NoRandomness> {
        self.round_trips += 1;
        self.set_aside(&mut reply);
        let bringing = std::mem::take(&mut self.bringing);
        self.part_if_refused(&bringing, &reply.append);
        let in_flight = std::mem::take(&mut self.in_flight);
        for space in &in_flight {
            if let Some(machine) = self.machine(*space) {
                let part = self.part_of(&mut reply, machine, &bringing);
                let event = Event::Replied(Box::new(part));
                self.events.push_back((*space, event));
            }
        }
        let mut links = Vec::new();
        if reply.append == AppendOutcome::Appended {
            links.extend(bringing.into_iter().flat_map(|brought| brought.links));
        }
        links.extend(reply.links);
        self.show_links(links, &in_flight);
        // What a bond stores rests on links of one's own account: the journal has stored them by then.
        let journal = self.journal.replica().space();
        let events = self.events.make_contiguous();
        events.sort_by_key(|(space, _)| *space != journal);
        self.next(workers, random)
    }

    /// Where there is more, the journal's machine asks again, and those for which it may be.
    fn set_aside(&mut self, reply: &mut SyncReply) {
        let more = reply.spaces.iter().any(|space| space.more);
        let known: Vec<KnownLog> = self.aside.known().collect();
        let links = std::mem::take(&mut reply.links);
        reply.links = self.without_strange(links, more || self.brings_strange());
        if more && !known.into_iter().eq(self.aside.known()) {
            self.unsent.insert(self.journal.replica().space());
            self.unsent.extend(self.awaiting_answers());
        }
    }

    /// What was brought together and not taken is brought once more, by each space for itself.
    fn part_if_refused(&mut self, bringing: &[Brought], append: &AppendOutcome) {
        if bringing.len() < 2 || *append == AppendOutcome::Appended {
            return;
        }
        self.apart = true;
        for brought in bringing {
            if let Some(machine) = self.machine_mut(brought.by) {
                machine.bring_again();
            }
        }
    }

    /// The relay does not know the account: it is registered with the journal's next request.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn unknown_account(
        &mut self,
        invite: Option<String>,
        workers: &impl Workers,
        random: &Random,
    ) -> Result<Step, NoRandomness> {
        self.ask_again(Event::UnknownAccount { invite }, workers, random)
    }

    /// The relay knows the account, but not this device: the journal's next request brings it in.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn unknown_device(
        &mut self,
        workers: &impl Workers,
        random: &Random,
    ) -> Result<Step, NoRandomness> {
        self.ask_again(Event::UnknownDevice, workers, random)
    }

    /// The relay took no part of the request: the journal says more, the others the same again.
    fn ask_again(
        &mut self,
        event: Event,
        workers: &impl Workers,
        random: &Random,
    ) -> Result<Step, NoRandomness> {
        self.bringing.clear();
        let journal = self.journal.replica().space();
        let others = std::mem::take(&mut self.in_flight).into_iter();
        self.unsent.extend(others.filter(|space| *space != journal));
        self.handle(journal, event, workers, random)
    }
}
