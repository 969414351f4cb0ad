//! The signature lines under a checkpoint that a replica keeps: those that it has checked, and no others.

use sanwu_schema::tlog::note::{NOTE_BYTES_MAX, Note, SIGNATURES_MAX, Signature};
use sanwu_schema::tlog::vkey::Vkey;

/// A line that verifies, by the key of that position.
struct Line {
    key: usize,
    /// What a cosignature says; a plain signature has none.
    time: Option<u64>,
    signature: Signature,
}

/// Which of several lines by one key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    /// That with the earliest time: since when the tree was public. What is kept.
    First,
    /// That with the latest: that the witness still watches. What is shown.
    Last,
}

/// Notes of one text as one note, with one good line by each of the keys.
///
/// Lines by other keys, and bad ones, are left out. `None` if the notes cannot be united: not notes, of different
/// texts, without any good line, or too large.
pub(super) fn united(notes: &[&[u8]], keys: &[Vkey], pick: Pick) -> Option<Vec<u8>> {
    let notes: Vec<Note> = notes.iter().map(|note| Note::parse(note).ok()).collect::<Option<_>>()?;
    let text = notes.first()?.text().to_owned();
    if notes.iter().any(|note| note.text() != text) {
        return None;
    }
    let mut good: Vec<Line> = Vec::new();
    for line in notes.iter().flat_map(Note::signatures).filter_map(|line| checked(line, &text, keys)) {
        match good.iter_mut().find(|known| known.key == line.key) {
            Some(known) if pick == Pick::First && known.time > line.time => *known = line,
            Some(known) if pick == Pick::Last && known.time < line.time => *known = line,
            Some(_) => {}
            None => good.push(line),
        }
    }
    let mut note = Note::new(text).ok()?;
    let count = good.len();
    good.into_iter().for_each(|line| note.add(line.signature));
    let bytes = note.to_text().into_bytes();
    (count > 0 && count <= SIGNATURES_MAX && bytes.len() <= NOTE_BYTES_MAX).then_some(bytes)
}

fn checked(line: &Signature, text: &str, keys: &[Vkey]) -> Option<Line> {
    let (key, vkey) = keys.iter().enumerate().find(|(_, vkey)| line.is_by(vkey))?;
    let time = vkey.verify(text, line.bytes()).ok()?;
    Some(Line { key, time, signature: line.clone() })
}
