//! Writes the steps of an edit into a transaction; whatever reads like that already is not written.

use crate::journal::{Edit, Imported, Kind, Step, When, Zone, fields, splice};
use automerge::{
    AutomergeError, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value,
    transaction::{Transactable, Transaction},
};

type Written = Result<(), AutomergeError>;

/// See the module.
pub(super) struct Writer<'w, 'd> {
    transaction: &'w mut Transaction<'d>,
}

impl<'w, 'd> Writer<'w, 'd> {
    pub(super) const fn new(transaction: &'w mut Transaction<'d>) -> Self {
        Self { transaction }
    }

    pub(super) fn write(&mut self, edit: &Edit) -> Written {
        edit.steps().iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Written {
        match step {
            Step::At(at) => self.time(at),
            Step::Kind(kind) => self.kind(kind),
            Step::Title(title) => self.text(fields::TITLE, |now| title.onto(now), fields::BESIDE),
            Step::Text(text) => self.text(fields::TEXT, |now| text.onto(now), fields::BELOW),
            Step::Day(day) => self.line(fields::DAY, day.map(|day| day.to_string()).as_deref()),
            Step::Answer(prompt, answer) => {
                let key = format!("{}{prompt}", fields::ANSWER);
                self.text(&key, |now| answer.onto(now), fields::BELOW)
            }
            Step::ContentNote(note) => self.line(
                fields::CONTENT_NOTE,
                note.as_ref().map(|note| note.as_str()),
            ),
            Step::Sensitive(set) => self.flag(fields::SENSITIVE, *set),
            Step::DoNotBringBack(set) => self.flag(fields::DO_NOT_BRING_BACK, *set),
            Step::Draft(set) => self.flag(fields::DRAFT, *set),
            Step::AddTag(tag) => self.flag(&format!("{}{tag}", fields::TAG), true),
            Step::RemoveTag(tag) => self.flag(&format!("{}{tag}", fields::TAG), false),
            Step::AddArea(area) => self.flag(&format!("{}{area}", fields::AREA), true),
            Step::RemoveArea(area) => self.flag(&format!("{}{area}", fields::AREA), false),
            Step::AddPerson(person) => self.flag(&format!("{}{person}", fields::PERSON), true),
            Step::RemovePerson(person) => self.flag(&format!("{}{person}", fields::PERSON), false),
            Step::Imported(imported) => self.imported(imported),
            Step::Origin(document) => self.line(fields::ORIGIN, Some(&document.to_string())),
        }
    }

    /// Instant and zone are written together, so that of two moves one stands whole.
    fn time(&mut self, at: &When) -> Written {
        let instant = ScalarValue::Int(at.milliseconds());
        let written_zone = self.written_line(fields::ZONE)?;
        let utc = Zone::utc();
        let same_zone = written_zone.as_deref().unwrap_or(utc.as_str()) == at.zone().as_str();
        if same_zone && self.written(fields::AT)?.as_ref() == Some(&instant) {
            return Ok(());
        }
        self.transaction.put(ROOT, fields::AT, instant)?;
        if same_zone && written_zone.is_none() {
            return Ok(());
        }
        self.transaction.put(ROOT, fields::ZONE, at.zone().as_str())
    }

    fn kind(&mut self, kind: &Kind) -> Written {
        if *kind == Kind::default() && self.written(fields::KIND)?.is_none() {
            return Ok(());
        }
        self.line(fields::KIND, Some(kind.as_str()))
    }

    fn imported(&mut self, imported: &Imported) -> Written {
        self.line(fields::FROM, Some(imported.from.as_str()))?;
        self.line(fields::SOURCE, imported.id.as_ref().map(|id| id.as_str()))?;
        let note = imported.note.as_str();
        self.line(fields::NOTE, (!note.is_empty()).then_some(note))
    }

    /// A plain value: the last to write it wins, where two did at once.
    fn line(&mut self, key: &str, value: Option<&str>) -> Written {
        match (self.written_line(key)?, value) {
            (None, None) => Ok(()),
            (Some(_), None) => self.transaction.delete(ROOT, key),
            (Some(written), Some(value)) if written == value && self.agreed(key)? => Ok(()),
            (_, Some(value)) => self.transaction.put(ROOT, key, value),
        }
    }

    /// A flag, or a member of a set: there with the value true, or not there.
    fn flag(&mut self, key: &str, set: bool) -> Written {
        let is_set = self.transaction.get_all(ROOT, key)?.iter().any(|(value, _)| {
            matches!(value, Value::Scalar(scalar) if **scalar == ScalarValue::Boolean(true))
        });
        match (is_set, set) {
            (false, true) => self.transaction.put(ROOT, key, true),
            (true, false) => self.transaction.delete(ROOT, key),
            _ => Ok(()),
        }
    }

    /// Makes the text at `key` read what `wanted` makes of what it reads now, in few splices. Where several
    /// were first written at once, the one that won takes all of it and the others are emptied, so that what
    /// is typed into them meanwhile elsewhere still shows.
    fn text(&mut self, key: &str, wanted: impl Fn(&str) -> String, between: &str) -> Written {
        let mut all = self.texts(key)?;
        let shown = fields::join(all.iter().rev().map(|(_, text)| text.clone()), between);
        let wanted = wanted(&shown);
        if shown == wanted {
            return Ok(());
        }
        let Some((winner, old)) = all.pop() else {
            let new = self.transaction.put_object(ROOT, key, ObjType::Text)?;
            return self.transaction.splice_text(&new, 0, 0, &wanted);
        };
        self.splice(&winner, &old, &wanted)?;
        all.iter()
            .try_for_each(|(other, text)| self.splice(other, text, ""))
    }

    fn splice(&mut self, text: &ObjId, old: &str, wanted: &str) -> Written {
        for splice in splice::splices(old, wanted) {
            let delete = isize::try_from(splice.delete).unwrap_or(isize::MAX);
            self.transaction
                .splice_text(text, splice.at, delete, splice.insert)?;
        }
        Ok(())
    }

    /// The texts that stand at a key, the one that won last.
    fn texts(&self, key: &str) -> Result<Vec<(ObjId, String)>, AutomergeError> {
        let all = self.transaction.get_all(ROOT, key)?;
        let texts = all
            .into_iter()
            .filter(|(value, _)| *value == Value::Object(ObjType::Text));
        texts
            .map(|(_, id)| self.transaction.text(&id).map(|text| (id, text)))
            .collect()
    }

    /// The plain value that won at a key.
    fn written(&self, key: &str) -> Result<Option<ScalarValue>, AutomergeError> {
        let found = self.transaction.get(ROOT, key)?;
        Ok(found.and_then(|(value, _)| value.into_scalar().ok()))
    }

    fn written_line(&self, key: &str) -> Result<Option<String>, AutomergeError> {
        Ok(self
            .written(key)?
            .and_then(|value| value.as_str().map(str::to_owned)))
    }

    /// Whether one value stands at a key, not several.
    fn agreed(&self, key: &str) -> Result<bool, AutomergeError> {
        Ok(self.transaction.get_all(ROOT, key)?.len() < 2)
    }
}
