//! Rules and first entries: county profile, adoption of a catalogue, a chain's and a log's genesis.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use sanwu_schema::catalogue::{Profile, built_in};
use sanwu_schema::crypto::key::Suite;
use sanwu_schema::draft::{ChainInfo, Place, Template};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{self, Canon};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Adoption, ChainGenesis, Control, KeyGrant, LogGenesis, NewProfile, Purpose};
use sanwu_schema::kinds::{Body, ChainGenesisBody, ControlNote, LogGenesisBody, Opening, OrgName, PersonName};
use sanwu_schema::record::statement::{ChainId, HolderId, Issuer, OrgKind, Role, Scope, UnitCode, Uscc, sort_roles};
use sanwu_schema::tlog::checkpoint::Origin;
use serde::Deserialize;
use serde_json::Value;

use crate::drafting::keystore;
use crate::drafting::{self, DraftArgs, DraftContext};
use crate::entropy;
use crate::error::{Done, Error};
use crate::files;
use crate::names::short;
use crate::text::text;
use crate::ui::Ui;

#[derive(Args, Debug)]
pub struct ProfileArgs {
    /// 规则 (JSON); 样例: sanwu draft example profile
    #[arg(long, value_name = "FILE.json")]
    from: PathBuf,
    /// 为什么改
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    draft: DraftArgs,
}

#[derive(Args, Debug)]
pub struct RulesArgs {
    /// 说明
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    draft: DraftArgs,
}

#[derive(Args, Debug)]
pub struct DraftChainArgs {
    /// 村、组织、钥匙、期初余额 (JSON); 样例: sanwu draft example chain
    #[arg(long, value_name = "FILE.json")]
    from: PathBuf,
    #[command(flatten)]
    draft: DraftArgs,
}

