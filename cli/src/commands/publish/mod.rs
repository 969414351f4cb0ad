//! `sanwu publish`: merges copies signed apart, checks everything here, hands it in as one package, and checks
//! what comes back.

mod receipt;

use std::path::{Path, PathBuf};

use clap::Args;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::{KeyId, PublicKey};
use sanwu_schema::draft::{self, ChainInfo, Draft, Place};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Body;
use sanwu_schema::kinds::Kind;
use sanwu_schema::record::statement::ChainId;

use crate::drafting::{self, DraftContext};
use crate::error::{Done, Error};
use crate::files;
use crate::known_logs::server::{self, ServerArgs};
use crate::log_source::client::Part;
use crate::log_source::ledger::Ledger;
use crate::names::{self, label};
use crate::report::month;
use crate::text::{Text, text};
use crate::ui::Ui;

/// 公布: 合并各人签好的副本, 核对, 一次提交 (publish)
#[derive(Args, Debug)]
pub struct PublishArgs {
    /// 草稿文件; 同一份草稿分头签名的副本可以一起写
    #[arg(required = true)]
    drafts: Vec<PathBuf>,
    #[command(flatten)]
    server: ServerArgs,
    /// 只核对, 不提交
    #[arg(long)]
    dry_run: bool,
    /// 等外面的见证人也看到了再回答; 见证还不够时退出码 6
    #[arg(long)]
    wait_witness: bool,
    /// 回执写到哪个文件; 不写就放在草稿旁边
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

pub fn run(ui: &Ui, args: &PublishArgs) -> Done {
    let Some((first, copies)) = args.drafts.split_first() else { return Err(Error::new(ErrorCode::Usage)) };
    let mut draft = drafting::read(first)?;
    for copy in copies {
        draft.merge(&drafting::read(copy)?).map_err(|e| Error::from(e).within(&copy.display().to_string()))?;
    }
    let package = Package { draft, path: first };
    if package.is_log_genesis()? {
        return package.open_log(ui, args);
    }
    let ledger = args.server.ledger(ui)?;
    let standing = Standing::look(&ledger, &package.draft)?;
    let checked = package.check(ui, ledger, standing)?;
    let parts = checked.package.parts(&checked.keys)?;
    if args.dry_run {
        return checked.dry_run(ui);
    }
    let title = &checked.package.draft.title;
    if !ui.confirm(&text!(
        "公布后不能删除, 只能更正。公布 {title}?",
        "Published is for ever; only corrections follow. Publish {title}?"
    ))? {
        return Ok(130);
    }
    match checked.ledger()?.client.publish(&parts, args.wait_witness) {
        Ok(answer) => args.receipt(first).accept(ui, &checked.package.draft, checked.ledger()?, &answer),
        Err(e) if lost_place(e.code) => checked.move_draft(ui, e),
        Err(e) => Err(e),
    }
}

impl PublishArgs {
    fn receipt(&self, draft: &Path) -> receipt::Receipt {
        receipt::Receipt { path: self.receipt_path(draft), wait_witness: self.wait_witness }
    }

    fn receipt_path(&self, draft: &Path) -> PathBuf {
        self.receipt.clone().unwrap_or_else(|| {
            let name = draft.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let stem = name.strip_suffix(".json").unwrap_or(&name);
            let stem = stem.strip_suffix(".draft").unwrap_or(stem);
            draft.with_file_name(format!("{stem}.receipt.json"))
        })
    }
}

/// Whether the chain has moved on under the draft.
fn lost_place(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Seq | ErrorCode::Prev | ErrorCode::Keyring | ErrorCode::Parent)
}

/// A merged draft and the file it came from.
struct Package<'a> {
    draft: Draft,
    path: &'a Path,
}

/// The state of the draft's chain.
struct Standing {
    /// The chain; of a new one with the facts of `root`.
    info: ChainInfo,
    place: Place,
}

impl Standing {
    fn look(ledger: &Ledger, draft: &Draft) -> Result<Self, Error> {
        if draft.origin != *ledger.origin() {
            return Err(Error::new(ErrorCode::OtherLog).at(draft.origin.as_str()));
        }
        let first = draft.entries.first().ok_or_else(|| Error::new(ErrorCode::JsonMissing).at("entries"))?.parse()?;
        if first.kind != Kind::ChainGenesis {
            let info = ledger.chain(&draft.chain)?;
            return Ok(Self { place: Place::next(&info)?, info });
        }
        let root = ledger.chain(&ChainId::root())?;
        let place = Place::chain_genesis(&root, draft.chain.clone())?;
        Ok(Self { info: ChainInfo { chain: draft.chain.clone(), head: None, ..root }, place })
    }
}

/// A draft that has passed every check that can be made here.
struct Checked<'a> {
    package: Package<'a>,
    source: DraftContext,
    place: Place,
    keys: Vec<PublicKey>,
    in_place: bool,
}

impl<'a> Package<'a> {
    fn is_log_genesis(&self) -> Result<bool, Error> {
        Ok(match self.draft.entries.first() {
            Some(entry) => entry.parse()?.kind == Kind::LogGenesis,
            None => false,
        })
    }

    /// The log's first entry: there is nothing yet to check it against.
    fn open_log(self, ui: &Ui, args: &PublishArgs) -> Done {
        drafting::admit(&self.draft, None, &NoBooks)?;
        let parts = self.parts(&[])?;
        if args.dry_run {
            ui.print_text(&text!("✔ 可以公布: {}", "✔ ready: {}", self.draft.title));
            ui.document(&drafting::document(self.path, &self.draft)?);
            return Ok(0);
        }
        let client = args.server.client()?;
        let answer = client.publish(&parts, args.wait_witness)?;
        let ledger = server::open(ui, client, args.server.trust().as_deref())?;
        args.receipt(self.path).accept(ui, &self.draft, &ledger, &answer)
    }

