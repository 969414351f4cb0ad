//! Notes spoiled at random, the same in every run.

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
