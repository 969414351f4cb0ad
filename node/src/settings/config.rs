//! `config.toml`: what the operator may change. Unknown names are refused.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

use crate::web::Site;

/// The shortest publish interval: each published checkpoint is retained for ever.
const PUBLISH_INTERVAL_MS_MIN: u64 = 10;

/// What `init` writes.
pub const TEMPLATE: &str = r#"# sanwu-node 的设置; 改过以后重新启动。 Settings of sanwu-node; restart after a change.

# 网页和接口的地址。对外服务时由前面的反向代理加上 HTTPS。
# Where pages and API are served. Facing the public, a reverse proxy in front adds HTTPS.
listen = "127.0.0.1:8420"

# 两次公布总账签发文本之间至少隔多久; 副本: 多久问一次正本。
# The shortest time between two published checkpoints; of a replica: how often it asks the writing log.
publish_interval_ms = 1000

# 磁盘剩下的空间少于这个数, 就只读不写。 With less free space than this the node only reads.
disk_reserve_mib = 512

# 请谁见证(可以不写): policy 是 tlog-policy 文件, 里面每个 witness 写上网址。
# Whom to ask for cosignatures (may be left out): policy is a tlog-policy file whose witness lines have addresses.
# [witnesses]
# policy = "witnesses.policy"
# publish = "wait"          # wait: 最多等 wait_ms 再公布 · closed: 见证齐了才公布 · open: 先公布
# wait_ms = 2000
# max_age_days = 30         # 信任文件里写明: 见证最旧多少天 · how old the cosignatures may be
# [[witnesses.operator]]    # 给人看的名称 · who runs a witness, for people
# witness = "county"
# name = "示例县农经站"
# own = false               # true: 也是管这本账的单位 · run by the log's operator

# 网页底部要写明的; 没有填的显示"待填写"。 What the foot of every page says; what is left out shows as 待填写.
[site]
# operator = "…"            # 主办单位
# site_id = "…"             # 网站标识码
# icp = "…"                 # ICP备案号
# police = "…"              # 公安备案号
# contact = "…"             # 联系电话
# discipline_contact = "…"  # 乡镇纪委电话
# report_error = "…"        # 我为网站找错
# public_url = "https://…"  # 二维码里的网址
"#;

/// The settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where pages and API are served.
    pub listen: SocketAddr,
    /// The shortest time between two published checkpoints, milliseconds.
    pub publish_interval_ms: u64,
    /// With less free space than this the node only reads, MiB.
    pub disk_reserve_mib: u64,
    /// Whom to ask for cosignatures; nobody if absent.
    pub witnesses: Option<Witnesses>,
    /// Who runs the site; shown on every page.
    pub site: Site,
}

/// Whom a log asks for cosignatures, and when it publishes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnesses {
    /// The policy file, relative to the data directory.
    pub policy: std::path::PathBuf,
    /// When to publish.
    #[serde(default)]
    pub publish: Publish,
    /// Under `wait`, how long a checkpoint waits for its quorum, milliseconds.
    #[serde(default = "wait_ms")]
    pub wait_ms: u64,
    /// How old cosignatures may be, days; any age if absent.
    #[serde(default)]
    pub max_age_days: Option<u64>,
    /// Who runs the witnesses.
    #[serde(default)]
    pub operator: Vec<WitnessOperator>,
}

/// When a checkpoint is published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Publish {
    /// Only with the quorum.
    Closed,
    /// With the quorum, or after `wait_ms` without it.
    #[default]
    Wait,
    /// At once.
    Open,
}

/// Who runs a witness.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessOperator {
    /// The witness's name in the policy.
    pub witness: String,
    /// Who runs it.
    pub name: String,
    /// Whether that is who runs the log.
    #[serde(default)]
    pub own: bool,
}

/// Witnesses answer within some tens of milliseconds; two seconds bridge a slow line and are no delay to a reader.
const fn wait_ms() -> u64 {
    2_000
}

/// Under `wait`, the longest time: a client that waits for publication gives up after half a minute.
const WAIT_MS_MAX: u64 = 20_000;

/// Why the settings cannot be used.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the messages show what each field is")]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Io { path: String, source: std::io::Error },
    /// The file is not what it should be; names line and member.
    #[error("{path}: {detail}")]
    Content { path: String, detail: String },
}

impl Default for Config {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8420));
        Self { listen, publish_interval_ms: 1_000, disk_reserve_mib: 512, witnesses: None, site: Site::default() }
    }
}

impl Config {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Io { path: shown.clone(), source })?;
        Self::parse(&text).map_err(|detail| ConfigError::Content { path: shown, detail })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if config.publish_interval_ms < PUBLISH_INTERVAL_MS_MIN {
            return Err(format!("publish_interval_ms must be at least {PUBLISH_INTERVAL_MS_MIN}"));
        }
        if config.witnesses.as_ref().is_some_and(|witnesses| witnesses.wait_ms > WAIT_MS_MAX) {
            return Err(format!("witnesses.wait_ms must be at most {WAIT_MS_MAX}"));
        }
        Ok(config)
    }

    /// Returns the shortest time between two published checkpoints.
    pub fn publish_interval(&self) -> Duration {
        Duration::from_millis(self.publish_interval_ms)
    }

    /// Returns the disk reserve in bytes.
    pub fn disk_reserve_bytes(&self) -> u64 {
        self.disk_reserve_mib.saturating_mul(1 << 20)
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn the_template_is_the_default_and_unknown_names_are_refused() {
        let (template, default) = (Config::parse(super::TEMPLATE).unwrap(), Config::default());
        assert_eq!(format!("{template:?}"), format!("{default:?}"));
        assert!(Config::parse("listne = \"127.0.0.1:1\"").unwrap_err().contains("listne"));
        assert!(Config::parse("publish_interval_ms = 0").is_err());
        assert!(Config::parse("listen = \"nowhere\"").is_err());
        assert!(Config::parse("[witnesses]\npolicy = \"p\"\nwait_ms = 60000").is_err());
        assert!(Config::parse("[witnesses]\npolicy = \"p\"\npublish = \"never\"").is_err());
    }
}
