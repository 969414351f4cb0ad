//! What every command that drafts has in common: where the draft will stand, the earlier books, the checks
//! before writing, the file.

mod place;

use std::path::{Path, PathBuf};

use clap::Args;
use sanwu_schema::admission::{self, Books};
use sanwu_schema::catalogue::Audience;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::date::{IssuedAt, Period};
use sanwu_schema::draft::{self, ChainInfo, Draft, Missing, Place, Template};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Control;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{AccountBalance, Body, MonthBook};
use sanwu_schema::record::entry::Invalid;
use sanwu_schema::record::statement::{ChainId, Issuer, ItemCode, OrgKind, Statement};
use sanwu_schema::replay::{self, BookKeeper as _, ShelfOver};
use sanwu_schema::validity::ChainFacts;

use crate::client::Client;
use crate::entropy;
use crate::error::Error;
use crate::files;
use crate::keystore;
use crate::ledger::Ledger;
use crate::text::{Text, text};
use crate::ui::Ui;

pub use place::SavedPlace;

/// Where the server is, and what this machine trusts.
#[derive(Args, Clone, Debug)]
pub struct ServerArgs {
    /// 服务器地址, 例如 http://127.0.0.1:8420; 不写时用环境变量 SANWU_SERVER
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// 信任文件 (从镇里取得); 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
}

impl ServerArgs {
    /// The server's address, from the option or the environment.
    pub fn client(&self) -> Result<Client, Error> {
        let url = self.server.clone().or_else(|| std::env::var("SANWU_SERVER").ok().filter(|v| !v.is_empty()));
        match url {
            Some(url) => Client::new(&url),
            None => Err(Error::new(ErrorCode::Usage)
                .because(text!("没有写服务器地址", "the server's address is missing"))
                .remedy(text!("加上 --server URL", "add --server URL"))),
        }
    }

    /// The trust file, from the option or the environment.
    pub fn trust(&self) -> Option<PathBuf> {
        let set = || std::env::var_os("SANWU_TRUST").filter(|v| !v.is_empty()).map(PathBuf::from);
        self.trust.clone().or_else(set)
    }

    /// The log behind the server.
    pub fn ledger(&self, ui: &Ui) -> Result<Ledger, Error> {
        Ledger::open(ui, self.client()?, self.trust().as_deref())
    }
}

/// What a draft is made for and where it is written.
#[derive(Args, Clone, Debug)]
pub struct DraftArgs {
    /// 账链 (一般是村的 12 位代码)
    #[arg(long, value_name = "CHAIN")]
    pub chain: Option<String>,
    #[command(flatten)]
    pub server: ServerArgs,
    /// 不联网拟稿: 用 sanwu chain 存下的位置文件代替服务器
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    pub place: Option<PathBuf>,
    /// 草稿写到哪个文件
    #[arg(long, value_name = "DRAFT")]
    pub out: PathBuf,
    /// 覆盖已有的草稿文件
    #[arg(long)]
    pub force: bool,
    /// 同一岗位有几把钥匙时, 由哪一把签 (公钥、.pub 文件或编号, 可写多次)
    #[arg(long, value_name = "VKEY")]
    pub signer: Vec<String>,
    /// 公开单位 (collective, village_committee, party_organisation…); 不写时按公开目录定
    #[arg(long, value_name = "KIND")]
    pub issuer: Option<String>,
    /// 拟稿时间, 例如 2026-04-10T09:30:00+08:00; 不写就是现在
    #[arg(long, value_name = "TIME")]
    pub issued_at: Option<String>,
}

/// Where the chain stands and what was published before: from the server, or from a saved file.
pub struct Source {
    ledger: Option<Ledger>,
    saved: Option<SavedPlace>,
    /// What a drafter must know of the chain.
    pub info: ChainInfo,
}

