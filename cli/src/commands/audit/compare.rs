//! `sanwu audit compare`: the same log seen from several places. Two histories are shown, and handed over as a file.

use std::path::PathBuf;

use clap::Args;
use sanwu_schema::crypto::hash::b64_encode;
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::verify::Continues;
use sanwu_schema::verify::trust::PinnedLog;
use serde_json::{Value, json};

use crate::error::{Done, Error};
use crate::files;
use crate::known_logs::compare::{
    CheckpointKeys, EntrySummary, KeysFrom, Relation, Split, SplitSide, View, compare, evidence, other_log,
};
use crate::known_logs::memory::{KnownLog, Memory};
use crate::known_logs::server::ServerArgs;
use crate::log_source::source::{self, Source};
use crate::log_source::trust::read_trust;
use crate::text::{Lang, Text, text};
use crate::ui::Ui;

/// What the sources are called, in their order; there are no more.
const NAMES: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];

#[derive(Args, Debug)]
pub struct CompareArgs {
    /// 服务器地址或镜像文件夹 (U盘里的抄本也行), 两个以上
    #[arg(required = true, num_args = 2..=NAMES.len(), value_name = "SOURCE")]
    sources: Vec<String>,
    /// 信任文件; 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// 发现两种历史时, 把证据写成一个可以转交的文件
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

/// Two sources, compared.
struct Pair {
    sides: (usize, usize),
    relation: Result<Relation, Error>,
}

pub fn run(ui: &Ui, args: &CompareArgs) -> Done {
    if let Some(path) = args.evidence.as_ref().filter(|p| p.exists()) {
        return Err(Error::new(ErrorCode::FileExists).at(path.display().to_string()));
    }
    let server = ServerArgs { server: None, trust: args.trust.clone() };
    let trust = server.trust().as_deref().map(read_trust).transpose()?;
    let sources = args.sources.iter().map(|s| source::open(s)).collect::<Result<Vec<_>, _>>()?;
    let notes: Vec<Result<Vec<u8>, Error>> = sources.iter().map(|s| s.checkpoint()).collect();
    let answering = sources.iter().zip(&notes).filter(|(_, note)| note.is_ok());
    let keys = CheckpointKeys::of(trust.clone(), answering.map(|(source, _)| source.as_ref()));
    let read = sources.iter().zip(notes).map(|(source, note)| View::open(source.as_ref(), &note?, &keys));
    let views: Vec<Result<View<'_>, Error>> = read.collect();
    one_log(&views)?;
    let mut pairs = Vec::new();
    for (b, second) in views.iter().enumerate() {
        for (a, first) in views.iter().enumerate().take(b) {
            if let (Ok(first), Ok(second)) = (first, second) {
                pairs.push(Pair { sides: (a, b), relation: compare(first, second) });
            }
        }
    }
    // A machine that cannot remember can compare all the same.
    let (memory, seen, mut trouble) = match remembered(&views, trust.as_ref()) {
        Ok((memory, seen)) => (memory, seen, None),
        Err(e) => (None, None, Some(e)),
    };
    let continues = views.iter().map(|view| match (view, &seen) {
        (Ok(view), Some(seen)) => view.continues(&seen.record).map(Some),
        _ => Ok(None),
    });
    let continues = of_the_same_log(continues.collect(), &pairs);
    let seen_size = seen.as_ref().map(|seen| seen.record.size);
    let (sources, views, pairs, keys_from) = (&sources, &views, &pairs, keys.from);
    let other_log = trouble.take_if(|e| e.code == ErrorCode::Consistency);
    let report = Report { sources, views, pairs, keys_from, continues, seen_size, other_log };
    let exit = report.exit();
    // Without a trust file the log's keys are not known.
    if let (0, Some(memory), Some(pinned), Some(newest)) = (exit, &memory, &trust, report.newest()) {
        // What another process has remembered in between is compared next time.
        trouble = memory.store(pinned, seen.as_ref(), &newest.checkpoint, &newest.note).err();
    }
    if let Some(e) = &trouble {
        ui.say(&Text { zh: e.short(Lang::Zh), en: e.short(Lang::En) });
    }
    // With nothing compared there is only the error to tell.
    if pairs.is_empty() && exit != ErrorCode::Consistency.kind().exit() {
        let failed = views.iter().filter_map(|v| v.as_ref().err()).max_by_key(|e| e.exit() == exit);
        return Err(failed.cloned().unwrap_or_else(|| Error::new(ErrorCode::Usage)));
    }
    let written = match &args.evidence {
        Some(path) => report.write_evidence(path)?.then(|| path.display().to_string()),
        None => None,
    };
    report.tell(ui);
    match (&args.evidence, &written) {
        (_, Some(file)) => ui.print_text(&text!("证据  {file}", "evidence  {file}")),
        (Some(_), None) => ui.say(&text!("没有两种历史, 没有写证据", "no two histories: no evidence was written")),
        (None, None) => {}
    }
    ui.document(&report.to_json(exit, written, ui.lang));
    Ok(exit)
}

/// What this machine has seen of the log that is compared.
fn remembered(
    views: &[Result<View<'_>, Error>],
    trust: Option<&PinnedLog>,
) -> Result<(Option<Memory>, Option<KnownLog>), Error> {
    let memory = match (trust, views.iter().find_map(|view| view.as_ref().ok())) {
        (Some(pinned), _) => Memory::trusting(pinned),
        (None, Some(view)) => Memory::of(&view.checkpoint.origin),
        (None, None) => return Ok((None, None)),
    };
    let seen = match trust {
        Some(pinned) => memory.of_log(&pinned.file.genesis)?,
        None => memory.load()?,
    };
    Ok((Some(memory), seen))
}

/// What is shorter than what was seen is no worse for it if it is the beginning of one that continues that: a mirror of
/// before, or a replica that has not caught up.
fn of_the_same_log(
    mut all: Vec<Result<Option<Continues>, Error>>,
    pairs: &[Pair],
) -> Vec<Result<Option<Continues>, Error>> {
    let is = |all: &[Result<Option<Continues>, Error>], at: usize, what: Continues| matches!(all.get(at), Some(Ok(Some(found))) if *found == what);
    for pair in pairs {
        let Ok(Relation::Prefix { first_is_shorter, .. }) = pair.relation else { continue };
        let (a, b) = pair.sides;
        let (short, long) = if first_is_shorter { (a, b) } else { (b, a) };
        if is(&all, long, Continues::Yes)
            && is(&all, short, Continues::No)
            && let Some(one) = all.get_mut(short)
        {
            *one = Ok(Some(Continues::Older));
        }
    }
    all
}

/// All that could be read are of one log.
fn one_log(views: &[Result<View<'_>, Error>]) -> Result<(), Error> {
    let mut first: Option<&View<'_>> = None;
    for view in views {
        match (view, first) {
            (Err(e), _) if e.code == ErrorCode::OtherLog => return Err(e.clone()),
            (Ok(view), Some(one)) if view.checkpoint.origin != one.checkpoint.origin => {
                return Err(other_log(&view.checkpoint, view.source));
            }
            (Ok(view), None) => first = Some(view),
            _ => {}
        }
    }
    Ok(())
}

struct Report<'a> {
    sources: &'a [Box<dyn Source>],
    views: &'a [Result<View<'a>, Error>],
    pairs: &'a [Pair],
    keys_from: KeysFrom,
    /// Whether each continues what this machine has seen, where it has seen something.
    continues: Vec<Result<Option<Continues>, Error>>,
    /// How many entries that was.
    seen_size: Option<u64>,
    /// Where this machine has seen another log of this name.
    other_log: Option<Error>,
}

impl Report<'_> {
    /// Two histories before unreachable sources before what could not be decided.
    fn exit(&self) -> u8 {
        let errors = || {
            let of_views = self.views.iter().filter_map(|v| v.as_ref().err());
            let of_pairs = self.pairs.iter().filter_map(|p| p.relation.as_ref().err());
            let of_memory = self.continues.iter().filter_map(|one| one.as_ref().err()).chain(&self.other_log);
            of_views.chain(of_pairs).chain(of_memory)
        };
        let forked = self.pairs.iter().any(|p| matches!(p.relation, Ok(Relation::Split(_))));
        let has = |kind: ErrorKind| errors().any(|e| e.code.kind() == kind);
        let contradicted = self.continues.iter().any(|one| matches!(one, Ok(Some(Continues::No))));
        if forked || contradicted || has(ErrorKind::Mismatch) {
            ErrorKind::Mismatch.exit()
        } else if has(ErrorKind::Network) {
            ErrorKind::Network.exit()
        } else if has(ErrorKind::Undecided) {
            ErrorKind::Undecided.exit()
        } else {
            errors().next().map_or(0, Error::exit)
        }
    }

