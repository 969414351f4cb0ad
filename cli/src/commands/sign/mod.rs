//! `sanwu sign`: shows what a draft says, compares what its drafter saw with what this machine has seen, and adds one
//! person's signature to all of it.

mod seen;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use sanwu_schema::admission::Books;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::date::Period;
use sanwu_schema::draft::Draft;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::{AccountBalance, Body, MonthBook};
use sanwu_schema::record::statement::{ChainId, Role};
use serde_json::json;

use crate::drafting;
use crate::drafting::keystore;
use crate::error::{Done, Error};
use crate::files;
use crate::known_logs::server::ServerArgs;
use crate::names::{label, short};
use crate::report::month;
use crate::text::{Lang, Text, text};
use crate::ui::Ui;

/// 给草稿签名: 先看内容, 再签, 一次签完这个月的全部 (sign a draft)
#[derive(Args, Debug)]
pub struct SignArgs {
    /// 草稿文件
    draft: PathBuf,
    /// 钥匙文件
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// 从文件第一行读口令, 不提问
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// 联网核对: 拟稿人看到的账和这台电脑看到的是不是同一本
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// 信任文件, 和 --server 一起用; 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE", requires = "server")]
    trust: Option<PathBuf>,
}

pub fn run(ui: &Ui, args: &SignArgs) -> Done {
    let place = args.draft.display().to_string();
    let mut draft = drafting::read(&args.draft)?;
    let bodies = look(&draft).map_err(|e| e.within(&place))?;
    ui.preview(text!("将要签名: {}", "to be signed: {}", draft.title).get(ui.lang));
    for entry in &draft.entries {
        let statement = entry.parse()?;
        let what = label(&statement);
        let title = titles(&bodies).get(&entry.id().to_string()).cloned().unwrap_or_default();
        ui.preview(format!("  {}  {title}", what.get(ui.lang)));
    }
    ui.preview(text!("  签名人  {}", "  signers  {}", offices(&draft, ui.lang)?).get(ui.lang));
    if let Some(table) = month::summary(ui, bodies.iter().map(|(_, b)| b)) {
        ui.preview(table);
    }
    let server = ServerArgs { server: args.server.clone(), trust: args.trust.clone() };
    let seen = seen::check(ui, &draft, &server).map_err(|e| e.within(&place))?;
    // A person who may not sign is told so before typing a passphrase.
    if let Ok(vkey) = keystore::public(&args.key)
        && let Some(public) = vkey.public_key()
    {
        listed(&draft, &public.key_id())?;
    }
    if !ui.confirm(&text!("内容看过了, 签名?", "read it; sign?"))? {
        return Ok(130);
    }
    let secret = keystore::open(ui, &args.key, args.passphrase_file.as_deref())?;
    let keyid = secret.public().key_id();
    listed(&draft, &keyid)?;
    let before = draft.clone();
    let count = draft.sign(&secret)?;
    if draft != before {
        files::write(&args.draft, &draft.to_bytes())?;
    }
    ui.print_text(&text!("✔ 签好了 {count} 份  {place}", "✔ signed {count} statements  {place}"));
    let missing = drafting::missing(&draft)?;
    for one in &missing {
        let who = short(&one.keyid);
        let zh = one.roles.iter().map(|r| r.zh()).collect::<Vec<_>>().join("、");
        let en = one.roles.iter().map(|r| r.en()).collect::<Vec<_>>().join(", ");
        ui.print_text(&Text { zh: format!("  还差  {zh} ({who})"), en: format!("  missing  {en} ({who})") });
    }
    if missing.is_empty() {
        ui.say(&text!(
            "签名齐了。下一步:  sanwu publish {place} --server URL",
            "all have signed; next:  sanwu publish {place} --server URL"
        ));
    }
    let mut answer = drafting::document(&args.draft, &draft)?;
    if let Some(members) = answer.as_object_mut() {
        members.insert("signed".into(), json!(count));
        members.insert("by".into(), json!(keyid.to_hex()));
        members.insert("seen".into(), json!(seen.as_str()));
    }
    ui.document(&answer);
    Ok(0)
}

fn listed(draft: &Draft, keyid: &KeyId) -> Result<(), Error> {
    for entry in &draft.entries {
        if entry.parse()?.signers.iter().any(|s| s.keyid == *keyid) {
            return Ok(());
        }
    }
    let (zh, en) = (offices(draft, Lang::Zh)?, offices(draft, Lang::En)?);
    let remedy = Text { zh: format!("请这些岗位的人签名: {zh}"), en: format!("to be signed by: {en}") };
    Err(Error::new(ErrorCode::NotSigner).at(short(keyid)).remedy(remedy))
}

/// The offices that sign a draft, in their order.
fn offices(draft: &Draft, lang: Lang) -> Result<String, Error> {
    let mut roles: Vec<Role> = Vec::new();
    for entry in &draft.entries {
        roles.extend(entry.parse()?.signers.into_iter().flat_map(|s| s.roles));
    }
    roles.sort_unstable();
    roles.dedup();
    let words: Vec<&str> = roles.iter().map(|r| lang.pick(r.zh(), r.en())).collect();
    Ok(words.join(lang.pick("、", ", ")))
}

fn titles(bodies: &[(String, Body)]) -> BTreeMap<String, String> {
    bodies.iter().map(|(id, body)| (id.clone(), body.title().to_owned())).collect()
}

/// What a draft says, each body being the one that its statement names, and the derived tables right.
fn look(draft: &Draft) -> Result<Vec<(String, Body)>, Error> {
    for entry in &draft.entries {
        let statement = entry.parse()?;
        let named = statement.body.as_ref().ok_or_else(|| Error::new(ErrorCode::BodyMissing).at(label(&statement)))?;
        if named.digest != Hash::digest(entry.body.as_bytes()) {
            return Err(Error::new(ErrorCode::BodyDigest).at(label(&statement)));
        }
    }
    let mut found = Vec::new();
    for entry in &draft.entries {
        found.push((entry.id().to_string(), Body::parse(entry.parse()?.kind, entry.body.as_bytes())?));
    }
    // Earlier months are not at hand here; what a month says about itself is checked all the same.
    if let Some(Body::MonthBook(book)) = found.iter().map(|(_, b)| b).find(|b| matches!(b, Body::MonthBook(_))) {
        let own = OwnBooks { chain: draft.chain.clone(), period: book.period.clone(), opening: book.opening.clone() };
        drafting::admit(draft, None, &own)?;
    }
    Ok(found)
}

/// Takes the place of the month before, which a signer's PC may not have: the book's own opening.
struct OwnBooks {
    chain: ChainId,
    period: Period,
    opening: Vec<AccountBalance>,
}

impl Books for OwnBooks {
    type Error = Error;

    fn month_book(&self, _: &ChainId, _: &Period) -> Result<Option<MonthBook>, Error> {
        Ok(None)
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Error> {
        Ok((*chain == self.chain).then(|| (self.period.clone(), self.opening.clone())))
    }
}
