//! Reading the policy text, line by line.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Item, POLICY_BYTES_MAX, POLICY_ITEMS_MAX, Policy, PolicyError, PolicyLog, PolicyRule, PolicyWitness};
use crate::tlog::decimal;
use crate::tlog::vkey::{ED25519, ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, Vkey};

/// The quorum that asks for no witness; never the name of one.
const NONE: &str = "none";

pub(super) fn parse(text: &str) -> Result<Policy, PolicyError> {
    if text.len() > POLICY_BYTES_MAX {
        return Err(PolicyError::TooLarge);
    }
    let mut parser = Parser::default();
    for (index, line) in text.split('\n').enumerate() {
        parser.line(line).map_err(|rule| PolicyError::Line { line: index + 1, rule })?;
        let groups = parser.names.len() - parser.witnesses.len();
        if [parser.logs.len(), parser.witnesses.len(), groups].iter().any(|count| *count > POLICY_ITEMS_MAX) {
            return Err(PolicyError::TooLarge);
        }
    }
    let quorum = parser.quorum.ok_or(PolicyError::NoQuorum)?;
    Ok(Policy { logs: parser.logs, witnesses: parser.witnesses, items: parser.items, quorum })
}

#[derive(Default)]
struct Parser {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    /// The names of `items`, by position.
    names: Vec<String>,
    items: Vec<Item>,
    /// Whether the item of that position is a member of some group.
    taken: Vec<bool>,
    /// `Some(None)` after `quorum none`.
    quorum: Option<Option<usize>>,
}

impl Parser {
    fn line(&mut self, line: &str) -> Result<(), PolicyRule> {
        if line.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
            return Err(PolicyRule::Control);
        }
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", vkey] => self.log(vkey, None),
            ["log", vkey, url] => self.log(vkey, Some(url)),
            ["witness", name, vkey] => self.witness(name, vkey, None),
            ["witness", name, vkey, url] => self.witness(name, vkey, Some(url)),
            ["group", name, threshold, members @ ..] if !members.is_empty() => self.group(name, threshold, members),
            ["quorum", name] => self.quorum(name),
            ["log" | "witness" | "group" | "quorum", ..] => Err(PolicyRule::Words),
            _ => Err(PolicyRule::Keyword),
        }
    }

    fn log(&mut self, vkey: &str, url: Option<&str>) -> Result<(), PolicyRule> {
        let vkey = key(vkey, ED25519)?;
        if self.logs.iter().any(|log| log.vkey.key() == vkey.key()) {
            return Err(PolicyRule::DuplicateKey);
        }
        self.logs.push(PolicyLog { vkey, url: url.map(ToString::to_string) });
        Ok(())
    }

    fn witness(&mut self, name: &str, vkey: &str, url: Option<&str>) -> Result<(), PolicyRule> {
        let vkey = key(vkey, ED25519_COSIGNATURE)?;
        if self.witnesses.iter().any(|witness| witness.vkey.key() == vkey.key()) {
            return Err(PolicyRule::DuplicateKey);
        }
        self.define(name, Item::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness { name: name.to_string(), vkey, url: url.map(ToString::to_string) });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), PolicyRule> {
        let threshold = match threshold {
            "any" => 1,
            "all" => members.len(),
            number => {
                let number = decimal(number).and_then(|number| usize::try_from(number).ok());
                number.filter(|number| (1..=members.len()).contains(number)).ok_or(PolicyRule::Threshold)?
            }
        };
        let members = members.iter().map(|member| self.find(member)).collect::<Result<Vec<usize>, _>>()?;
        for member in &members {
            match self.taken.get_mut(*member) {
                Some(taken) if !*taken => *taken = true,
                _ => return Err(PolicyRule::SecondMembership),
            }
        }
        self.define(name, Item::Group { threshold, members })
    }

    fn quorum(&mut self, name: &str) -> Result<(), PolicyRule> {
        if self.quorum.is_some() {
            return Err(PolicyRule::SecondQuorum);
        }
        self.quorum = Some(if name == NONE { None } else { Some(self.find(name)?) });
        Ok(())
    }

    fn define(&mut self, name: &str, item: Item) -> Result<(), PolicyRule> {
        if name == NONE || self.names.iter().any(|taken| taken == name) {
            return Err(PolicyRule::DuplicateName);
        }
        self.names.push(name.to_string());
        self.items.push(item);
        self.taken.push(false);
        Ok(())
    }

    fn find(&self, name: &str) -> Result<usize, PolicyRule> {
        self.names.iter().position(|known| known == name).ok_or(PolicyRule::UnknownName)
    }
}

/// Reads a key of the type that fits, or of the post-quantum type that both may have.
fn key(text: &str, algorithm: u8) -> Result<Vkey, PolicyRule> {
    let vkey = Vkey::parse(text).map_err(|_| PolicyRule::Key)?;
    if [algorithm, MLDSA44_COSIGNATURE].contains(&vkey.algorithm()) { Ok(vkey) } else { Err(PolicyRule::Key) }
}