    /// The largest view.
    fn newest(&self) -> Option<&View<'_>> {
        self.views.iter().filter_map(|view| view.as_ref().ok()).max_by_key(|view| view.checkpoint.size)
    }

    fn view(&self, at: usize) -> Option<&View<'_>> {
        self.views.get(at)?.as_ref().ok()
    }

    fn forks(&self) -> impl Iterator<Item = (&Split, (usize, usize))> {
        self.pairs.iter().filter_map(|pair| match &pair.relation {
            Ok(Relation::Split(fork)) => Some((fork.as_ref(), pair.sides)),
            _ => None,
        })
    }

    /// Writes evidence of the first fork. Returns whether there was one.
    fn write_evidence(&self, path: &std::path::Path) -> Result<bool, Error> {
        let Some((fork, (a, b))) = self.forks().next() else { return Ok(false) };
        let (Some(first), Some(second)) = (self.view(a), self.view(b)) else { return Ok(false) };
        let document = evidence(fork, [first, second], self.keys_from);
        let mut bytes =
            serde_json::to_vec_pretty(&document).map_err(|e| Error::new(ErrorCode::Internal).at(e.to_string()))?;
        bytes.push(b'\n');
        files::write(path, &bytes)?;
        Ok(true)
    }

    fn tell(&self, ui: &Ui) {
        for (at, (source, view)) in self.sources.iter().zip(self.views).enumerate() {
            let (name, place) = (called(at), source.name());
            match view {
                Ok(view) => ui.print_text(&text!(
                    "{name}  {place}  共 {} 条  {}",
                    "{name}  {place}  {} entries  {}",
                    view.checkpoint.size,
                    view.checkpoint.root.to_base64()
                )),
                Err(e) => ui.print_text(&in_short(name, &place, e)),
            }
        }
        ui.print_text(&match self.keys_from {
            KeysFrom::Trust => text!("签发: 按信任文件里的公钥核过", "signed: checked by the trust file's keys"),
            KeysFrom::Sources => text!(
                "签发: 没有信任文件, 只按各来源自己说的公钥核过",
                "signed: without a trust file, checked only by the keys that the sources themselves name"
            ),
            KeysFrom::Nobody => text!(
                "签发: 没有信任文件, 来源也没有说公钥, 没有核对",
                "signed: not checked; there is no trust file, and the sources name no key"
            ),
        });
        for (at, continues) in self.continues.iter().enumerate() {
            let (name, size) = (called(at), self.seen_size.unwrap_or_default());
            match continues {
                Ok(Some(Continues::No)) => ui.print_text(&text!(
                    "✘ {name} 和这台电脑上次看到的不是同一本, 或者变短了 (看到过 {size} 条; 是还没跟上的副本, 就过一会儿再试)",
                    "✘ {name} is not the log that this machine saw before, or has become shorter ({size} entries were seen; if it is a replica that lags behind, try again later)"
                )),
                Ok(_) => {}
                Err(e) => ui.print_text(&in_short(name, "", e)),
            }
        }
        if let Some(e) = &self.other_log {
            ui.print_text(&in_short("", "", e));
        }
        for pair in self.pairs {
            self.tell_pair(ui, pair);
        }
    }

    fn tell_pair(&self, ui: &Ui, pair: &Pair) {
        let (a, b) = (called(pair.sides.0), called(pair.sides.1));
        match &pair.relation {
            Ok(Relation::Same) => ui.print_text(&text!("✔ {a} 和 {b} 一样", "✔ {a} and {b} are the same")),
            Ok(Relation::Prefix { first_is_shorter, by }) => {
                let (short, long) = if *first_is_shorter { (a, b) } else { (b, a) };
                ui.print_text(&text!(
                    "✔ {short} 是 {long} 的开头, {long} 多 {by} 条",
                    "✔ {short} is the beginning of {long}, which has {by} more"
                ));
            }
            Ok(Relation::Split(fork)) => self.tell_fork(ui, fork, pair.sides),
            Err(e) => ui.print_text(&in_short(&format!("{a}、{b}"), "", e)),
        }
    }

    fn tell_fork(&self, ui: &Ui, fork: &Split, sides: (usize, usize)) {
        let (a, b) = (called(sides.0), called(sides.1));
        ui.print_text(&text!(
            "✘ {a} 和 {b} 是两种历史: 从第 {} 条起不一样",
            "✘ {a} and {b} are two histories: they differ from entry {} on",
            fork.index
        ));
        let views = [self.view(sides.0), self.view(sides.1)];
        for ((name, side), view) in [a, b].into_iter().zip(&fork.sides).zip(views) {
            tell_side(ui, name, fork.index, side);
            if let Some(view) = view {
                ui.print_text(&text!("  {name} 签发的:", "  signed by {name}:"));
                view.note.lines().for_each(|line| ui.print(format!("    {line}").trim_end()));
            }
        }
        if let [Some(first), Some(second)] = views
            && self.keys_from == KeysFrom::Sources
            && !first.signed_by.iter().any(|key| second.signed_by.contains(key))
        {
            ui.print_text(&text!(
                "  两边的签发钥匙不一样: 至少一边不是这本账, 请用信任文件再比",
                "  they are signed by different keys: at least one is not this log; compare again with a trust file"
            ));
        }
        ui.print_text(&text!(
            "  两份都留好, 报告上级 (--evidence 把证据写成一个文件)",
            "  keep both and report them (--evidence writes the proof as one file)"
        ));
    }

    fn to_json(&self, exit: u8, evidence: Option<String>, lang: Lang) -> Value {
        let views = self.sources.iter().zip(self.views).zip(&self.continues);
        let sources = views.map(|((source, view), continues)| match view {
            Ok(view) => json!({
                "place": source.name(), "state": "ok", "size": view.checkpoint.size,
                "root": view.checkpoint.root.to_text(), "checkpoint": view.note,
                "remembered": continues.as_ref().ok().and_then(|one| one.map(Continues::as_str)),
                "signed_by": view.signed_by.iter().map(ToString::to_string).collect::<Vec<_>>(),
            }),
            Err(e) => json!({ "place": source.name(), "state": "failed", "error": e.facts(lang) }),
        });
        let pairs = self.pairs.iter().map(|pair| {
            let (a, b) = pair.sides;
            match &pair.relation {
                Ok(Relation::Same) => json!({ "a": a, "b": b, "relation": "same" }),
                Ok(Relation::Prefix { first_is_shorter, by }) => json!({
                    "a": a, "b": b, "relation": "prefix", "shorter": if *first_is_shorter { a } else { b }, "by": by,
                }),
                Ok(Relation::Split(fork)) => json!({
                    "a": a, "b": b, "relation": "fork", "index": fork.index,
                    "sides": fork.sides.iter().map(|side| side_json(side, lang)).collect::<Vec<_>>(),
                }),
                Err(e) => {
                    let mismatch = e.code.kind() == ErrorKind::Mismatch;
                    let relation = if mismatch { "contradiction" } else { "undecided" };
                    json!({ "a": a, "b": b, "relation": relation, "error": e.facts(lang) })
                }
            }
        });
        let origin = (0..self.views.len()).find_map(|at| self.view(at)).map(|view| view.checkpoint.origin.to_string());
        json!({
            "schema": "sanwu-compare-1", "ok": exit == 0, "exit": exit, "origin": origin,
            "keys_from": self.keys_from.as_str(), "sources": sources.collect::<Vec<_>>(),
            "pairs": pairs.collect::<Vec<_>>(), "evidence": evidence,
        })
    }
}

