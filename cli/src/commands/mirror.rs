//! `sanwu mirror`: copies a log into a folder laid out like C2SP tlog-tiles, checking it on the way.
//!
//! ```text
//! checkpoint            written last: what it covers is complete and was checked
//! tile/0/…  tile/entries/…
//! blobs/<sha256>
//! ```

use std::path::{Path, PathBuf};

use clap::Args;
use sanwu_schema::body::Body;
use sanwu_schema::code::Code;
use sanwu_schema::control::Control;
use sanwu_schema::entry::Entry;
use sanwu_schema::hash::Hash;
use sanwu_schema::log::checkpoint::Checkpoint;
use sanwu_schema::log::merkle::{Tree, leaf_hash};
use sanwu_schema::log::note::Note;
use sanwu_schema::log::tile::{TILE_WIDTH, Tile, TileKind, parse_bundle};
use sanwu_schema::statement::{Kind, Rel, StatementId};
use serde_json::json;

use crate::client::Blob;
use crate::drafting::ServerArgs;
use crate::error::{Done, Error};
use crate::files;
use crate::ledger::{Head, Ledger};
use crate::text::text;
use crate::ui::Ui;

/// Blobs fetched at the same time: enough to hide a slow line's latency, too few to trouble a server.
const BLOBS_AT_ONCE: usize = 4;

/// 把整本账抄到一个文件夹, 边抄边核; 中断后再运行同一条命令就接着抄 (mirror)
#[derive(Args, Debug)]
pub struct MirrorArgs {
    /// 服务器地址
    url: String,
    /// 文件夹
    dir: PathBuf,
    /// 信任文件; 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// Runs the command.
pub fn run(ui: &Ui, args: &MirrorArgs) -> Done {
    let server = ServerArgs { server: Some(args.url.clone()), trust: args.trust.clone() };
    let ledger = server.ledger(ui)?;
    let head = ledger.head();
    let before = mirrored(&args.dir)?;
    if let Some(before) = &before
        && before.origin != head.checkpoint.origin
    {
        return Err(Error::new(Code::OtherLog).at(args.dir.display().to_string()));
    }
    let mut mirror = Mirror { ui, ledger: &ledger, dir: &args.dir, fetched: 0, blobs: 0, missing: Vec::new() };
    mirror.copy(&head, before.as_ref())?;
    let Mirror { fetched, blobs, missing, .. } = mirror;
    let size = head.checkpoint.size;
    let dir = args.dir.display();
    ui.print_text(&text!("✔ 镜像齐了  {dir}", "✔ mirrored  {dir}"));
    ui.print_text(&text!(
        "  {size} 条, 这次新抄 {fetched} 条, 内容 {blobs} 份",
        "  {size} entries, {fetched} of them new, {blobs} contents fetched"
    ));
    for (index, digest) in &missing {
        ui.print_text(&text!(
            "  ? 第 {index} 条的内容服务器没有给: {}",
            "  ? the server has no content for entry {index}: {}",
            digest.to_hex()
        ));
    }
    let exit = if missing.is_empty() { 0 } else { Code::BlobMissing.kind().exit() };
    ui.document(&json!({
        "schema": "sanwu-mirror-1", "ok": exit == 0, "exit": exit, "dir": dir.to_string(), "origin": head.checkpoint.origin.as_str(),
        "size": size, "root": head.checkpoint.root.to_text(), "new_entries": fetched, "blobs": blobs,
        "missing": missing.iter().map(|(i, d)| json!({ "index": i, "digest": d.to_text() })).collect::<Vec<_>>(),
    }));
    if exit == 0 {
        ui.say(&text!("下一步:  sanwu audit replay {dir}", "next:  sanwu audit replay {dir}"));
    }
    Ok(exit)
}

/// The checkpoint up to which a folder is complete.
fn mirrored(dir: &Path) -> Result<Option<Checkpoint>, Error> {
    let path = dir.join("checkpoint");
    if !path.exists() {
        return Ok(None);
    }
    let place = path.display().to_string();
    let note = Note::parse(&files::read(&path)?).map_err(|e| Error::new(e.code()).at(place.as_str()))?;
    Checkpoint::parse(note.text()).map(Some).map_err(|e| Error::new(e.code()).at(place))
}

struct Mirror<'a> {
    ui: &'a Ui,
    ledger: &'a Ledger,
    dir: &'a Path,
    fetched: u64,
    blobs: u64,
    missing: Vec<(u64, Hash)>,
}

