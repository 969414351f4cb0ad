//! Why a replica does not follow now, in plain words.

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::entry::Invalid;

/// What keeps a replica from following. It serves on what it has verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowTrouble {
    /// Upstream cannot be reached; says why.
    Unreachable(String),
    /// Upstream lacks what it should have; names what.
    Missing(String),
    /// What upstream gives is not what its own checkpoint signs; names what.
    Data(String),
    /// The checkpoint is not signed by a key of this log.
    Unsigned(ErrorCode),
    /// Upstream shows fewer entries than are here, and the same ones.
    Behind {
        /// Upstream's size.
        upstream: u64,
        /// The size published here.
        here: u64,
    },
    /// The disk is almost full.
    Disk,
    /// The replica's own store cannot be read.
    Store(String),
    /// The log has signed a tree with an entry that is not valid at its position.
    Invalid {
        /// Its index.
        index: u64,
        /// What is wrong with it.
        invalid: Invalid,
    },
    /// The log's first entry is not the pinned one.
    OtherLog,
    /// The log has signed two trees that cannot both be; the evidence file, in the data directory.
    Fork {
        /// Its name.
        file: String,
    },
}

impl FollowTrouble {
    /// Returns whether asking again cannot help: the log itself has signed what contradicts.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Invalid { .. } | Self::OtherLog | Self::Fork { .. })
    }

    /// Returns whether something just does not arrive, which has no bearing on what is here.
    pub fn is_of_the_line(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Missing(_))
    }

    /// Returns what is wrong, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Unreachable(what) => format!("现在连不上正本的服务器, 显示的是以前核对过的 ({what})"),
            Self::Missing(what) => format!("正本的服务器还缺东西, 等它补上 ({what})"),
            Self::Data(what) => format!("正本的服务器给的内容和它自己签发的对不上, 没有收 ({what})"),
            Self::Unsigned(code) => format!("正本的服务器给的签发文本不是这本账的钥匙签的, 没有收 ({})", code.as_str()),
            Self::Behind { upstream, here } => {
                format!("正本的服务器只有 {upstream} 条, 这里核对过的有 {here} 条: 那边换回了旧的数据")
            }
            Self::Disk => "磁盘快满了".into(),
            Self::Store(why) => format!("副本自己的数据读不出来 ({why})"),
            Self::Invalid { index, invalid } => {
                format!("正本的第 {index} 条不合规定, 不再跟 ({}: {})", invalid.code.zh(), invalid.place)
            }
            Self::OtherLog => "正本的第一条不是信任文件里写的那一条: 这是另一本账".into(),
            Self::Fork { file } => format!("正本签发了两本对不上的账, 不再跟; 两份签发文本留在 {file}"),
        }
    }

    /// Returns what is wrong, in English.
    pub fn en(&self) -> String {
        match self {
            Self::Unreachable(what) => {
                format!("the writing log cannot be reached; what was verified before is shown ({what})")
            }
            Self::Missing(what) => format!("the writing log's server lacks something; waiting for it ({what})"),
            Self::Data(what) => {
                format!("what upstream gives is not what its own checkpoint signs; it was not taken ({what})")
            }
            Self::Unsigned(code) => {
                format!(
                    "upstream's checkpoint is not signed by a key of this log; it was not taken ({})",
                    code.as_str()
                )
            }
            Self::Behind { upstream, here } => {
                format!("upstream has only {upstream} entries, {here} were verified here: it went back to old data")
            }
            Self::Disk => "the disk is almost full".into(),
            Self::Store(why) => format!("the replica's own store cannot be read ({why})"),
            Self::Invalid { index, invalid } => {
                format!("entry {index} of the writing log is not valid; not followed any more ({invalid})")
            }
            Self::OtherLog => "the log's first entry is not the one in the trust file: another log".into(),
            Self::Fork { file } => {
                format!("the log has signed two trees that cannot both be; not followed any more; both are in {file}")
            }
        }
    }
}
