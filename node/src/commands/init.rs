//! `sanwu-node init`: a new log's key and settings, and the draft of its first entry.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sanwu_schema::catalogue;
use sanwu_schema::crypto::hash::hex_encode;
use sanwu_schema::crypto::key::Suite;
use sanwu_schema::date::IssuedAt;
use sanwu_schema::draft::{self, Draft, Place, Template};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Body, LogGenesisBody, PersonName, Salt};
use sanwu_schema::kinds::{Control, KeyGrant, LogGenesis, Purpose};
use sanwu_schema::record::statement::{HolderId, Role};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::vkey::{ED25519, MLDSA44_COSIGNATURE, SignerKey, Vkey};

use super::Global;
use super::error::CommandError;
use crate::clock;
use crate::durable::Access;
use crate::settings::{self, Data, LogFile, io};
use crate::storage::{self, AppendPolicy};

/// Arguments of `init`.
#[derive(clap::Args)]
pub(crate) struct InitArgs {
    /// 数据目录, 还不存在或者是空的 · data directory, not there yet or empty
    #[arg(long)]
    pub(crate) data: PathBuf,
    /// 总账名称, 例如 sanwu.example.gov.cn/379999100 · the log's origin
    #[arg(long)]
    pub(crate) origin: String,
    /// 根钥匙的公钥文本, 可以有几个 · vkey of a root key; may be repeated
    #[arg(long = "root", value_name = "VKEY", required = true)]
    pub(crate) roots: Vec<String>,
    /// 要几把根钥匙一起签名 · how many root keys must sign
    #[arg(long)]
    pub(crate) threshold: u64,
    /// 正式还是演示 · live or test
    #[arg(long, default_value = "live", value_parser = ["live", "test"])]
    pub(crate) purpose: String,
    /// 谁可以写: statements, 或者(只限演示) open · who may append: statements, or (test only) open
    #[arg(long, value_enum, default_value = "statements")]
    pub(crate) admission: AppendPolicy,
    /// 运营单位的名称 · who runs the log
    #[arg(long, default_value = "待填写")]
    pub(crate) operator: String,
}

pub(super) fn run(global: &Global, args: &InitArgs) -> Result<ExitCode, CommandError> {
    let made = init(args)?;
    let draft = made.genesis_draft.display().to_string();
    if global.json {
        let document = serde_json::json!({
            "schema": "sanwu-init-1", "ok": true, "exit": 0, "vkeys": made.vkeys, "genesis_draft": draft,
        });
        println!("{document}");
    } else {
        println!("{}", made.vkeys.join("\n"));
    }
    global.say(
        &format!("总账已建立, 上面是它的公钥。下一步: 根钥匙在 {draft} 上签名(sanwu sign), 启动服务, 公布(sanwu publish)"),
        &format!("the log is made; above are its public keys. Next: the root keys sign {draft} (sanwu sign), start the node, publish it (sanwu publish)"),
    );
    Ok(ExitCode::SUCCESS)
}

/// What `init` has made.
pub(crate) struct Made {
    /// The log's verifier keys.
    pub(crate) vkeys: Vec<String>,
    /// The draft of the log's first entry.
    pub(crate) genesis_draft: PathBuf,
}

/// Makes the data directory.
pub(crate) fn init(args: &InitArgs) -> Result<Made, CommandError> {
    let origin = Origin::parse(&args.origin).map_err(|error| CommandError::new(error.code(), &args.origin))?;
    let purpose = Purpose::parse(&args.purpose).ok_or_else(|| CommandError::new(ErrorCode::Usage, "--purpose"))?;
    if args.admission == AppendPolicy::Open && purpose != Purpose::Test {
        return Err(CommandError::new(ErrorCode::Usage, "--admission open --purpose live"));
    }
    let signers = new_keys(&origin)?;
    let vkeys: Vec<String> = signers.iter().map(|signer| signer.vkey().to_string()).collect();
    let draft = genesis(args, &origin, purpose, &vkeys)?;

    make_empty(&args.data)?;
    let data = Data::at(&args.data);
    let _lock = data.lock()?;
    let fixed = LogFile { origin: args.origin.clone(), append_policy: args.admission };
    let fixed = toml::to_string(&fixed).map_err(|error| CommandError::new(ErrorCode::Internal, error))?;
    let texts: String = signers.iter().map(|signer| signer.to_text() + "\n").collect();
    data.write_new(&data.key(), texts.as_bytes(), Access::Secret)?;
    data.write_new(&data.log_file(), fixed.as_bytes(), Access::Public)?;
    data.write_new(&data.config(), settings::TEMPLATE.as_bytes(), Access::Public)?;
    data.write_new(&data.genesis_draft(), &draft.to_bytes(), Access::Public)?;
    storage::create(&data.storage(), args.admission)?;
    Ok(Made { vkeys, genesis_draft: data.genesis_draft() })
}