#[derive(Args, Debug)]
pub struct LogArgs {
    /// 账本名、根钥匙、总账钥匙 (JSON); 样例: sanwu draft example log
    #[arg(long, value_name = "FILE.json")]
    from: PathBuf,
    /// 草稿写到哪个文件
    #[arg(long, value_name = "DRAFT")]
    out: PathBuf,
    /// 覆盖已有的草稿文件
    #[arg(long)]
    force: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    /// Public key text, `.pub` file or key file.
    key: String,
    #[serde(default)]
    roles: Vec<String>,
    scope: Option<String>,
    name: String,
    office: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organisation {
    kind: String,
    uscc: Option<String>,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainFile {
    unit: String,
    unit_year: u64,
    unit_name: String,
    organisations: Vec<Organisation>,
    keys: Vec<Person>,
    opening: Value,
    profile: Value,
    contact: Option<String>,
    text: Option<Vec<String>>,
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogFile {
    origin: String,
    purpose: String,
    threshold: u64,
    operator: String,
    log_vkeys: Vec<String>,
    root_keys: Vec<Person>,
    text: Option<Vec<String>>,
}

/// Runs `draft profile`.
pub fn profile(ui: &Ui, args: &ProfileArgs) -> Done {
    let place = args.from.display().to_string();
    let profile: Profile = json::from_json(&files::read(&args.from)?).map_err(|e| Error::from(e).within(&place))?;
    let control = Control::Profile(NewProfile { profile });
    note(ui, &args.draft, Body::Profile, control, "县级规则", &args.reason)
}

/// Runs `draft rules`.
pub fn rules(ui: &Ui, args: &RulesArgs) -> Done {
    let ledger = args.draft.server.ledger(ui)?;
    let root = ledger.chain(&ChainId::root())?;
    let catalogue = root.facts.as_ref().and_then(|f| f.ring.catalogue);
    let catalogue = catalogue.ok_or_else(|| Error::new(ErrorCode::ChainMissing).at("root"))?;
    note(ui, &args.draft, Body::Rules, Control::Rules(Adoption { catalogue }), "改用新的公开目录", &args.reason)
}

fn note(ui: &Ui, args: &DraftArgs, body: fn(ControlNote) -> Body, control: Control, title: &str, reason: &str) -> Done {
    let source = DraftContext::open(ui, args)?;
    let note = ControlNote { salt: entropy::salt()?, title: title.to_owned(), text: vec![reason.to_owned()] };
    let body = body(note);
    let template = Template { control: Some(control), ..Template::new(body.kind(), body) };
    let draft = drafting::write(ui, args, &source, &source.next()?, title, &[template])?;
    ui.document(&drafting::document(&args.out, &draft)?);
    Ok(0)
}

/// Runs `draft chain`.
pub fn chain(ui: &Ui, args: &DraftChainArgs) -> Done {
    let file: ChainFile = read(&args.from)?;
    let unit = UnitCode::parse(&file.unit).ok_or_else(|| member("unit"))?;
    let chain = drafting::chain_id(Some(args.draft.chain.as_deref().unwrap_or(&file.unit)))?;
    let ledger = args.draft.server.ledger(ui)?;
    let root = ledger.chain(&ChainId::root())?;
    if !root.facts.as_ref().is_some_and(|f| f.ring.keys.iter().any(|k| k.roles.contains(&Role::Authority))) {
        return Err(Error::new(ErrorCode::RoleMissing)
            .at("root")
            .remedy(text!(
                "先在总账链上登记管理机关的钥匙, 根钥匙和这把钥匙都签, 公布以后再开账",
                "first publish a grant of the authority's key in root, signed by the root keys and by that key"
            ))
            .command(
                "sanwu key grant --chain root --key FILE.pub --role authority --scope CODE --name NAME --office OFFICE --out DRAFT",
            ));
    }
    let place = Place::chain_genesis(&root, chain.clone())?;
    let catalogue = root.facts.as_ref().and_then(|f| f.ring.catalogue);
    let catalogue = catalogue.ok_or_else(|| Error::new(ErrorCode::ChainMissing).at("root"))?;
    let (keys, names) = people(&file.keys, Some(&file.unit))?;
    let mut organisations = Vec::new();
    let mut org_names = Vec::new();
    for org in &file.organisations {
        let kind = OrgKind::parse(&org.kind).ok_or_else(|| member(&format!("organisations.kind {}", org.kind)))?;
        let uscc = match &org.uscc {
            Some(text) => Some(Uscc::parse(text).ok_or_else(|| member(&format!("organisations.uscc {text}")))?),
            None => None,
        };
        organisations.push(Issuer { kind, uscc });
        org_names.push(OrgName { kind, name: org.name.clone() });
    }
    let control = ChainGenesis {
        unit,
        unit_year: file.unit_year,
        organisations,
        keys,
        catalogue,
        profile: inner::<Profile>(&file.profile, "profile")?,
    };
    let title = file.title.clone().unwrap_or_else(|| format!("{} 村账开立", file.unit_name));
    let body = ChainGenesisBody {
        salt: entropy::salt()?,
        title: title.clone(),
        unit_name: file.unit_name.clone(),
        organisations: org_names,
        keys: names,
        opening: inner::<Opening>(&file.opening, "opening")?,
        contact: file.contact.clone(),
        text: file.text.clone(),
    };
    let template = Template {
        control: Some(Control::ChainGenesis(control)),
        ..Template::new(Kind::ChainGenesis, Body::ChainGenesis(body))
    };
    // The new chain has no state of its own yet: `root` says who signs.
    let info = ChainInfo { chain, head: None, ..root };
    let source = DraftContext::online(ledger, info);
    let draft = drafting::write(ui, &args.draft, &source, &place, &title, &[template])?;
    ui.document(&drafting::document(&args.draft.out, &draft)?);
    Ok(0)
}

/// Runs `draft log`.
pub fn log(ui: &Ui, args: &LogArgs) -> Done {
    let file: LogFile = read(&args.from)?;
    let origin = Origin::parse(&file.origin).map_err(|e| Error::new(e.code()).at(file.origin.as_str()))?;
    let purpose = Purpose::parse(&file.purpose).ok_or_else(|| member("purpose"))?;
    let (mut keys, names) = people(&file.root_keys, None)?;
    for key in &mut keys {
        key.roles = vec![Role::Root];
        key.scope = None;
    }
    let control = LogGenesis {
        purpose,
        threshold: file.threshold,
        suites: vec![u64::from(Suite::Ed25519.byte())],
        keys,
        log_vkeys: file.log_vkeys.clone(),
        catalogue: built_in(),
    };
    let title = format!("{} 账本开立", file.operator);
    let body = LogGenesisBody {
        salt: entropy::salt()?,
        title: title.clone(),
        operator: file.operator.clone(),
        keys: names,
        text: file.text.clone(),
    };
    let template = Template {
        control: Some(Control::LogGenesis(control)),
        ..Template::new(Kind::LogGenesis, Body::LogGenesis(body))
    };
    let place = Place::log_genesis(origin);
    let draft = sanwu_schema::draft::build(&place, &title, &[template], &entropy::now(), &[])?;
    drafting::save(&args.out, &draft, args.force)?;
    drafting::told(ui, &args.out, &draft, short)?;
    ui.document(&drafting::document(&args.out, &draft)?);
    Ok(0)
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, Error> {
    let place = path.display().to_string();
    let bytes = files::read(path)?;
    json::parse(&bytes).map_err(|e| Error::from(e).within(&place))?;
    serde_json::from_slice(&bytes).map_err(|e| Error::new(ErrorCode::JsonValue).at(format!("{place}: {e}")))
}

fn inner<T: Canon>(value: &Value, name: &str) -> Result<T, Error> {
    json::from_json(value.to_string().as_bytes()).map_err(|e| e.within(name).into())
}

fn member(name: &str) -> Error {
    Error::new(ErrorCode::JsonValue).at(name)
}

/// Grants and names of the first key holders. The same name is the same person.
fn people(people: &[Person], unit: Option<&str>) -> Result<(Vec<KeyGrant>, Vec<PersonName>), Error> {
    let mut holders: BTreeMap<&str, HolderId> = BTreeMap::new();
    let mut grants = Vec::new();
    let mut names = Vec::new();
    for person in people {
        let vkey = keystore::vkey_or_file(&person.key)?;
        let key = vkey.public_key().cloned().ok_or_else(|| Error::new(ErrorCode::Suite).at(vkey.name()))?;
        let mut roles = person.roles.iter().map(|r| drafting::role(r)).collect::<Result<Vec<_>, _>>()?;
        sort_roles(&mut roles);
        let scope = match person.scope.as_deref().or(unit) {
            Some(text) => Some(Scope::parse(text).ok_or_else(|| member(&format!("keys.scope {text}")))?),
            None => None,
        };
        let holder = match holders.get(person.name.as_str()) {
            Some(known) => known.clone(),
            None => entropy::holder()?,
        };
        holders.insert(&person.name, holder.clone());
        names.push(PersonName { keyid: key.key_id(), name: person.name.clone(), office: person.office.clone() });
        grants.push(KeyGrant { key, roles, scope, holder });
    }
    grants.sort_by_key(|g| g.key.key_id());
    if let Some(pair) = grants.windows(2).find(|w| matches!(w, [a, b] if a.key == b.key)) {
        let twice = pair.first().map(|g| g.key.key_id().to_hex()).unwrap_or_default();
        return Err(
            Error::new(ErrorCode::KeyGranted).at(text!("钥匙写了两次 {twice}", "the key is listed twice {twice}"))
        );
    }
    names.sort_by_key(|n| n.keyid);
    Ok((grants, names))
}
