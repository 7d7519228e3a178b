//! Pages: documents of which there is one each, and which every device may be the first to write.
//!
//! Two devices that each created such a document would hide one another's writing after a merge. So a
//! page starts from one fixed first change, the same bytes on every device ([`Page::start`]); its actor
//! is [`Actor::RESERVED`], and it is never in a record (rule R8). What devices write rests on it.
//!
//! A page more is one variant here with its bytes, and a type like [`DevicesPage`]: the fixed change of
//! a page with sections makes one empty text a section.

use super::{Actor, ChangeBytes, DeviceName, JournalError};
use automerge::{
    Automerge, Change, ObjId, ObjType, ROOT, ReadDoc,
    transaction::{CommitOptions, Transactable},
};
use daymark_wire::DeviceId;
use std::{collections::BTreeMap, fmt};

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// What the person calls each device.
    Devices,
    /// What is shared, with whom, and the aliases of people ([`crate::sharing::LedgerPage`]).
    Ledger,
}

impl Page {
    /// Every page.
    pub const ALL: [Self; 2] = [Self::Devices, Self::Ledger];

    /// The name from which the page's document id is computed. Never changed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::Ledger => "ledger",
        }
    }

    /// The fixed first change. Never changed after the first release.
    #[must_use]
    pub const fn first_change(self) -> &'static [u8] {
        match self {
            Self::Devices => DEVICES_FIRST_CHANGE,
            Self::Ledger => LEDGER_FIRST_CHANGE,
        }
    }

    /// The page as it is before anybody wrote on it: the fixed first change and nothing else.
    ///
    /// # Errors
    /// [`JournalError::Document`], if Automerge does not read its own bytes.
    pub fn start(self) -> Result<Automerge, JournalError> {
        let change = Change::try_from(self.first_change()).map_err(|_| JournalError::Document)?;
        let mut document = Automerge::new();
        document
            .apply_changes([change])
            .map_err(|_| JournalError::Document)?;
        Ok(document)
    }

    /// The map that the first change makes, at the key of the page's name.
    pub(crate) fn map(self, document: &Automerge) -> Option<ObjId> {
        let (value, id) = document.get(ROOT, self.name()).ok()??;
        (value.to_objtype() == Some(ObjType::Map)).then_some(id)
    }
}

/// A map at the key `devices`, made by the reserved actor. The tests make it again and compare.
const DEVICES_FIRST_CHANGE: &[u8] = &[
    0x85, 0x6f, 0x4a, 0x83, 0x8e, 0x3c, 0x2f, 0x08, 0x01, 0x32, 0x00, 0x10, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x01, 0x00, 0x00,
    0x00, 0x05, 0x15, 0x09, 0x34, 0x01, 0x42, 0x02, 0x56, 0x02, 0x70, 0x02, 0x7f, 0x07, 0x64, 0x65,
    0x76, 0x69, 0x63, 0x65, 0x73, 0x01, 0x7f, 0x00, 0x7f, 0x00, 0x7f, 0x00,
];

/// A map at the key `ledger`, made by the reserved actor. The tests make it again and compare.
const LEDGER_FIRST_CHANGE: &[u8] = &[
    0x85, 0x6f, 0x4a, 0x83, 0x7c, 0x65, 0x5b, 0x3f, 0x01, 0x31, 0x00, 0x10, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x01, 0x00, 0x00,
    0x00, 0x05, 0x15, 0x08, 0x34, 0x01, 0x42, 0x02, 0x56, 0x02, 0x70, 0x02, 0x7f, 0x06, 0x6c, 0x65,
    0x64, 0x67, 0x65, 0x72, 0x01, 0x7f, 0x00, 0x7f, 0x00, 0x7f, 0x00,
];

/// What the person calls each device: a map from device id (hex) to name.
#[derive(Clone)]
pub struct DevicesPage {
    document: Automerge,
}

impl DevicesPage {
    /// The page before any device has a name.
    ///
    /// # Errors
    /// [`JournalError::Document`].
    pub fn start() -> Result<Self, JournalError> {
        Page::Devices.start().map(Self::from_automerge)
    }

    /// A page that was loaded, or came back from the gate.
    #[must_use]
    pub const fn from_automerge(document: Automerge) -> Self {
        Self { document }
    }

    /// The document itself, for the gate.
    #[must_use]
    pub const fn automerge(&self) -> &Automerge {
        &self.document
    }

    /// The document itself, without a copy, for the gate.
    #[must_use]
    pub fn into_automerge(self) -> Automerge {
        self.document
    }