    /// Checks all that the server will check, here first: signatures, contents, place.
    fn check(self, ui: &Ui, ledger: Ledger, standing: Standing) -> Result<Checked<'a>, Error> {
        let Standing { info, place } = standing;
        let keys = info.facts.as_ref().map(|f| f.keys.clone()).unwrap_or_default();
        let first = self.draft.entries.first().map(|e| e.parse()).transpose()?;
        let in_place = first.is_some_and(|s| {
            let ring = place.facts.as_ref().map(|f| f.ring.digest());
            s.seq == place.seq && s.prev == place.prev && s.parent == place.parent && Some(s.keyring) == ring
        });
        let source = DraftContext::online(ledger, info);
        ui.preview(text!("将要公布(和村民看到的一样): {}", "to be published: {}", self.draft.title).get(ui.lang));
        for entry in &self.draft.entries {
            let statement = entry.parse()?;
            let mut listed = statement.signers.clone();
            listed.sort_by(|a, b| (&a.roles, a.keyid).cmp(&(&b.roles, b.keyid)));
            let mut signers = Vec::new();
            for signer in &listed {
                let mark = if entry.signatures.iter().any(|s| s.keyid == signer.keyid) { "✔" } else { "…" };
                signers.push(format!("{mark} {}", source.person(&signer.keyid)));
            }
            ui.preview(format!("  {}   {}", label(&statement).get(ui.lang), signers.join("  ")));
        }
        // What has been published already has lost its place by that; the server will know it again.
        if in_place {
            let bodies = drafting::admit(&self.draft, place.facts.as_ref(), &source)?;
            if let Some(table) = month::summary(ui, bodies.iter().collect::<Vec<&Body>>()) {
                ui.preview(table);
            }
        }
        Ok(Checked { package: self, source, place, keys, in_place })
    }

    /// The parts of the submission; every listed signer has signed, and every signature verifies.
    fn parts(&self, keys: &[PublicKey]) -> Result<Vec<Part>, Error> {
        let place = self.path.display().to_string();
        let package = self.draft.package(|id: &KeyId| keys.iter().find(|k| k.key_id() == *id).cloned());
        let package = package.map_err(|e| Error::from(e).within(&place))?;
        let mut parts = Vec::new();
        for (envelope, body) in package {
            parts.push(Part { name: "envelope", bytes: envelope });
            parts.push(Part { name: "body", bytes: body });
        }
        for file in self.draft.entries.iter().flat_map(|e| e.attachments.iter().flatten()) {
            let path = self.path.with_file_name(&file.path);
            let bytes = files::read(&path)?;
            if Hash::digest(&bytes) != file.digest {
                return Err(Error::new(ErrorCode::BodyDigest).at(path.display().to_string()));
            }
            parts.push(Part { name: "attachment", bytes });
        }
        Ok(parts)
    }
}

impl Checked<'_> {
    fn ledger(&self) -> Result<&Ledger, Error> {
        self.source.ledger().ok_or_else(|| Error::new(ErrorCode::Internal).at("ledger"))
    }

    fn dry_run(&self, ui: &Ui) -> Done {
        if !self.in_place {
            return Err(Error::new(ErrorCode::Seq).at(self.package.path.display().to_string()).remedy(text!(
                "不加 --dry-run 再运行一次, 草稿会换到新位置",
                "run it without --dry-run: the draft will be moved to its new place"
            )));
        }
        ui.print_text(&text!("✔ 核对过了, 可以公布 (这次没有提交)", "✔ checked and ready; nothing was handed in"));
        ui.document(&drafting::document(self.package.path, &self.package.draft)?);
        Ok(0)
    }

    /// Moves the draft to where the chain now is, and names who must sign again.
    fn move_draft(&self, ui: &Ui, refused: Error) -> Done {
        let Standing { info, place } = Standing::look(self.ledger()?, &self.package.draft)?;
        if place == self.place && self.in_place {
            return Err(refused);
        }
        let moved = draft::rebase(&self.package.draft, &place, &[])?;
        let path = self.package.path;
        files::write(path, &moved.to_bytes())?;
        let again: Vec<String> = drafting::missing(&moved)?.iter().map(|m| names::person(&info, &m.keyid)).collect();
        let mut error = Error::new(ErrorCode::DraftMoved)
            .at(path.display().to_string())
            .command(format!("sanwu sign {} --key FILE", path.display()));
        for who in &again {
            error = error.detail(text!("要再签一次: {who}", "to sign again: {who}"));
        }
        // The content may no longer fit either, such as when the month before has been corrected.
        if let Err(unfit) = drafting::admit(&moved, place.facts.as_ref(), &self.source) {
            ui.say(&Text { zh: unfit.render(crate::text::Lang::Zh), en: unfit.render(crate::text::Lang::En) });
        }
        Err(error)
    }
}

/// Nothing was published before the first entry.
struct NoBooks;

impl sanwu_schema::admission::Books for NoBooks {
    type Error = Error;

    fn month_book(
        &self,
        _: &ChainId,
        _: &sanwu_schema::date::Period,
    ) -> Result<Option<sanwu_schema::kinds::MonthBook>, Error> {
        Ok(None)
    }

    fn opening(
        &self,
        _: &ChainId,
    ) -> Result<Option<(sanwu_schema::date::Period, Vec<sanwu_schema::kinds::AccountBalance>)>, Error> {
        Ok(None)
    }
}
