//! Signatures from the time since which a revoked key is suspected (`suspect_from`).

use alloc::vec::Vec;

use super::{Replayed, Rule, Severity, Violation};
use crate::error_code::ErrorCode;

pub(super) const RULE: Rule = Rule {
    id: "suspect",
    severity: Severity::Medium,
    zh: "钥匙撤销前、可疑期间的签名",
    en: "signatures from the time since which a revoked key is suspected",
    // What was placed before an invalid entry is worth a look all the same.
    needs: &[],
    check,
};

/// A revocation that looks back makes earlier statements worth a look, never invalid.
fn check(replayed: &Replayed<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    for suspicion in replayed.trace.suspicions() {
        let doubtful = suspicion.from..suspicion.to;
        for signed in replayed.trace.signed(&suspicion.chain).iter().filter(|one| doubtful.contains(&one.seq)) {
            for keyid in signed.keys.iter().filter(|keyid| suspicion.keys.contains(keyid)) {
                let (index, id) = (signed.index, signed.id);
                found.push(Violation { index, id, code: ErrorCode::KeyRevoked, place: keyid.to_hex() });
            }
        }
    }
    found
}