    /// Names a device; `None` when it has that name.
    ///
    /// # Errors
    /// [`JournalError::Document`].
    pub fn set_name(
        &mut self,
        actor: Actor,
        device: DeviceId,
        name: &DeviceName,
    ) -> Result<Option<ChangeBytes>, JournalError> {
        let names = self.names_map().ok_or(JournalError::Document)?;
        if self.names().get(&device).is_some_and(|known| known == name) {
            return Ok(None);
        }
        self.document.set_actor(actor.to_automerge());
        let mut transaction = self.document.transaction();
        transaction
            .put(&names, device.to_string(), name.as_str())
            .map_err(|_| JournalError::Document)?;
        let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(0));
        hash.map(|hash| ChangeBytes::of(&self.document, &hash))
            .transpose()
    }

    /// The names that were given. A name may come from a later version: escape it for a terminal.
    #[must_use]
    pub fn names(&self) -> BTreeMap<DeviceId, DeviceName> {
        let Some(names) = self.names_map() else {
            return BTreeMap::new();
        };
        let pairs = self.document.map_range(&names, ..).filter_map(|item| {
            let device: DeviceId = item.key.parse().ok()?;
            let name = DeviceName::mend(item.value.into_value().as_str()?)?;
            Some((device, name))
        });
        pairs.collect()
    }

    /// The whole document with its history, uncompressed.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.document.save_nocompress()
    }

    fn names_map(&self) -> Option<ObjId> {
        Page::Devices.map(&self.document)
    }
}

/// Shows nothing: names lie in it.
impl fmt::Debug for DevicesPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DevicesPage([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remade(page: Page) -> Vec<u8> {
        let mut document = Automerge::new().with_actor(Actor::RESERVED.to_automerge());
        let mut transaction = document.transaction();
        transaction
            .put_object(ROOT, page.name(), ObjType::Map)
            .unwrap();
        let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(0));
        ChangeBytes::of(&document, &hash.unwrap())
            .unwrap()
            .into_bytes()
    }

    fn device(byte: u8) -> (DeviceId, Actor) {
        let device = DeviceId::from_bytes([byte; 16]);
        (device, Actor::new(device, [byte; 8]))
    }

    fn name(text: &str) -> DeviceName {
        DeviceName::parse(text).unwrap()
    }

    /// Frozen: other bytes would part the pages of old and new devices for good.
    #[test]
    fn the_first_changes_are_what_they_always_were() {
        let frozen = [
            (
                "devices",
                "856f4a838e3c2f0801320010ffffffffffffffffffffffffffffffff010100\
                 000005150934014202560270027f0764657669636573017f007f007f00",
            ),
            (
                "ledger",
                "856f4a837c655b3f01310010ffffffffffffffffffffffffffffffff010100\
                 000005150834014202560270027f066c6564676572017f007f007f00",
            ),
        ];
        for (page, (name, bytes)) in Page::ALL.into_iter().zip(frozen) {
            let hex: String = page
                .first_change()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!((page.name(), hex.as_str()), (name, bytes));
            assert_eq!(remade(page), page.first_change());
        }
    }

    #[test]
    fn a_page_starts_with_one_change_of_the_reserved_actor() {
        for page in Page::ALL {
            let start = page.start().unwrap();
            let changes = start.get_changes(&[]);
            assert_eq!(changes.len(), 1);
            assert_eq!(
                Actor::from_automerge(changes[0].actor_id()),
                Some(Actor::RESERVED)
            );
            assert!(page.map(&start).is_some());
        }
        assert!(DevicesPage::start().unwrap().names().is_empty());
    }

    #[test]
    fn first_names_given_on_two_devices_at_once_both_stay() {
        let ((phone, phone_actor), (laptop, laptop_actor)) = (device(1), device(2));
        let mut on_phone = DevicesPage::start().unwrap();
        let mut on_laptop = DevicesPage::start().unwrap();
        on_phone
            .set_name(phone_actor, phone, &name("phone"))
            .unwrap()
            .unwrap();
        on_laptop
            .set_name(laptop_actor, laptop, &name("laptop"))
            .unwrap()
            .unwrap();
        on_phone.document.merge(&mut on_laptop.document).unwrap();
        on_laptop.document.merge(&mut on_phone.document).unwrap();
        let expected = BTreeMap::from([(phone, name("phone")), (laptop, name("laptop"))]);
        assert_eq!(on_phone.names(), expected);
        assert_eq!(on_laptop.names(), expected);
    }

    #[test]
    fn it_prints_no_name() {
        let (device, actor) = device(1);
        let mut page = DevicesPage::start().unwrap();
        page.set_name(actor, device, &name("kitchen")).unwrap();
        assert_eq!(format!("{page:?}"), "DevicesPage([redacted])");
    }

    #[test]
    fn the_same_name_again_is_no_change() {
        let (device, actor) = device(1);
        let mut page = DevicesPage::start().unwrap();
        assert!(
            page.set_name(actor, device, &name("phone"))
                .unwrap()
                .is_some()
        );
        assert!(
            page.set_name(actor, device, &name("phone"))
                .unwrap()
                .is_none()
        );
        assert!(
            page.set_name(actor, device, &name("old phone"))
                .unwrap()
                .is_some()
        );
        assert_eq!(
            page.names().into_values().collect::<Vec<_>>(),
            [name("old phone")]
        );
    }

    #[test]
    fn a_page_without_its_first_change_is_refused_a_name_and_shows_none() {
        let (device, actor) = device(1);
        let mut page = DevicesPage::from_automerge(Automerge::new());
        assert_eq!(
            page.set_name(actor, device, &name("x")),
            Err(JournalError::Document)
        );
        assert!(page.names().is_empty());
    }
}
