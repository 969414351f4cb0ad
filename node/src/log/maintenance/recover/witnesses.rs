//! What witnesses have recorded of this log, held against the store: the record of a store that was put back from an
//! old copy, and of a key that somebody else signs with, is with them.

use std::sync::Arc;

use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::witness::AddCheckpoint;
use thiserror::Error;

use super::{REMEDY, claimed};
use crate::log::ReadError;
use crate::log::publish::cosign::{Answer, Peer, Reach};
use crate::log::publish::keys::{LogSigners, Shown};
use crate::log::state::shared::Shared;

/// Why a witness's record says nothing about this log.
#[derive(Debug, Error)]
pub(in crate::log) enum Unheard {
    #[error("it shows a checkpoint that this log has not signed")]
    Strange,
    #[error(
        "it shows a checkpoint signed with a retired log key over a tree that was never there: that key is in other \
         hands, and the witness must drop it from its list"
    )]
    Misused,
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The witness did not say.
    #[error("{0}")]
    Silent(String),
}

/// Asks every witness, all at the same time, for the newest checkpoint of this log that it has cosigned. One that is
/// ahead of the store, or of another history, makes the log read-only; a silent one is told in its standing and
/// counts as nothing.
pub(in crate::log) fn ask_witnesses(shared: &Arc<Shared>, reaches: &mut [Reach]) {
    std::thread::scope(|scope| {
        for Reach { names, peer } in reaches {
            scope.spawn(move || {
                let name = names.first().map_or("", String::as_str);
                if let Err(why) = ask(shared, name, &mut **peer) {
                    let why = why.to_string();
                    names.iter().for_each(|name| shared.witnesses.trouble(name, &why));
                }
            });
        }
    });
}

fn ask(shared: &Shared, name: &str, peer: &mut dyn Peer) -> Result<(), Unheard> {
    let Some(note) = peer.latest().map_err(Unheard::Silent)? else { return probe(shared, name, peer) };
    match heed_witness(shared, name, &note) {
        Err(Unheard::Strange) => heed_alone(shared, name, &note),
        heard => heard,
    }
}

/// Stops admission if what a witness has recorded is not part of the log: this store is an old copy, or somebody
/// else signs with the key. An error if the log has not signed what the witness shows: while the log runs, a
/// witness's word alone does not stop it.
pub(in crate::log) fn heed_witness(shared: &Shared, name: &str, note: &[u8]) -> Result<(), Unheard> {
    let root = shared.chain(&ChainId::root())?;
    let signers = LogSigners::new(root.as_ref().map(|state| &*state.facts), &shared.held);
    let shown = match signers.open(note, &shared.origin) {
        Shown::Signed(shown) => shown,
        Shown::Misused => return Err(Unheard::Misused),
        Shown::Strange => return Err(Unheard::Strange),
    };
    let head = shared.committed().position;
    if shown.size > head.size {
        let (here, there) = (head.size, shown.size);
        let why =
            format!("witness {name} has this log's signature over size {there}: an old copy was put back. {REMEDY}");
        doubt(shared, name, format!("the store ends at size {here}, but {why}"));
    } else if shared.root_at(shown.size)? != Some(shown.root) {
        let why = format!(
            "witness {name} has this log's signature over another history of size {}: never sign again with this key; \
             keep both and report it",
            shown.size
        );
        doubt(shared, name, why);
    }
    Ok(())
}

/// At the start a note counts that this node cannot open, if a witness of the policy has cosigned it: store and key
/// file may both be older than a change of the log's keys, and what is signed twice cannot be taken back.
fn heed_alone(shared: &Shared, name: &str, note: &[u8]) -> Result<(), Unheard> {
    let here = shared.committed().position.size;
    let cosigned = Note::parse(note).is_ok_and(|note| !shared.witnesses.cosigned_in(&note).is_empty());
    let there = claimed(note, &shared.origin).filter(|there| cosigned && *there > here).ok_or(Unheard::Strange)?;
    let why = format!(
        "the store ends at size {here}, but witness {name} has cosigned size {there}, signed with a log key that is \
         known neither to the store nor to log.key: an old copy was put back. {REMEDY} If the witness is wrong, take \
         it out of the policy"
    );
    doubt(shared, name, why);
    Ok(())
}

/// A witness that shows no checkpoint of this log has none, or serves them elsewhere (tlog-witness allows another
/// prefix for them): a request says what it has recorded. At the start its word is enough; whoever is sure that it
/// errs takes it out of the policy.
fn probe(shared: &Shared, name: &str, peer: &mut dyn Peer) -> Result<(), Unheard> {
    let committed = shared.committed();
    let here = committed.position.size;
    let Ok(checkpoint) = Note::parse(&committed.note) else { return Ok(()) };
    if here == 0 {
        return Ok(());
    }
    let request = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint };
    if let Answer::Conflict(there) = peer.add_checkpoint(&request)
        && there > here
    {
        let why = format!(
            "the store ends at size {here}, but witness {name} says that it has cosigned size {there}: an old copy was \
             put back, or somebody else signs with the log's key. {REMEDY} If the witness is wrong, take it out of the \
             policy"
        );
        doubt(shared, name, why);
    }
    Ok(())
}

fn doubt(shared: &Shared, name: &str, why: String) {
    tracing::error!(witness = name, "read-only: {why}");
    shared.doubt(why);
}