impl Source {
    /// Finds the chain's place as the options say.
    pub fn open(ui: &Ui, args: &DraftArgs) -> Result<Self, Error> {
        if let Some(path) = &args.place {
            let saved = SavedPlace::read(path)?;
            if let Some(chain) = &args.chain
                && *chain != saved.info.chain.as_str()
            {
                return Err(Error::new(ErrorCode::ChainMissing).at(format!(
                    "{}: {}",
                    path.display(),
                    saved.info.chain
                )));
            }
            return Ok(Self { ledger: None, info: saved.info.clone(), saved: Some(saved) });
        }
        let ledger = args.server.ledger(ui)?;
        let info = ledger.chain(&chain_id(args.chain.as_deref())?)?;
        Ok(Self { ledger: Some(ledger), saved: None, info })
    }

    /// A source of a chain that the caller has looked up already.
    pub fn online(ledger: Ledger, info: ChainInfo) -> Self {
        Self { ledger: Some(ledger), saved: None, info }
    }

    /// The facts of an open chain.
    pub fn facts(&self) -> Result<&ChainFacts, Error> {
        self.info.facts.as_ref().ok_or_else(|| Error::new(ErrorCode::ChainMissing).at(self.info.chain.as_str()))
    }

    /// The log, when online.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// The place of the chain's next statement.
    pub fn next(&self) -> Result<Place, Error> {
        Ok(Place::next(&self.info)?)
    }

    /// The issuer asked for, or the first organisation that may issue the item.
    pub fn issuer(&self, asked: Option<&str>, kind: Kind, code: Option<&ItemCode>) -> Result<Issuer, Error> {
        let facts = self.facts()?;
        let item = facts
            .catalogue
            .governing(kind, code)
            .ok_or_else(|| Error::new(ErrorCode::Item).at(code.map_or(kind.as_str(), |c| c.as_str())))?;
        let wanted: Vec<OrgKind> = match asked {
            Some(word) => vec![OrgKind::parse(word).ok_or_else(|| Error::new(ErrorCode::Issuer).at(word))?],
            None => item.issuers.clone(),
        };
        let found = wanted.iter().find_map(|kind| facts.organisations.iter().find(|o| o.kind == *kind));
        found.cloned().ok_or_else(|| Error::new(ErrorCode::Issuer).at(item.code.as_str()))
    }

    /// Who signed the chain's last notice: the same persons are asked again unless others are named.
    fn last_signers(&self) -> Result<Vec<KeyId>, Error> {
        let (Some(ledger), Some(head)) = (&self.ledger, &self.info.head) else { return Ok(Vec::new()) };
        let last = ledger.newest(&self.info.chain, head.seq, |s| s.issuer.is_some())?;
        Ok(last.map(|row| row.statement.signers.iter().map(|s| s.keyid).collect()).unwrap_or_default())
    }

    /// `张三(村会计)` where the chain tells it, else the key's short id.
    pub fn person(&self, keyid: &KeyId) -> String {
        person(&self.info, keyid)
    }
}

/// `张三(村会计)` where the chain tells it, else the key's short id.
pub fn person(info: &ChainInfo, keyid: &KeyId) -> String {
    match info.names.iter().find(|n| n.keyid == *keyid) {
        Some(name) => format!("{}({})", name.name, name.office),
        None => short(keyid),
    }
}

/// The first eight digits of a key's id.
pub fn short(keyid: &KeyId) -> String {
    format!("{}…", keyid.to_hex().get(..8).unwrap_or_default())
}