/// Returns what a source is called.
pub fn called(at: usize) -> &'static str {
    NAMES.get(at).copied().unwrap_or_default()
}

/// One line about a source or pair that could not be compared.
fn in_short(name: &str, place: &str, e: &Error) -> Text {
    let mark = if e.code.kind() == ErrorKind::Mismatch { "✘" } else { "?" };
    let line = |lang| format!("{mark} {name}  {place}  {}", e.short(lang));
    Text { zh: line(Lang::Zh), en: line(Lang::En) }
}

/// Tells what an entry says it is.
pub fn tell_entry(ui: &Ui, name: &str, index: u64, about: &EntrySummary) {
    let EntrySummary { chain, seq, what, .. } = about;
    let title = about.title.as_deref().unwrap_or_default();
    let zh = format!("  {name} 第 {index} 条  {chain} 第 {seq} 号  {}  {title}", what.zh);
    let en = format!("  {name} entry {index}  {chain} no. {seq}  {}  {title}", what.en);
    ui.print_text(&Text { zh: zh.trim_end().to_owned(), en: en.trim_end().to_owned() });
    ui.print_text(&text!("    编号  {}", "    id  {}", about.id));
    ui.print_text(&Text {
        zh: format!("    签名人  {}", about.signed(Lang::Zh)),
        en: format!("    signers  {}", about.signed(Lang::En)),
    });
}

fn tell_side(ui: &Ui, name: &str, index: u64, side: &SplitSide) {
    match &side.about {
        Some(about) => tell_entry(ui, name, index, about),
        None if side.entry.is_some() => ui.print_text(&text!(
            "  {name} 第 {index} 条  读不出的记录  {}",
            "  {name} entry {index}  an entry that cannot be read  {}",
            side.leaf.to_base64()
        )),
        None => ui.print_text(&text!(
            "  {name} 第 {index} 条  没有给出原文  {}",
            "  {name} entry {index}  its bytes were not given  {}",
            side.leaf.to_base64()
        )),
    }
}

fn side_json(side: &SplitSide, lang: Lang) -> Value {
    json!({
        "leaf": side.leaf.to_base64(),
        "entry": side.entry.as_deref().map(b64_encode),
        "about": side.about.as_ref().map(|about| about.to_json(lang)),
    })
}