/// A body or an attachment.
#[derive(Clone, Copy)]
struct Want {
    index: u64,
    id: StatementId,
    digest: Hash,
    /// Of a body: by which it is understood.
    kind: Option<Kind>,
}

/// What the entries want beside themselves.
#[derive(Default)]
struct Wanted {
    blobs: Vec<Want>,
    erased: Vec<StatementId>,
}

impl Mirror<'_> {
    /// Copies bundles, tiles and blobs, and the checkpoint last.
    fn copy(&mut self, head: &Head, before: Option<&Checkpoint>) -> Result<(), Error> {
        let size = head.checkpoint.size;
        let known = before.map_or(0, |b| b.size);
        if known > size {
            return Err(Error::new(Code::Consistency).at(text!(
                "镜像里已有 {known} 条, 服务器只有 {size} 条",
                "the mirror has {known} entries, the server only {size}"
            )));
        }
        let bar = self.ui.progress(size, &text!("记录", "entries"));
        let mut tree = Tree::new();
        let mut wanted = Wanted::default();
        let mut leaves: Vec<Hash> = Vec::new();
        for n in 0..size.div_ceil(u64::from(TILE_WIDTH)) {
            let tile = Tile::at_size(TileKind::Entries, n, size).ok_or_else(|| Error::new(Code::TreeRange))?;
            let bytes = self.file_or_fetch(tile)?;
            let entries = parse_bundle(&bytes, tile.width()).map_err(|e| Error::new(e.code()).at(tile.path()))?;
            for (entry, index) in entries.into_iter().zip(n * u64::from(TILE_WIDTH)..) {
                // The folder's own earlier state must reappear on the way: nothing it has was changed.
                if before.is_some_and(|b| index == b.size && tree.root() != b.root) {
                    return Err(self.forked());
                }
                let leaf = leaf_hash(entry);
                tree.append(leaf);
                leaves.push(leaf);
                self.fetched += u64::from(index >= known);
                wanted.look(entry, index);
            }
            bar.inc(u64::from(tile.width()));
        }
        bar.finish_and_clear();
        if before.is_some_and(|b| b.size == size && b.root != head.checkpoint.root) {
            return Err(self.forked());
        }
        if tree.root() != head.checkpoint.root {
            return Err(Error::new(Code::Inclusion)
                .because(text!("逐条算出来的总数和签发的对不上", "the entries do not give the signed root"))
                .at(self.ledger.client.base()));
        }
        self.hash_tiles(size, leaves)?;
        let attachments = self.fetch_blobs(wanted)?;
        self.fetch_blobs(attachments)?;
        files::sync_folder(self.dir)?;
        files::write(&self.dir.join("checkpoint"), head.note.as_bytes())?;
        self.drop_narrower(size);
        Ok(())
    }

    fn forked(&self) -> Error {
        Error::new(Code::Consistency).at(text!(
            "{} 里抄下的和服务器现在给的不是同一本账",
            "{} and the server do not hold the same log",
            self.dir.display()
        ))
    }

    /// A bundle that the folder has already, or the server's. What is wrong in either shows in the root.
    fn file_or_fetch(&self, tile: Tile) -> Result<Vec<u8>, Error> {
        let path = self.dir.join(tile.path());
        if path.exists() {
            let bytes = files::read(&path)?;
            if parse_bundle(&bytes, tile.width()).is_ok() {
                return Ok(bytes);
            }
        }
        let bytes = self.ledger.client.get(&format!("/{}", tile.path()), crate::client::TILE_BYTES_MAX)?;
        parse_bundle(&bytes, tile.width()).map_err(|e| self.ledger.client.nonsense(&tile.path(), &e.to_string()))?;
        files::write_soon(&path, &bytes)?;
        Ok(bytes)
    }

    /// Hash tiles are written from the leaves just checked; the server's are not needed.
    fn hash_tiles(&self, size: u64, leaves: Vec<Hash>) -> Result<(), Error> {
        let mut row = leaves;
        for level in 0..8u8 {
            if row.is_empty() {
                break;
            }
            for (tile, hashes) in (0u64..).zip(row.chunks(usize::from(TILE_WIDTH))) {
                let tile =
                    Tile::at_size(TileKind::Hashes(level), tile, size).ok_or_else(|| Error::new(Code::TreeRange))?;
                let path = self.dir.join(tile.path());
                let bytes: Vec<u8> = hashes.iter().flat_map(|h| h.0).collect();
                if std::fs::read(&path).ok().as_deref() != Some(bytes.as_slice()) {
                    files::write_soon(&path, &bytes)?;
                }
            }
            let full = row.chunks_exact(usize::from(TILE_WIDTH));
            row = full.map(|tile| sanwu_schema::log::merkle::root_of_leaves(tile.iter().copied())).collect();
        }
        Ok(())
    }

    /// A partial tile is no longer needed when the checkpoint names a wider one. What cannot be removed does no harm.
    fn drop_narrower(&self, size: u64) {
        for kind in (0..8).map(TileKind::Hashes).chain([TileKind::Entries]) {
            let last = (0u64..).take_while(|n| Tile::at_size(kind, *n, size).is_some()).last();
            let Some(tile) = last.and_then(|n| Tile::at_size(kind, n, size)) else { continue };
            let keep = self.dir.join(tile.path());
            let partials = self.dir.join(format!("{}.p", tile.full().path()));
            for file in std::fs::read_dir(partials).into_iter().flatten().flatten().filter(|f| f.path() != keep) {
                let _ = std::fs::remove_file(file.path());
            }
        }
    }

    /// Copies contents that the folder does not have; gives what they name in turn.
    fn fetch_blobs(&mut self, wanted: Wanted) -> Result<Wanted, Error> {
        let Wanted { blobs, erased } = wanted;
        let path = |digest: &Hash| self.dir.join("blobs").join(digest.to_hex());
        // An erasure reaches the copies, too.
        for Want { id, digest, .. } in &blobs {
            if erased.contains(id) && path(digest).exists() {
                std::fs::remove_file(path(digest)).map_err(|e| files::io_error(&path(digest), &e))?;
            }
        }
        let have = |digest: &Hash| files::read(&path(digest)).is_ok_and(|bytes| Hash::digest(&bytes) == *digest);
        let todo: Vec<(u64, Hash)> =
            blobs.iter().filter(|w| !erased.contains(&w.id) && !have(&w.digest)).map(|w| (w.index, w.digest)).collect();
        let bar = self.ui.progress(todo.len() as u64, &text!("内容", "contents"));
        let client = &self.ledger.client;
        let fetched = crate::replay::map(BLOBS_AT_ONCE, todo, |(index, digest)| {
            bar.inc(1);
            match client.blob(&digest)? {
                Blob::Here(bytes) => files::write_soon(&path(&digest), &bytes).map(|()| None),
                Blob::Gone | Blob::Missing => Ok(Some((index, digest))),
            }
        });
        bar.finish_and_clear();
        for one in fetched {
            match one? {
                None => self.blobs += 1,
                Some(missing) => self.missing.push(missing),
            }
        }
        let mut named = Wanted { blobs: Vec::new(), erased };
        for want in blobs {
            let Some(kind) = want.kind else { continue };
            let body = std::fs::read(path(&want.digest)).ok().and_then(|bytes| Body::parse(kind, &bytes).ok());
            let attachments = body.as_ref().map_or(&[][..], Body::attachments);
            named.blobs.extend(attachments.iter().map(|a| Want { digest: a.digest, kind: None, ..want }));
        }
        Ok(named)
    }
}

impl Wanted {
    /// Notes an entry's body. An entry that cannot be read is copied all the same; the replay will tell.
    fn look(&mut self, bytes: &[u8], index: u64) {
        let Ok(entry) = Entry::parse(bytes) else { return };
        if let Some(body) = &entry.statement.body {
            let kind = Some(entry.statement.kind);
            self.blobs.push(Want { index, id: entry.id, digest: body.digest, kind });
        }
        if let (Some(Control::Erasure(_)), Some(id)) =
            (&entry.statement.control, entry.statement.reference(Rel::Erases))
        {
            self.erased.push(id);
        }
    }
}
