//! Notes and verifier keys, good and bad, for every implementation to judge: ours, `signed_note`, Go's
//! `sumdb/note`. Each case says what ours has to say.

mod keys;
mod spoiled;

pub use keys::vkeys;
pub use spoiled::spoiled;

use sanwu_schema::crypto::hash::b64_encode;
use sanwu_schema::crypto::key::SecretKey;
use sanwu_schema::tlog::note::{self, Note};
use sanwu_schema::tlog::vkey::{ED25519, SignerKey};
use sanwu_tests::village::secret;

/// The text under most cases: a checkpoint's.
pub const TEXT: &str = "sanwu.test/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

/// The order of the Ed25519 base point, little endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The neutral point: the smallest of the points of small order.
const NEUTRAL: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 1;
    point
};

/// S of the signature over [`TEXT`] by the key `corpus log` whose R is the neutral point: k · a mod L.
const S_OF_NEUTRAL_R: [u8; 32] = [
    0x38, 0x0d, 0xbf, 0x03, 0xf4, 0x73, 0x09, 0xca, 0x8e, 0x73, 0xd5, 0xaa, 0xbf, 0xd9, 0xf6, 0xe3, 0x7b, 0xac, 0xac,
    0x2a, 0xb3, 0x6d, 0xa5, 0x11, 0x24, 0x2b, 0x8e, 0x8e, 0xd1, 0xc7, 0x50, 0x02,
];

/// A note and the keys to open it with.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    pub note: Vec<u8>,
    /// The known keys.
    pub vkeys: Vec<String>,
    /// Whether ours opens it.
    pub good: bool,
}

/// What an implementation makes of a note it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub text: String,
    /// Name and key id of each signature that verifies, in the note's order.
    pub verified: Vec<(String, u32)>,
    /// Name and key id of each other signature, repeated lines once.
    pub unverified: Vec<(String, u32)>,
}

/// Ours.
pub fn ours(case: &Case) -> Option<Opened> {
    let known: Vec<_> =
        case.vkeys.iter().map(|vkey| sanwu_schema::tlog::vkey::Vkey::parse(vkey).ok()).collect::<Option<_>>()?;
    let opened = note::open(&case.note, &known).ok()?;
    let by = |signature: &note::Signature| (signature.name().to_owned(), u32::from_be_bytes(signature.key_id()));
    Some(Opened {
        text: opened.text,
        verified: opened.verified.iter().map(|one| by(&one.signature)).collect(),
        unverified: opened.unverified.iter().map(by).collect(),
    })
}

/// A note signer of the corpus.
pub fn signer(name: &str) -> SignerKey {
    SignerKey::new(name, ED25519, seed(name)).expect("signer")
}

/// The secret key under a name.
fn seed(name: &str) -> SecretKey {
    secret(&format!("corpus {}", name.rsplit('/').next().expect("name")))
}

/// The cases, made one after the other.
struct Corpus {
    log: SignerKey,
    other: SignerKey,
    stranger: SignerKey,
    cases: Vec<Case>,
}

impl Corpus {
    fn case(&mut self, good: bool, name: impl Into<String>, note: impl Into<Vec<u8>>, known: &[&SignerKey]) {
        let vkeys = known.iter().map(|key| key.vkey().to_string()).collect();
        self.cases.push(Case { name: name.into(), note: note.into(), vkeys, good });
    }

    /// A case with the log's and the other's key known.
    fn known(&mut self, good: bool, name: impl Into<String>, note: impl Into<Vec<u8>>) {
        let (log, other) = (self.log.clone(), self.other.clone());
        self.case(good, name, note, &[&log, &other]);
    }

    fn accepts(&mut self, name: impl Into<String>, note: impl Into<Vec<u8>>) {
        self.known(true, name, note);
    }

    fn refuses(&mut self, name: impl Into<String>, note: impl Into<Vec<u8>>) {
        self.known(false, name, note);
    }
}