impl Books for Source {
    type Error = Error;

    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, Error> {
        if let Some(saved) = &self.saved {
            return Ok(saved.month_book.as_ref().filter(|b| b.period == *period).cloned());
        }
        match (&self.ledger, &self.info.head) {
            (Some(ledger), Some(head)) => ledger.month_book(chain, head.seq, period),
            _ => Ok(None),
        }
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Error> {
        if let Some(saved) = &self.saved {
            let opening = saved.info.opening.as_ref();
            return Ok(opening.and_then(|o| Some((admission::opened_month(&o.date)?, o.balances.clone()))));
        }
        match &self.ledger {
            Some(ledger) if self.info.head.is_some() => {
                Ok(ledger.opening(chain)?.map(|(month, opening)| (month, opening.balances)))
            }
            _ => Ok(None),
        }
    }
}

/// Checks every body of a draft as the server will; tells all that is wrong.
pub fn admit<B: Books<Error = Error>>(
    draft: &Draft,
    facts: Option<&ChainFacts>,
    books: &B,
) -> Result<Vec<Body>, Error> {
    let mut package = ShelfOver::new(books);
    let mut bodies = Vec::new();
    for entry in &draft.entries {
        let statement = entry.parse()?;
        let content = replay::admit(&statement, entry.body.as_bytes(), facts, &package)?;
        let Some(body) = content.body.filter(|_| content.findings.is_empty()) else {
            return Err(not_admitted(&statement, &content.findings));
        };
        package.keep(&statement, body.clone());
        bodies.push(body);
    }
    Ok(bodies)
}

/// An error that tells every finding about a body.
pub fn not_admitted(statement: &Statement, findings: &[Invalid]) -> Error {
    let what = label(statement);
    let code = findings.first().map_or(ErrorCode::Internal, |f| f.code);
    findings.iter().fold(Error::new(code).at(what), |error, f| {
        let (place, word) = (&f.place, f.code.as_str());
        error.detail(Text {
            zh: format!("{place}  {} ({word})", f.code.zh()),
            en: format!("{place}  {} ({word})", f.code.en()),
        })
    })
}

/// `F04 货币资金收支结余表 2026-03`: what a statement is.
pub fn label(statement: &Statement) -> Text {
    label_of(statement.kind, statement.code.as_ref(), statement.period.as_ref())
}

/// The label of a statement of which only these are known.
pub fn label_of(kind: Kind, code: Option<&ItemCode>, period: Option<&Period>) -> Text {
    let code = code.map_or(String::new(), |c| format!("{c} "));
    let period = period.map_or(String::new(), |p| format!(" {p}"));
    let words = |kind: &str| format!("{code}{kind}{period}");
    Text { zh: words(kind.zh()), en: words(kind.en()) }
}

/// Builds the draft, checks it as the server will, and writes its file.
pub fn write(
    ui: &Ui,
    args: &DraftArgs,
    source: &Source,
    place: &Place,
    title: &str,
    templates: &[Template],
) -> Result<Draft, Error> {
    if let Some(facts) = &place.facts {
        templates.iter().try_for_each(|t| fits_catalogue(t, facts))?;
    }
    let mut prefer = preferred(args)?;
    // Not for control entries: naming just its own key is how a key asks to end itself.
    if prefer.is_empty() && templates.iter().all(|t| t.issuer.is_some()) {
        prefer = source.last_signers()?;
    }
    let draft = draft::build(place, title, templates, &issued_at(args)?, &prefer)?;
    admit(&draft, place.facts.as_ref(), source)?;
    save(&args.out, &draft, args.force)?;
    told(ui, &args.out, &draft, |keyid| source.person(keyid))?;
    tell_others(ui, &draft, source)?;
    Ok(draft)
}

/// Tells who else holds an office that is to sign: the clerk may have meant the other one.
fn tell_others(ui: &Ui, draft: &Draft, source: &Source) -> Result<(), Error> {
    let Some(facts) = &source.info.facts else { return Ok(()) };
    let asked = missing(draft)?;
    for role in asked.iter().flat_map(|m| &m.roles) {
        let others =
            facts.ring.keys.iter().filter(|k| k.roles.contains(role) && !asked.iter().any(|m| m.keyid == k.keyid));
        for other in others {
            let who = source.person(&other.keyid);
            ui.say(&Text {
                zh: format!("  {}还有 {who}, 要由他签就加 --signer", role.zh()),
                en: format!("  {}: {who} could sign instead, see --signer", role.en()),
            });
        }
    }
    Ok(())
}

/// Who still has to sign, in the order of the offices.
pub fn missing(draft: &Draft) -> Result<Vec<Missing>, Error> {
    let mut missing = draft.missing()?;
    missing.sort_by(|a, b| (&a.roles, a.keyid).cmp(&(&b.roles, b.keyid)));
    Ok(missing)
}

/// Whether the item is one that is published here, and the period has the form it asks for.
fn fits_catalogue(template: &Template, facts: &ChainFacts) -> Result<(), Error> {
    let kind = match &template.control {
        Some(Control::Correction(c)) => c.of,
        Some(_) => return Ok(()),
        None => template.kind,
    };
    let Some(item) = facts.catalogue.governing(kind, template.code.as_ref()) else {
        return Err(Error::new(ErrorCode::Item).at(template.code.as_ref().map_or(kind.as_str(), |c| c.as_str())));
    };
    if item.audience != Audience::Public {
        return Err(Error::new(ErrorCode::Audience).at(item.code.as_str()));
    }
    let periodic = item.frequency.is_periodic() && !matches!(kind, Kind::Decision | Kind::Contract);
    let fits = if periodic { item.frequency.fits(template.period.as_ref()) } else { template.period.is_none() };
    if fits {
        return Ok(());
    }
    let (zh, en) = (item.frequency.zh(), item.frequency.en());
    Err(Error::new(ErrorCode::Period).at(item.code.as_str()).remedy(Text {
        zh: format!(
            "这个事项{zh}公开; 每月写 2026-03, 每季度写 2026-Q1, 每半年写 2026-H1, 每年写 2026, 随时和长期的不写期间"
        ),
        en: format!(
            "this item is due {en}: write 2026-03, 2026-Q1, 2026-H1 or 2026; leave it out where it has no period"
        ),
    }))
}

/// Writes a new draft file; an existing one may hold signatures and stays.
pub fn save(path: &Path, draft: &Draft, force: bool) -> Result<(), Error> {
    if path.exists() && !force {
        return Err(Error::new(ErrorCode::FileExists)
            .at(path.display().to_string())
            .remedy(text!("换一个文件名, 或加 --force 覆盖", "choose another name, or add --force")));
    }
    files::write(path, &draft.to_bytes())
}

/// Tells what was drafted and who has to sign.
pub fn told(ui: &Ui, path: &Path, draft: &Draft, person: impl Fn(&KeyId) -> String) -> Result<(), Error> {
    let file = path.display();
    ui.print_text(&text!("✔ 草稿写好了  {file}", "✔ draft written  {file}"));
    for missing in missing(draft)? {
        let who = person(&missing.keyid);
        let roles =
            |lang| missing.roles.iter().map(|r| if lang { r.zh() } else { r.en() }).collect::<Vec<_>>().join("、");
        ui.print_text(&Text {
            zh: format!("  要签名  {who}  {}", roles(true)),
            en: format!("  to sign  {who}  {}", roles(false)),
        });
    }
    ui.say(&text!("下一步:  sanwu sign {file} --key 钥匙文件", "next:  sanwu sign {file} --key KEYFILE"));
    Ok(())
}

/// The chain that is meant.
pub fn chain_id(chain: Option<&str>) -> Result<ChainId, Error> {
    let Some(chain) = chain else {
        return Err(Error::new(ErrorCode::Usage)
            .because(text!("没有写账链", "the chain is missing"))
            .remedy(text!("加上 --chain (一般是村的 12 位代码)", "add --chain, usually the village's 12-digit code")));
    };
    ChainId::parse(chain).ok_or_else(|| Error::new(ErrorCode::JsonValue).at(format!("--chain {chain}")))
}

/// The period that is meant.
pub fn period(text: &str) -> Result<Period, Error> {
    Period::parse(text).ok_or_else(|| {
        Error::new(ErrorCode::Period)
            .at(text)
            .remedy(text!("写成 2026-03、2026-Q1、2026-H1 或 2026", "write 2026-03, 2026-Q1, 2026-H1 or 2026"))
    })
}

/// When the draft says it was made.
pub fn issued_at(args: &DraftArgs) -> Result<IssuedAt, Error> {
    match &args.issued_at {
        Some(given) => {
            IssuedAt::parse(given).ok_or_else(|| Error::new(ErrorCode::JsonValue).at(format!("--issued-at {given}")))
        }
        None => entropy::now(),
    }
}

/// The keys that shall sign where several could.
pub fn preferred(args: &DraftArgs) -> Result<Vec<KeyId>, Error> {
    args.signer
        .iter()
        .map(|given| match KeyId::from_hex(given) {
            Some(keyid) => Ok(keyid),
            None => {
                let vkey = keystore::vkey_or_file(given)?;
                vkey.public_key().map(|k| k.key_id()).ok_or_else(|| Error::new(ErrorCode::Suite).at(given.as_str()))
            }
        })
        .collect()
}
