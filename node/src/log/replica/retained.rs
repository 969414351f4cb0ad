//! The checkpoints that upstream has published: retained here too, with cosignatures that come later.

use std::collections::VecDeque;

use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::vkey::Vkey;

use super::follower::{Follower, Stop};
use super::lines::{Pick, united};
use super::signed::Signed;
use crate::clock::now_ms;
use crate::log::state::FollowTrouble;
use crate::storage::Published;

/// The newest checkpoints that are asked for again: with one a second, cosignatures that are half a minute
/// late still arrive. 32 notes of some 4 KB are 128 KB.
const WINDOW: usize = 32;

/// How often they are asked for while nothing new is published.
const REVISIT_MS: u64 = 60_000;

impl Follower {
    /// Copies the retained checkpoints up to the committed position, as far as they are new or may have
    /// changed.
    pub(super) fn copy_retained(&mut self) -> Result<(), Stop> {
        let here = self.tree.size();
        let last = self.state.store.last_published()?.map(|one| one.size);
        let level = last == Some(here);
        if level && now_ms().saturating_sub(self.revisited_ms) < REVISIT_MS {
            return Ok(());
        }
        let mut from = self.window.front().copied().or(last).unwrap_or(0);
        loop {
            self.may_go_on()?;
            let page = self.upstream.checkpoints(from).map_err(FollowTrouble::from)?.unwrap_or_default();
            let Some(next) = page.last().and_then(|last| last.size.checked_add(1)) else { break };
            if next <= from {
                return Err(FollowTrouble::Data("checkpoints".into()).into());
            }
            for one in page.into_iter().filter(|one| one.size <= here) {
                self.take_retained(one)?;
            }
            if next > here {
                break;
            }
            from = next;
        }
        self.revisited_ms = now_ms();
        Ok(())
    }

    /// Retains one, if the log has signed it and it fits the entries here.
    fn take_retained(&mut self, one: Published) -> Result<(), Stop> {
        let Published { size, published_ms, note } = one;
        let signed = match self.signed(note) {
            Ok(signed) if signed.checkpoint.size == size => signed,
            _ => {
                tracing::warn!(size, "upstream lists a checkpoint that no key of the log has signed");
                return Ok(());
            }
        };
        if self.state.root_at(self.heads.committed().position, size)? != Some(signed.checkpoint.root) {
            return Err(self.fork_inside(&signed)?.into());
        }
        self.retain(signed, Some(published_ms))?;
        remember(&mut self.window, size);
        Ok(())
    }

    /// Makes a checkpoint whose entries are all here this node's own.
    pub(super) fn publish(&mut self, signed: &Signed) -> Result<(), Stop> {
        let retained = self.retain(signed.clone(), None)?;
        let before = self.heads.published();
        if before.as_ref().is_some_and(|before| before.size > retained.size) {
            return Ok(());
        }
        let same = before.as_ref().filter(|before| before.size == retained.size).map(|before| before.note.as_slice());
        let notes: Vec<&[u8]> = [retained.note.as_slice(), signed.note.as_slice()].into_iter().chain(same).collect();
        let note = united(&notes, &self.checked()?, Pick::Last).unwrap_or_else(|| retained.note.clone());
        let shown = Published { note, ..retained };
        if before.is_none_or(|before| *before != shown) {
            self.heads.set_published(shown.clone());
        }
        self.weigh_window(&shown)
    }

    /// The keys whose lines are checked, as far as the copied entries say.
    fn checked(&self) -> Result<Vec<Vkey>, Stop> {
        let root = self.root()?;
        Ok(self.pins.checked(root.as_ref().map(|state| &*state.facts)))
    }

    /// Weighs the newest checkpoints before the one that is shown, and that one, as far as none larger was found to have
    /// the quorum.
    fn weigh_window(&self, shown: &Published) -> Result<(), Stop> {
        if self.state.witnesses.policy().witnesses().is_empty() {
            return Ok(());
        }
        let enough = self.heads.witnessed().map(|one| one.size);
        let newest = self.window.iter().copied();
        // Of the one that was found last the newest cosignatures are shown; the store keeps the first.
        for size in newest.filter(|one| *one < shown.size && enough.is_none_or(|enough| *one > enough)) {
            let one = self.state.store.published_from(size, 1)?;
            one.iter().filter(|one| one.size == size).for_each(|one| self.weigh(one));
        }
        self.weigh(shown);
        Ok(())
    }

    /// Tells the pages which of the pinned witnesses have cosigned a checkpoint, and whether they are enough.
    fn weigh(&self, published: &Published) {
        let Ok(note) = Note::parse(&published.note) else { return };
        let facts = &self.state.witnesses;
        let cosigned = facts.cosigned_in(&note);
        for witness in facts.policy().witnesses() {
            if let Some((_, time)) = cosigned.iter().find(|(vkey, _)| *vkey == witness.vkey) {
                facts.cosigned(&witness.name, published.size, *time);
            }
        }
        let quorum = facts.weigh(&cosigned);
        if quorum.required && quorum.satisfied {
            self.heads.set_witnessed(published);
        }
    }

    /// Stores a checkpoint, with the cosignatures that are known already. The time is the one that
    /// upstream states, or now if it states none.
    fn retain(&self, signed: Signed, published_ms: Option<u64>) -> Result<Published, Stop> {
        let size = signed.checkpoint.size;
        let known = self.state.store.published_from(size, 1)?.into_iter().next().filter(|one| one.size == size);
        let note = match &known {
            // Good lines that are here stay, and what an older program kept unchecked goes.
            Some(known) => united(&[&known.note, &signed.note], &self.checked()?, Pick::First),
            None => None,
        };
        let note = note.unwrap_or_else(|| signed.note.clone());
        let before = known.as_ref().map(|known| known.published_ms);
        let now = Published { size, published_ms: published_ms.or(before).unwrap_or_else(now_ms), note };
        if known.as_ref() != Some(&now) {
            self.state.store.publish(&now)?;
        }
        Ok(now)
    }

    /// Returns the largest retained checkpoint beyond the entries here that a key known here has signed.
    pub(super) fn newest_signed_in_between(&self) -> Result<Option<Signed>, Stop> {
        let mut found = None;
        let mut from = self.tree.size().saturating_add(1);
        loop {
            self.may_go_on()?;
            let page = self.upstream.checkpoints(from).map_err(FollowTrouble::from)?.unwrap_or_default();
            let Some(next) = page.last().and_then(|last| last.size.checked_add(1)) else { return Ok(found) };
            if next <= from {
                return Err(FollowTrouble::Data("checkpoints".into()).into());
            }
            let before = found.is_some();
            let mut signed = page.into_iter().filter_map(|one| self.signed(one.note).ok()).peekable();
            let any = signed.peek().is_some();
            found = signed.last().or(found);
            if before && !any {
                // The keys known here sign no more from there on.
                return Ok(found);
            }
            from = next;
        }
    }
}

fn remember(window: &mut VecDeque<u64>, size: u64) {
    if window.back().is_none_or(|last| *last < size) {
        window.push_back(size);
        if window.len() > WINDOW {
            window.pop_front();
        }
    }
}