/// The raw signature over a text.
fn raw(signer: &SignerKey, text: &str) -> Vec<u8> {
    seed(signer.vkey().name()).sign(text.as_bytes())
}

/// A signature line by a key, with any bytes in place of a signature.
fn line_of(signer: &SignerKey, signature: &[u8]) -> String {
    let bytes = [&signer.vkey().key_id()[..], signature].concat();
    format!("— {} {}\n", signer.vkey().name(), b64_encode(&bytes))
}

/// The signature line over a text.
fn line(signer: &SignerKey, text: &str) -> String {
    line_of(signer, &raw(signer, text))
}

/// A note: text, empty line, signature lines.
fn note(text: &str, lines: &[String]) -> String {
    format!("{text}\n{}", lines.concat())
}

/// The whole corpus of notes.
pub fn notes() -> Vec<Case> {
    let [log, other, stranger] = ["sanwu.test/log", "sanwu.test/other", "stranger.example"].map(signer);
    let mut corpus = Corpus { log, other, stranger, cases: Vec::new() };
    good_notes(&mut corpus);
    characters(&mut corpus);
    lines_and_dashes(&mut corpus);
    names(&mut corpus);
    base64(&mut corpus);
    signatures(&mut corpus);
    known_keys(&mut corpus);
    sizes(&mut corpus);
    let mut names: Vec<&str> = corpus.cases.iter().map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), corpus.cases.len(), "two cases have one name");
    corpus.cases
}

fn good_notes(corpus: &mut Corpus) {
    let (log, other, stranger) = (corpus.log.clone(), corpus.other.clone(), corpus.stranger.clone());
    let (by_log, by_other, by_stranger) = (line(&log, TEXT), line(&other, TEXT), line(&stranger, TEXT));
    for (name, lines) in [
        ("one signature", vec![&by_log]),
        ("two signatures", vec![&by_log, &by_other]),
        ("two signatures the other way round", vec![&by_other, &by_log]),
        ("a stranger's before", vec![&by_stranger, &by_log]),
        ("a stranger's behind", vec![&by_log, &by_stranger]),
        ("a signature twice", vec![&by_log, &by_log]),
        ("a stranger's twice", vec![&by_stranger, &by_stranger, &by_log]),
    ] {
        let lines: Vec<String> = lines.into_iter().cloned().collect();
        corpus.accepts(name, note(TEXT, &lines));
    }
    for (name, text) in [
        ("empty lines in the text", "a\n\nb\n\n\nc\n"),
        ("the text is an empty line", "\n"),
        ("the text ends in an empty line", "a\n\n"),
        ("the text begins with an empty line", "\na\n"),
        ("Chinese text", "柳溪村 2026年6月财务公开\n"),
        ("four-byte characters", "𠮷 🀄\n"),
        ("a replacement character as such", "a\u{fffd}b\n"),
        ("a byte order mark in the text", "\u{feff}a\n"),
        ("DEL in the text", "a\u{7f}b\n"),
        ("C1 controls in the text", "a\u{80}\u{85}\u{9f}b\n"),
        ("line separators of Unicode in the text", "a\u{2028}b\u{2029}c\n"),
        ("spaces around the text", "  a  \n"),
        ("dashes in the text", "— a\n— b c\n"),
    ] {
        corpus.accepts(name, note(text, &[line(&log, text)]));
    }
    let inner = note(TEXT, std::slice::from_ref(&by_log));
    corpus.accepts("a note in a note", note(&inner, &[line(&log, &inner)]));
    let noise = line_of(&stranger, &[7]);
    corpus.accepts("a stranger's signature of one byte", note(TEXT, &[noise, by_log.clone()]));
    // The first of a key counts; what it says behind is not looked at.
    corpus.accepts("a bad signature behind a good one of the same key", note(TEXT, &[by_log, line_of(&log, &[0; 64])]));
}

