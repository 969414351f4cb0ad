//! `content.sig`: the body is the one that was signed, and every signature verifies.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Grants;
use super::verdict::SignerFact;
use crate::crypto::hash::{Hash, b64_decode};
use crate::crypto::key::{KeyId, PublicKey};
use crate::error_code::{ErrorCode, ErrorKind};
use crate::json::{self, Value};
use crate::kinds::Kind;
use crate::kinds::{Control, Erased};
use crate::proof::bundle::{Bundle, Proved};
use crate::record::entry::{Entry, Invalid};
use crate::record::statement::{Rel, Role};

/// What the entry and its body say, once their signatures hold.
pub(super) struct Content {
    pub entry: Entry,
    pub title: Option<String>,
    pub signers: Vec<SignerFact>,
    pub erased: bool,
    /// Why the body could not be compared, when it is not there.
    pub missing: Option<Invalid>,
}

pub(super) fn check(bundle: &Bundle, grants: &Grants) -> Result<Content, Invalid> {
    let entry = match Entry::parse(&bundle.entry.0) {
        Ok(entry) => entry,
        // Newer than this program: not wrong, as long as its signatures hold.
        Err(e) if e.code.kind() == ErrorKind::Undecided => {
            return Err(if signed_all_the_same(bundle, grants) {
                e
            } else {
                Invalid::new(ErrorCode::Signature, e.place)
            });
        }
        Err(e) => return Err(Invalid::new(e.code, format!("entry: {}", e.place))),
    };
    let entry = entry.verify_signatures(|id| granted_key(grants, id))?.into_entry();
    let named = entry.statement.body.as_ref();
    let (mut title, mut erased, mut missing) = (None, false, None);
    match (&bundle.body, named) {
        (Some(body), Some(named)) => {
            if named.size != body.0.len() as u64 || named.digest != Hash::digest(&body.0) {
                return Err(Invalid::new(ErrorCode::BodyDigest, "body"));
            }
            title = words_of(&body.0).and_then(|b| text(b.get("title")));
        }
        (Some(_), None) => return Err(Invalid::new(ErrorCode::BodyDigest, "body")),
        (None, Some(_)) => {
            erased = bundle.erasure.as_ref().is_some_and(|e| erases(e, &entry));
            if !erased {
                missing = Some(Invalid::new(ErrorCode::ContentAbsent, "body"));
            }
        }
        (None, None) => {}
    }
    let mut signers: Vec<SignerFact> = Vec::new();
    for signer in &entry.statement.signers {
        let (name, office) = name_of(bundle, grants, &entry, &signer.keyid);
        // People expect the offices in their usual order, not in that of key ids. A sort would be linked for 16 at most.
        let office_of = |roles: &[Role]| roles.first().copied();
        let after = |known: &SignerFact| office_of(&known.roles) > office_of(&signer.roles);
        let at = signers.iter().position(after).unwrap_or(signers.len());
        signers.insert(at, SignerFact { keyid: signer.keyid, roles: signer.roles.clone(), name, office });
    }
    Ok(Content { entry, title, signers, erased, missing })
}

/// Returns a key's bytes, from whichever grant of the bundle states them; the id is their digest.
pub(super) fn granted_key(grants: &Grants, keyid: &KeyId) -> Option<PublicKey> {
    grants.iter().flatten().find_map(|e| e.own_key(keyid))
}

/// Returns whether it is an erasure of this statement's body. That it is in the log, other proofs show.
fn erases(proved: &Proved, entry: &Entry) -> bool {
    Entry::parse(&proved.entry.0).is_ok_and(|e| {
        e.statement.kind == Kind::Erasure
            && e.statement.reference(Rel::Erases) == Some(entry.id)
            && matches!(&e.statement.control, Some(Control::Erasure(c)) if c.what != Erased::Rows)
    })
}

/// Name and office as the body of the key's grant states them, if that body is the one that was signed.
fn name_of(bundle: &Bundle, grants: &Grants, entry: &Entry, keyid: &KeyId) -> (Option<String>, Option<String>) {
    let own = bundle.body.as_ref().map(|body| (entry, body));
    let granted = grants.iter().zip(&bundle.grants).filter_map(|(e, g)| Some((e.as_ref().ok()?, g.body.as_ref()?)));
    for (grant, bytes) in granted.chain(own) {
        if grant.own_key(keyid).is_none() {
            continue;
        }
        let signed = grant.statement.body.as_ref().is_some_and(|b| b.digest == Hash::digest(&bytes.0));
        let Some(body) = words_of(&bytes.0).filter(|_| signed) else { continue };
        // A grant names one person, a genesis lists them by key.
        let person = match body.get("keys") {
            Some(Value::Array(people)) => {
                people.iter().find(|p| text(p.get("keyid")).and_then(|k| KeyId::from_hex(&k)) == Some(*keyid))
            }
            _ => Some(&body),
        };
        if let Some(person) = person {
            return (text(person.get("name")), text(person.get("office")));
        }
    }
    (None, None)
}

/// A body as plain JSON: a title and names are all that a verdict shows, so the verifier on a phone need not know
/// every kind of body.
fn words_of(bytes: &[u8]) -> Option<Value> {
    json::parse(bytes).ok()
}

fn text(value: Option<&Value>) -> Option<String> {
    match value {
        Some(Value::String(s)) => Some(s.clone()),
        _ => None,
    }
}

/// Whether an entry of a version that this program does not know is signed by keys that it does know.
fn signed_all_the_same(bundle: &Bundle, grants: &Grants) -> bool {
    let Ok(envelope) = json::parse(&bundle.entry.0) else { return false };
    let (Some(kind), Some(payload)) =
        (text(envelope.get("payloadType")), text(envelope.get("payload")).and_then(|p| b64_decode(&p)))
    else {
        return false;
    };
    let Some(Value::Array(signatures)) = envelope.get("signatures") else { return false };
    let mut message = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    message.extend_from_slice(&payload);
    !signatures.is_empty()
        && signatures.iter().all(|s| {
            let keyid = text(s.get("keyid")).and_then(|k| KeyId::from_hex(&k));
            let sig = text(s.get("sig")).and_then(|s| b64_decode(&s));
            let key = keyid.and_then(|k| granted_key(grants, &k));
            key.zip(sig).is_some_and(|(key, sig)| key.verify(&message, &sig).is_ok())
        })
}
