//! Notes spoiled at random, the same in every run.

use sanwu_schema::hash::b64_decode;

use super::{Case, notes, ours};

/// Notes of the corpus with a few bytes changed, taken out, put in, or lines moved.
pub fn spoiled(count: usize) -> Vec<Case> {
    let seeds: Vec<Case> = notes().into_iter().filter(|case| case.good && case.note.len() < 2_000).collect();
    let mut random = Random(0x7a6e_7775);
    let interesting: &[&[u8]] =
        &[b"\n", b"\n\n", b" ", b"+", b"=", b"A", b"\xe2\x80\x94 ", b"\xc2\xa0", b"\r", b"\0", b"\xff", b"/", b"a"];
    let mut cases = Vec::new();
    while cases.len() < count {
        let mut case = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(3) {
            let at = random.below(case.note.len());
            let with = interesting[random.below(interesting.len())];
            match random.below(5) {
                0 => case.note[at] ^= 1 << random.below(8),
                1 => _ = case.note.remove(at),
                2 => _ = case.note.splice(at..at, with.iter().copied()),
                3 => _ = case.note.splice(at..=at, with.iter().copied()),
                _ => {
                    let mut lines: Vec<&[u8]> = case.note.split_inclusive(|byte| *byte == b'\n').collect();
                    let (from, to) = (random.below(lines.len()), random.below(lines.len()));
                    lines.swap(from, to);
                    case.note = lines.concat();
                }
            }
        }
        case.name = format!("spoiled {}", cases.len());
        case.good = ours(&case).is_some();
        cases.push(case);
    }
    cases
}

/// Whether a signature line has base64 whose last character has bits left over: where ours is stricter than Go's.
pub fn has_bits_left_over(note: &[u8]) -> bool {
    String::from_utf8_lossy(note).lines().filter(|line| line.starts_with('—')).any(|line| {
        let base64 = line.rsplit(' ').next().unwrap_or_default();
        let zeroed: Option<String> = match base64.trim_end_matches('=').char_indices().last() {
            Some((at, last)) if base64.ends_with('=') && base64.len() % 4 == 0 => {
                const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
                let keep = if base64.ends_with("==") { 0b11_0000 } else { 0b11_1100 };
                ALPHABET.find(last).map(|value| {
                    let last = &ALPHABET[value & keep..=value & keep];
                    format!("{}{last}{}", &base64[..at], &base64[at + 1..])
                })
            }
            _ => None,
        };
        let reads = |text: &str| b64_decode(text).is_some();
        !reads(base64) && zeroed.as_deref().is_some_and(reads)
    })
}

/// Numbers that are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % bound as u64) as usize
    }
}
