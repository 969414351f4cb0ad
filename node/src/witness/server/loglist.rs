//! The list of logs that a witness follows, in the witness network's format.
//!
//! ```text
//! # a comment; empty lines are ignored, too
//! logs/v0
//! vkey <verifier key>         begins a log; type 0x01 or 0x06
//! origin none|<origin>        the log's origin if it is not the key's name
//! bastion none|<URL>          ignored: this witness is reached directly
//! qpd <requests a day>
//! contact <how to reach the operator of the log>
//! ```
//!
//! One origin may be listed under several keys, for a rotation; it then has the largest of the allowances.

use std::collections::BTreeMap;
use std::sync::Arc;

use sanwu_schema::tlog::vkey::{ED25519, MLDSA44_COSIGNATURE, Vkey};

/// The longest list: 100,000 logs, the public network's largest list, of 250 bytes each are 25 MB.
pub(super) const LIST_BYTES_MAX: usize = 32 << 20;

/// The longest origin: what an ML-DSA-44 cosignature has room for.
const ORIGIN_BYTES_MAX: usize = 255;

/// The keys of one log at most: a key of either type before and after a rotation, and as many again.
const KEYS_MAX: usize = 8;

/// Requests a day of a log whose block does not say: a checkpoint every second.
const QPD_DEFAULT: f64 = 86_400.0;

/// A log that the witness follows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed {
    /// Whose signature counts.
    pub(super) keys: Arc<[Vkey]>,
    /// Cosignatures a day.
    pub(super) qpd: f64,
    /// How to reach the log's operator.
    pub(super) contact: Option<String>,
}

/// The list, by origin.
pub(super) type LogList = BTreeMap<String, Listed>;

/// What is wrong with a list, and in which line, counted from 1.
pub(super) type ListError = (usize, String);

/// One block, until the next `vkey` ends it.
struct Block {
    line: usize,
    vkey: Vkey,
    origin: Option<String>,
    qpd: Option<f64>,
    contact: Option<String>,
    bastion: bool,
}

/// Reads a list.
pub(super) fn parse(bytes: &[u8]) -> Result<LogList, ListError> {
    if bytes.len() > LIST_BYTES_MAX {
        return Err((1, format!("longer than {LIST_BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| (1, "not UTF-8".to_owned()))?;
    let (mut list, mut block, mut header) = (LogList::new(), None::<Block>, false);
    for (number, line) in text.lines().enumerate() {
        let (number, line) = (number + 1, line.trim());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !header {
            if line != "logs/v0" {
                return Err((number, "the first line has to be logs/v0".into()));
            }
            header = true;
            continue;
        }
        let (word, value) = line.split_once(' ').map_or((line, ""), |(word, value)| (word, value.trim()));
        if word == "vkey" {
            if let Some(block) = block.take() {
                add(&mut list, block)?;
            }
            let vkey = log_key(value).map_err(|detail| (number, detail))?;
            block = Some(Block { line: number, vkey, origin: None, qpd: None, contact: None, bastion: false });
            continue;
        }
        let Some(block) = &mut block else { return Err((number, format!("{word}: a log begins with vkey"))) };
        member(block, word, value).map_err(|detail| (number, detail))?;
    }
    if let Some(block) = block {
        add(&mut list, block)?;
    }
    if header { Ok(list) } else { Err((1, "no line logs/v0".into())) }
}

fn log_key(text: &str) -> Result<Vkey, String> {
    let vkey = Vkey::parse(text).map_err(|error| format!("vkey: {error}"))?;
    if matches!(vkey.algorithm(), ED25519 | MLDSA44_COSIGNATURE) {
        Ok(vkey)
    } else {
        // Type 0x04 is a witness's: it does not speak for a log.
        Err(format!("vkey: type {:#04x} is not a log's", vkey.algorithm()))
    }
}

fn member(block: &mut Block, word: &str, value: &str) -> Result<(), String> {
    let again = match word {
        "origin" => block.origin.replace(origin(value, &block.vkey)?).is_some(),
        "qpd" => block.qpd.replace(per_day(value)?).is_some(),
        "contact" => block.contact.replace(value.to_owned()).is_some(),
        "bastion" => std::mem::replace(&mut block.bastion, true),
        _ => return Err(format!("{word}: an unknown word")),
    };
    if again { Err(format!("{word}: a second time for one log")) } else { Ok(()) }
}

fn origin(value: &str, vkey: &Vkey) -> Result<String, String> {
    let origin = if value == "none" { vkey.name() } else { value };
    if origin.is_empty() || origin.len() > ORIGIN_BYTES_MAX || origin.contains(|c: char| c < ' ') {
        return Err(format!("origin: 1 to {ORIGIN_BYTES_MAX} bytes without control characters"));
    }
    Ok(origin.to_owned())
}

fn per_day(value: &str) -> Result<f64, String> {
    let parsed = value.parse::<f64>().ok().filter(|qpd| qpd.is_finite() && *qpd > 0.0);
    parsed.ok_or_else(|| "qpd: a number above 0".into())
}

fn add(list: &mut LogList, block: Block) -> Result<(), ListError> {
    let Block { line, vkey, origin: named, qpd, contact, bastion: _ } = block;
    let name = match named {
        Some(name) => name,
        None => origin("none", &vkey).map_err(|detail| (line, detail))?,
    };
    let qpd = qpd.unwrap_or(QPD_DEFAULT);
    let log = list.entry(name).or_insert_with(|| Listed { keys: Arc::new([]), qpd, contact: None });
    log.qpd = log.qpd.max(qpd);
    log.contact = log.contact.take().or(contact);
    if log.keys.contains(&vkey) {
        return Ok(());
    }
    if log.keys.iter().any(|key| key.name() == vkey.name() && key.key_id() == vkey.key_id()) {
        return Err((line, "vkey: another key has the same name and id".into()));
    }
    if log.keys.len() == KEYS_MAX {
        return Err((line, format!("vkey: more than {KEYS_MAX} keys of one log")));
    }
    log.keys = log.keys.iter().cloned().chain([vkey]).collect();
    Ok(())
}
