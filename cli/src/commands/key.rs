//! `sanwu key`: making keys, showing them, granting and revoking them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sanwu_schema::crypto::key::{KeyId, PublicKey};
use sanwu_schema::draft::Template;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Body, ControlNote, GrantBody};
use sanwu_schema::kinds::{Control, KeyGrant, Revocation};
use sanwu_schema::record::statement::{HolderId, Role, Scope, sort_roles};
use sanwu_schema::tlog::vkey::Vkey;
use serde_json::json;

use crate::drafting::keystore;
use crate::drafting::{self, DraftArgs, DraftContext};
use crate::entropy;
use crate::error::{Done, Error};
use crate::text::text;
use crate::ui::Ui;

/// 钥匙: 新建、查看、登记、注销 (keys)
#[derive(Args, Debug)]
pub struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Subcommand, Debug)]
enum KeyCommand {
    /// 新建一把钥匙 (make a key)
    New(NewArgs),
    /// 查看钥匙的公钥 (show a key's public half)
    Show(ShowArgs),
    /// 拟一份钥匙登记草稿 (draft a grant)
    Grant(GrantArgs),
    /// 拟一份钥匙注销草稿 (draft a revocation)
    Revoke(RevokeArgs),
}

#[derive(Args, Debug)]
struct NewArgs {
    /// 钥匙文件写到哪里; 公钥写在旁边的 .pub
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 钥匙的名字, 不能有空格, 例如 柳溪村-会计
    #[arg(long, value_name = "NAME")]
    name: String,
    /// 从文件第一行读口令, 不提问
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
struct ShowArgs {
    /// 钥匙文件
    file: PathBuf,
    /// 从文件第一行读口令, 不提问
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
struct GrantArgs {
    #[command(flatten)]
    draft: DraftArgs,
    /// 新钥匙的公钥: 公钥文本、.pub 文件或钥匙文件
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// 岗位 (authority, party_sec, village_dir, supervision_chair, coop_chair, chief_accountant, township…), 可写多次
    #[arg(long, value_name = "ROLE", required = true)]
    role: Vec<String>,
    /// 管辖范围: 区划代码的前 2、4、6、9 或 12 位
    #[arg(long, value_name = "CODE")]
    scope: String,
    /// 姓名
    #[arg(long, value_name = "NAME")]
    name: String,
    /// 职务
    #[arg(long, value_name = "OFFICE")]
    office: String,
    /// 怎样任职, 例如 2026年换届选举
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// 同一个人已有的钥匙 (公钥或编号); 不写就当作新的人
    #[arg(long, value_name = "VKEY")]
    same_person_as: Option<String>,
}

#[derive(Args, Debug)]
struct RevokeArgs {
    #[command(flatten)]
    draft: DraftArgs,
    /// 要注销的钥匙: 公钥文本、.pub 文件或编号, 可写多次
    #[arg(long, value_name = "VKEY", required = true)]
    key: Vec<String>,
    /// 原因
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// 从账链第几号起的签名要重新查 (不影响效力, 只作提示)
    #[arg(long, value_name = "SEQ")]
    suspect_from: Option<u64>,
}

pub fn run(ui: &Ui, args: KeyArgs) -> Done {
    match args.command {
        KeyCommand::New(args) => new(ui, &args),
        KeyCommand::Show(args) => show(ui, &args),
        KeyCommand::Grant(args) => grant(ui, &args),
        KeyCommand::Revoke(args) => revoke(ui, &args),
    }
}

fn new(ui: &Ui, args: &NewArgs) -> Done {
    let vkey = keystore::create(ui, &args.out, &args.name, args.passphrase_file.as_deref())?;
    let (file, public) = (args.out.display(), keystore::public_path(&args.out));
    let public = public.display();
    ui.print_text(&text!("✔ 钥匙建好了  {file}", "✔ key made  {file}"));
    ui.say(&text!(
        "公钥在 {public}, 交给镇里登记。钥匙文件和口令自己保管, 各备份一份; 丢了只能换新钥匙。",
        "The public half is in {public}: give it to the township. Keep the key file and the passphrase, with a backup of each."
    ));
    tell(ui, &args.out, &vkey)
}

fn show(ui: &Ui, args: &ShowArgs) -> Done {
    let vkey = match keystore::public(&args.file) {
        Ok(vkey) if args.file.exists() => vkey,
        _ => {
            let secret = keystore::open(ui, &args.file, args.passphrase_file.as_deref())?;
            let name = args.file.file_stem().map(|n| n.to_string_lossy().replace([' ', '+'], "_")).unwrap_or_default();
            Vkey::from_public_key(&name, &secret.public()).map_err(|e| Error::new(e.code()).at(name))?
        }
    };
    tell(ui, &args.file, &vkey)
}

fn tell(ui: &Ui, file: &Path, vkey: &Vkey) -> Done {
    let public = public_key(vkey)?;
    ui.print_text(&text!("  名字  {}", "  name  {}", vkey.name()));
    ui.print_text(&text!("  公钥  {vkey}", "  public  {vkey}"));
    ui.print_text(&text!("  编号  {}", "  id  {}", public.key_id()));
    ui.document(&json!({
        "schema": "sanwu-key-1", "ok": true, "exit": 0, "file": file.display().to_string(),
        "name": vkey.name(), "vkey": vkey.to_string(), "keyid": public.key_id().to_hex(),
    }));
    Ok(0)
}

fn grant(ui: &Ui, args: &GrantArgs) -> Done {
    let vkey = keystore::vkey_or_file(&args.key)?;
    let key = public_key(&vkey)?;
    let mut roles = Vec::new();
    for word in args.role.iter().flat_map(|r| r.split(',')) {
        roles.push(drafting::role(word)?);
    }
    sort_roles(&mut roles);
    let scope = Scope::parse(&args.scope)
        .ok_or_else(|| Error::new(ErrorCode::KeyScope).at(format!("--scope {}", args.scope)))?;
    let source = DraftContext::open(ui, &args.draft)?;
    let grant =
        KeyGrant { holder: holder(args, &source)?, scope: (roles != [Role::Root]).then_some(scope), key, roles };
    let offices = grant.roles.iter().map(|r| r.zh()).collect::<Vec<_>>().join("、");
    let body = GrantBody {
        salt: entropy::salt()?,
        title: format!("钥匙登记: {} {}({offices})", args.office, args.name),
        name: args.name.clone(),
        office: args.office.clone(),
        reason: args.reason.clone(),
    };
    let title = body.title.clone();
    let template = Template { control: Some(Control::Grant(grant)), ..Template::new(Kind::Grant, Body::Grant(body)) };
    finish(ui, &args.draft, &source, &title, template)
}

fn revoke(ui: &Ui, args: &RevokeArgs) -> Done {
    let source = DraftContext::open(ui, &args.draft)?;
    let mut keys = Vec::new();
    for given in &args.key {
        keys.push(keyid(given)?);
    }
    keys.sort_unstable();
    keys.dedup();
    let people = keys.iter().map(|k| source.person(k)).collect::<Vec<_>>().join("、");
    let title = format!("钥匙注销: {people}");
    let body = ControlNote { salt: entropy::salt()?, title: title.clone(), text: vec![args.reason.clone()] };
    let control = Control::Revoke(Revocation { keys, suspect_from: args.suspect_from });
    let template = Template { control: Some(control), ..Template::new(Kind::Revoke, Body::Revoke(body)) };
    finish(ui, &args.draft, &source, &title, template)
}

fn finish(ui: &Ui, args: &DraftArgs, source: &DraftContext, title: &str, template: Template) -> Done {
    let draft = drafting::write(ui, args, source, &source.next()?, title, &[template])?;
    ui.document(&drafting::document(&args.out, &draft)?);
    Ok(0)
}

/// The person: new, or the one who holds another key of the chain.
fn holder(args: &GrantArgs, source: &DraftContext) -> Result<HolderId, Error> {
    let Some(given) = &args.same_person_as else { return entropy::holder() };
    let keyid = keyid(given)?;
    let known = source.facts()?.ring.key(&keyid).map(|k| k.holder.clone());
    known.ok_or_else(|| Error::new(ErrorCode::KeyUnknown).at(given.as_str()))
}

fn keyid(given: &str) -> Result<KeyId, Error> {
    match KeyId::from_hex(given) {
        Some(keyid) => Ok(keyid),
        None => Ok(public_key(&keystore::vkey_or_file(given)?)?.key_id()),
    }
}

fn public_key(vkey: &Vkey) -> Result<PublicKey, Error> {
    vkey.public_key().cloned().ok_or_else(|| Error::new(ErrorCode::Suite).at(vkey.name()))
}
