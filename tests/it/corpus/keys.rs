//! Verifier keys, good and bad.

use sanwu_schema::crypto::hash::{b64_encode, hex_encode};
use sanwu_schema::tlog::vkey::{ED25519_COSIGNATURE, SignerKey};
use sanwu_tests::village::secret;

use super::{NEUTRAL, note_key_id, signer};

/// Verifier key texts, each with whether ours reads it.
pub fn vkeys() -> Vec<(String, String, bool)> {
    let log = signer("sanwu.test/log");
    let vkey = log.vkey().to_string();
    let parts: Vec<&str> = vkey.splitn(3, '+').collect();
    let [name, id, key] = parts[..] else { panic!("three parts") };
    let raw = log.vkey().key().to_vec();
    let of = |name: &str, bytes: &[u8]| {
        let id = hex_encode(&note_key_id(name, bytes));
        format!("{name}+{id}+{}", b64_encode(bytes))
    };
    let typed = |kind: u8, key: &[u8]| [&[kind], key].concat();
    let cosigner = SignerKey::new("sanwu.test/witness", ED25519_COSIGNATURE, secret("corpus witness")).expect("signer");
    // 33 bytes make 44 characters: no padding, so no bits can be left over.
    assert!(key.len() == 44 && !key.ends_with('='));
    let mut not_a_point = [0; 32];
    not_a_point[0] = 2;
    let mut not_canonical = [0xff; 32];
    not_canonical[0] = 0xee;
    not_canonical[31] = 0x7f;
    [
        ("a key", vkey.clone(), true),
        ("a name of one letter", of("a", &typed(1, &raw)), true),
        ("a Chinese name", of("柳溪村", &typed(1, &raw)), true),
        ("nothing", String::new(), false),
        ("a name", name.into(), false),
        ("a name and an id", format!("{name}+{id}"), false),
        ("no name", of("", &typed(1, &raw)), false),
        ("a space in the name", of("a b", &typed(1, &raw)), false),
        ("an ideographic space in the name", of("a\u{3000}b", &typed(1, &raw)), false),
        ("an empty id", format!("{name}++{key}"), false),
        ("an id of seven digits", format!("{name}+{}+{key}", &id[1..]), false),
        ("an id of nine digits", format!("{name}+0{id}+{key}"), false),
        ("an id that is not hex", format!("{name}+zzzzzzzz+{key}"), false),
        ("an id in capitals", format!("{name}+{}+{key}", id.to_uppercase()), false),
        ("another id", format!("{name}+00000000+{key}"), false),
        ("another name", format!("b{name}+{id}+{key}"), false),
        ("no key", format!("{name}+{id}+"), false),
        ("a space before", format!(" {vkey}"), false),
        ("a space behind", format!("{vkey} "), false),
        ("a newline behind", format!("{vkey}\n"), false),
        ("padding behind", format!("{vkey}="), false),
        ("a star in the base64", format!("{name}+{id}+*{}", &key[1..]), false),
        ("a type and no key", of(name, &[1]), false),
        ("a key of 31 bytes", of(name, &typed(1, &raw[1..])), false),
        ("a key of 33 bytes", of(name, &typed(1, &[&raw[..], &[0]].concat())), false),
        ("the reserved type", of(name, &typed(3, &raw)), false),
        ("type 0", of(name, &typed(0, &raw)), false),
        ("type 255", of(name, &typed(255, &raw)), false),
        ("a cosigner's key", cosigner.vkey().to_string(), true),
        ("a key of small order", of(name, &typed(1, &NEUTRAL)), false),
        ("a key that is not on the curve", of(name, &typed(1, &not_a_point)), false),
        ("a key in another than its one encoding", of(name, &typed(1, &not_canonical)), false),
    ]
    .map(|(what, text, good)| (what.to_owned(), text, good))
    .to_vec()
}