fn characters(corpus: &mut Corpus) {
    let log = corpus.log.clone();
    for control in (0..0x20u8).filter(|byte| *byte != b'\n') {
        let text = format!("a{}b\n", char::from(control));
        corpus.refuses(format!("control {control:#04x} in the text"), note(&text, &[line(&log, &text)]));
    }
    for control in [0x00, 0x09, 0x0d, 0x1f] {
        let control = char::from(control);
        let stranger = format!("— a{control}b AAAAAAA=\n");
        corpus.refuses(format!("control {control:?} in a name"), note(TEXT, &[stranger, line(&log, TEXT)]));
        let spoiled = line(&log, TEXT).replace('\n', &format!("{control}\n"));
        corpus.refuses(format!("control {control:?} behind a signature"), note(TEXT, &[spoiled]));
    }
    for (what, bytes) in [
        ("a lone continuation byte", &b"\x80"[..]),
        ("an overlong NUL", b"\xc0\x80"),
        ("an overlong slash", b"\xe0\x80\xaf"),
        ("a cut sequence", b"\xe6\x9f"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("a character beyond U+10FFFF", b"\xf4\x90\x80\x80"),
        ("0xff", b"\xff"),
    ] {
        let text = [b"a", bytes, b"b\n"].concat();
        let signature = line_of(&log, &seed(log.vkey().name()).sign(&text));
        corpus.refuses(format!("{what} in the text"), [&text[..], b"\n", signature.as_bytes()].concat());
        let stranger = [b"\xe2\x80\x94 a".as_slice(), bytes, b"b AAAAAAA=\n"].concat();
        let lines = [stranger.as_slice(), line(&log, TEXT).as_bytes()].concat();
        corpus.refuses(format!("{what} in a name"), [TEXT.as_bytes(), b"\n", &lines].concat());
    }
}

fn lines_and_dashes(corpus: &mut Corpus) {
    let log = corpus.log.clone();
    let good = line(&log, TEXT);
    let bare = good.trim_end();
    let text = TEXT.trim_end();
    for (name, bytes) in [
        ("nothing", String::new()),
        ("a newline", "\n".into()),
        ("two newlines", "\n\n".into()),
        ("three newlines", "\n\n\n".into()),
        ("a text alone", TEXT.into()),
        ("a text and the empty line", format!("{TEXT}\n")),
        ("a text and two empty lines", format!("{TEXT}\n\n")),
        ("signatures alone", good.clone()),
        ("no text", format!("\n{good}")),
        ("no empty line", format!("{TEXT}{good}")),
        ("a text without a newline", format!("{text}{good}")),
        ("a space in the empty line", format!("{TEXT} \n{good}")),
        ("no newline in the end", format!("{TEXT}\n{bare}")),
        ("two newlines in the end", format!("{TEXT}\n{good}\n")),
        ("three newlines in the end", format!("{TEXT}\n{good}\n\n")),
        ("an empty line between signatures", format!("{TEXT}\n{good}\n{good}")),
        ("text behind the signature", format!("{TEXT}\n{good}behind\n")),
        ("text before the signature", format!("{TEXT}\nbefore\n{good}")),
        ("CRLF in the end", format!("{TEXT}\n{bare}\r\n")),
        ("CRLF everywhere", format!("{TEXT}\n{good}").replace('\n', "\r\n")),
        ("a NEL for the empty line", format!("{text}\u{85}\u{85}{good}")),
        ("another text than was signed", format!("{text}.\n\n{good}")),
        ("an empty line more than was signed", format!("{TEXT}\n\n{good}")),
        ("a byte order mark before all", format!("\u{feff}{TEXT}\n{good}")),
    ] {
        corpus.refuses(name, bytes);
    }
    for (name, dash) in [
        ("a hyphen", "- "),
        ("two hyphens", "-- "),
        ("an en dash", "– "),
        ("a horizontal bar", "― "),
        ("a Chinese dash", "—— "),
        ("a minus sign", "− "),
        ("no dash", ""),
        ("a space for the dash", " "),
        ("a space before the dash", " — "),
        ("no space behind the dash", "—"),
        ("two spaces behind the dash", "—  "),
        ("a no-break space behind the dash", "—\u{a0}"),
        ("an ideographic space behind the dash", "—\u{3000}"),
        ("a combining mark on the dash", "—\u{301} "),
        ("a byte order mark before the dash", "\u{feff}— "),
    ] {
        corpus.refuses(name, note(TEXT, &[good.replacen("— ", dash, 1)]));
        corpus.refuses(
            format!("{name}, in a second line"),
            note(TEXT, &[good.clone(), line(&corpus.stranger, TEXT).replacen("— ", dash, 1)]),
        );
    }
}

fn names(corpus: &mut Corpus) {
    let good = line(&corpus.log, TEXT);
    for (what, name, fine) in [
        ("an empty name", "", false),
        ("a plus in a name", "a+b", false),
        ("a plus for a name", "+", false),
        ("a no-break space in a name", "a\u{a0}b", false),
        ("an Ogham space in a name", "a\u{1680}b", false),
        ("an em space in a name", "a\u{2003}b", false),
        ("a line separator in a name", "a\u{2028}b", false),
        ("a paragraph separator in a name", "a\u{2029}b", false),
        ("a narrow no-break space in a name", "a\u{202f}b", false),
        ("a mathematical space in a name", "a\u{205f}b", false),
        ("an ideographic space in a name", "a\u{3000}b", false),
        ("a NEL in a name", "a\u{85}b", false),
        ("a space in a name", "a b", false),
        // No white space in the sense of Unicode.
        ("a zero-width space in a name", "a\u{200b}b", true),
        ("a word joiner in a name", "a\u{2060}b", true),
        ("a Mongolian vowel separator in a name", "a\u{180e}b", true),
        ("a byte order mark in a name", "\u{feff}a", true),
        ("a Braille blank for a name", "\u{2800}", true),
        ("DEL in a name", "a\u{7f}b", true),
        ("a C1 control in a name", "a\u{9f}b", true),
        ("a dash for a name", "—", true),
        ("a Chinese name", "柳溪村", true),
        ("slashes and colons in a name", "https://a.example:1/b", true),
        ("an equals sign for a name", "=", true),
    ] {
        corpus.known(fine, what, note(TEXT, &[format!("— {name} AAAAAAA=\n"), good.clone()]));
    }
    let long = "n".repeat(10_000);
    corpus.accepts("a name of 10,000 bytes", note(TEXT, &[format!("— {long} AAAAAAA=\n"), good]));
}

fn base64(corpus: &mut Corpus) {
    let log = corpus.log.clone();
    let good = line(&log, TEXT);
    let base64 = good.trim_end().rsplit(' ').next().expect("base64").to_owned();
    // 68 bytes: two characters of the last group, then `=`, so that two bits of the last but one are left over.
    let (head, last) = base64.strip_suffix('=').expect("padding").split_at(base64.len() - 2);
    let after = char::from(last.as_bytes()[0] + 1);
    let name = log.vkey().name();
    for (what, line) in [
        ("no base64", format!("— {name}\n")),
        ("empty base64", format!("— {name} \n")),
        ("base64 without padding", format!("— {name} {head}{last}\n")),
        ("base64 with too much padding", format!("— {name} {base64}=\n")),
        ("base64 padded twice over", format!("— {name} {base64}====\n")),
        ("base64 with bits left over", format!("— {name} {head}{after}=\n")),
        ("base64 cut by one character", format!("— {name} {}\n", &base64[..base64.len() - 1])),
        ("base64 cut by four characters and a padding", format!("— {name} {}\n", &base64[..base64.len() - 5])),
        ("base64 behind padding", format!("— {name} {base64}AAAA\n")),
        ("padding in the middle", format!("— {name} {}={}\n", &base64[..40], &base64[41..])),
        ("padding only", format!("— {name} ====\n")),
        ("a star in the base64", format!("— {name} *{}\n", &base64[1..])),
        ("a space in the base64", format!("— {name} {} {}\n", &base64[..40], &base64[40..])),
        ("a no-break space in the base64", format!("— {name} {}\u{a0}{}\n", &base64[..40], &base64[40..])),
        ("base64 in the alphabet for URLs", format!("— {name} __{}\n", &base64[2..])),
        ("a space behind the base64", format!("— {name} {base64} \n")),
        ("two spaces before the base64", format!("— {name}  {base64}\n")),
        ("a no-break space before the base64", format!("— {name}\u{a0}{base64}\n")),
        ("a word behind the base64", format!("— {name} {base64} x\n")),
        ("hex for base64", format!("— {name} {}\n", "0a".repeat(67))),
    ] {
        corpus.refuses(what, note(TEXT, &[line]));
    }
    // Bits left over in a stranger's line, too: a reader that writes the note again would change it.
    corpus.refuses("a stranger's base64 with bits left over", note(TEXT, &["— a AAAAAAB=\n".into(), good.clone()]));
    for length in 0..=4usize {
        let short = format!("— a {}\n", b64_encode(&vec![1; length]));
        corpus.refuses(format!("a stranger's line of {length} bytes"), note(TEXT, &[short, good.clone()]));
    }
}

fn signatures(corpus: &mut Corpus) {
    let (log, other) = (corpus.log.clone(), corpus.other.clone());
    let good = raw(&log, TEXT);
    let flipped = |at: usize| {
        let mut signature = good.clone();
        signature[at] ^= 1;
        signature
    };
    let mut beyond = good.clone();
    let mut carry = 0u16;
    for (byte, order) in beyond[32..].iter_mut().zip(ORDER) {
        carry += u16::from(*byte) + u16::from(order);
        *byte = carry as u8;
        carry >>= 8;
    }
    for (what, signature) in [
        ("a flipped bit in R", flipped(0)),
        ("a flipped bit in S", flipped(32)),
        ("a flipped top bit in R", flipped(31)),
        ("a flipped top byte in S", flipped(63)),
        ("S beyond the group's order", beyond),
        ("a signature of 63 bytes", good[..63].to_vec()),
        ("a signature of 65 bytes", [&good[..], &[0]].concat()),
        ("a signature of 1 byte", vec![0]),
        ("a signature twice in one line", [&good[..], &good[..]].concat()),
        ("a signature of zeros", vec![0; 64]),
        ("a signature of ones", vec![0xff; 64]),
        ("the text signed without its last newline", raw(&log, TEXT.trim_end())),
        ("the text signed with the empty line", raw(&log, &format!("{TEXT}\n"))),
        ("the other's signature", raw(&other, TEXT)),
        ("R of small order", [NEUTRAL, S_OF_NEUTRAL_R].concat()),
    ] {
        corpus.refuses(what, note(TEXT, &[line_of(&log, &signature)]));
        corpus.refuses(
            format!("{what}, beside the other's good one"),
            note(TEXT, &[line(&other, TEXT), line_of(&log, &signature)]),
        );
    }
    corpus.refuses(
        "a bad signature before a good one of the same key",
        note(TEXT, &[line_of(&log, &[0; 64]), line(&log, TEXT)]),
    );
    let renamed = |name: &str, id: [u8; 4]| format!("— {name} {}\n", b64_encode(&[&id[..], &good[..]].concat()));
    let (name, id) = (log.vkey().name(), log.vkey().key_id());
    corpus.refuses("the name of a known key, another id", note(TEXT, &[renamed(name, [1, 2, 3, 4])]));
    corpus.refuses("the id of a known key, another name", note(TEXT, &[renamed("a", id)]));
    corpus.refuses("the name of a known key in capitals", note(TEXT, &[renamed(&name.to_uppercase(), id)]));
    corpus.accepts(
        "strangers with the name or the id of a known key",
        note(TEXT, &[renamed(name, [1, 2, 3, 4]), renamed("a", id), line(&other, TEXT)]),
    );
}

fn known_keys(corpus: &mut Corpus) {
    let (log, other, stranger) = (corpus.log.clone(), corpus.other.clone(), corpus.stranger.clone());
    let by_log = note(TEXT, &[line(&log, TEXT)]);
    corpus.case(false, "no key known", by_log.clone(), &[]);
    corpus.case(false, "only other keys known", by_log.clone(), &[&other, &stranger]);
    corpus.case(true, "one key known", by_log.clone(), &[&log]);
    corpus.case(false, "one key known twice", by_log.clone(), &[&log, &log]);
    corpus.case(true, "another key known twice", by_log.clone(), &[&log, &other, &other]);
    let both = note(TEXT, &[line(&log, TEXT), line(&other, TEXT)]);
    corpus.case(false, "one key known twice that signed behind", both, &[&log, &other, &other]);
    // Anyone can make a signature over everything by a key of small order.
    let neutral = [&[ED25519], &NEUTRAL[..]].concat();
    let (name, id) = ("small.example", note_key_id("small.example", &neutral));
    let anything = format!("— {name} {}\n", b64_encode(&[&id[..], &NEUTRAL, &[0; 32]].concat()));
    let vkey = format!("{name}+{}+{}", sanwu_schema::crypto::hash::hex_encode(&id), b64_encode(&neutral));
    let note = note(TEXT, &[anything]).into();
    corpus.cases.push(Case { name: "a known key of small order".into(), note, vkeys: vec![vkey], good: false });
}

fn sizes(corpus: &mut Corpus) {
    let log = corpus.log.clone();
    let good = line(&log, TEXT);
    let strangers = |count: usize| (0..count).map(|n| format!("— stranger{n} AAAAAAA=\n")).collect::<String>();
    corpus.accepts("16 signatures", note(TEXT, &[strangers(15), good.clone()]));
    corpus.accepts("100 signatures", note(TEXT, &[strangers(99), good.clone()]));
    corpus.refuses("101 signatures", note(TEXT, &[strangers(100), good.clone()]));
    corpus.refuses("101 signatures, the known one first", note(TEXT, &[good.clone(), strangers(100)]));
    corpus.refuses("101 times one signature", note(TEXT, &vec![good; 101]));
    let of_size = |bytes: usize| {
        let lines = line(&log, "").len();
        let text = format!("{}\n", "x".repeat(bytes - lines - 2));
        let note = note(&text, &[line(&log, &text)]);
        assert_eq!(note.len(), bytes);
        note
    };
    corpus.accepts("1,000,000 bytes", of_size(note::NOTE_BYTES_MAX));
    corpus.refuses("1,000,001 bytes", of_size(note::NOTE_BYTES_MAX + 1));
}

fn note_key_id(name: &str, key: &[u8]) -> [u8; 4] {
    let digest = sanwu_schema::crypto::hash::Hash::digest(&[name.as_bytes(), b"\n", key].concat()).0;
    [digest[0], digest[1], digest[2], digest[3]]
}

#[test]
fn ours_says_of_every_case_what_the_case_says() {
    let cases = notes();
    for case in &cases {
        assert_eq!(ours(case).is_some(), case.good, "{}", case.name);
        assert!(!case.good || Note::parse(&case.note).is_ok(), "{}", case.name);
    }
    let bad = cases.iter().filter(|case| !case.good).count();
    assert!(bad >= 60 && cases.len() - bad >= 30, "{bad} of {}", cases.len());
    for (what, vkey, good) in vkeys() {
        assert_eq!(sanwu_schema::tlog::vkey::Vkey::parse(&vkey).is_ok(), good, "{what}: {vkey}");
    }
}