/// Returns a log's two signing keys, Ed25519 first (C2SP tlog-tiles asks for one), then ML-DSA-44.
pub(super) fn new_keys(origin: &Origin) -> Result<Vec<SignerKey>, CommandError> {
    let new = |algorithm| {
        let made = SignerKey::from_seed(origin.as_str(), algorithm, random()?);
        made.map_err(|error| CommandError::new(error.code(), origin))
    };
    Ok(vec![new(ED25519)?, new(MLDSA44_COSIGNATURE)?])
}

/// The draft of the log's first entry: purpose, root keys, threshold, catalogue.
fn genesis(args: &InitArgs, origin: &Origin, purpose: Purpose, vkeys: &[String]) -> Result<Draft, CommandError> {
    let mut keys = Vec::new();
    let mut names = Vec::new();
    for (number, text) in args.roots.iter().enumerate() {
        let place = format!("--root {}", number + 1);
        let root = Vkey::parse(text).map_err(|error| CommandError::new(error.code(), &place))?;
        let key = root.public_key().ok_or_else(|| CommandError::new(ErrorCode::Suite, &place))?.clone();
        let holder = HolderId::parse(&hex_encode(&random::<16>()?));
        let holder = holder.ok_or_else(|| CommandError::new(ErrorCode::Internal, "holder"))?;
        names.push(PersonName {
            keyid: key.key_id(), name: root.name().to_owned(), office: "根钥匙保管人".into()
        });
        keys.push(KeyGrant { key, roles: vec![Role::Root], scope: None, holder });
    }
    keys.sort_by_key(|grant| grant.key.key_id());
    names.sort_by_key(|name| name.keyid);
    if keys.windows(2).any(|pair| matches!(pair, [a, b] if a.key == b.key)) {
        return Err(CommandError::new(ErrorCode::KeyGranted, "--root"));
    }
    if args.threshold == 0 || args.threshold > keys.len() as u64 {
        let place = format!("--threshold {}: --root × {}", args.threshold, keys.len());
        return Err(CommandError::new(ErrorCode::Usage, place));
    }
    let salt = Salt::parse(&hex_encode(&random::<16>()?));
    let title = format!("开立总账 {origin}");
    let body = LogGenesisBody {
        salt: salt.ok_or_else(|| CommandError::new(ErrorCode::Internal, "salt"))?,
        title: title.clone(),
        operator: args.operator.clone(),
        keys: names,
        text: None,
    };
    let control = LogGenesis {
        purpose,
        threshold: args.threshold,
        suites: vec![u64::from(Suite::Ed25519.byte())],
        keys,
        log_vkeys: vkeys.to_vec(),
        catalogue: catalogue::built_in(),
    };
    let mut template = Template::new(Kind::LogGenesis, Body::LogGenesis(body));
    template.control = Some(Control::LogGenesis(control));
    let issued_at = IssuedAt::parse(&clock::beijing_time(clock::now_ms()));
    let issued_at = issued_at.ok_or_else(|| CommandError::new(ErrorCode::Internal, "clock"))?;
    draft::build(&Place::log_genesis(origin.clone()), &title, &[template], &issued_at, &[])
        .map_err(|invalid| CommandError::new(invalid.code, invalid.place))
}

/// Makes the directory, or takes an empty one.
pub(super) fn make_empty(path: &Path) -> Result<(), CommandError> {
    std::fs::create_dir_all(path).map_err(|error| io(path, error))?;
    let mut files = std::fs::read_dir(path).map_err(|error| io(path, error))?;
    match files.next() {
        None => Ok(()),
        Some(_) => Err(CommandError::new(ErrorCode::FileExists, path.display())),
    }
}

pub(super) fn random<const N: usize>() -> Result<[u8; N], CommandError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| CommandError::new(ErrorCode::Internal, error))?;
    Ok(bytes)
}
