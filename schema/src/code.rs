//! The one table of error codes: every refusal and every failed check, in both languages, with the next step.
//!
//! The node's problem+json, the CLI's four-line errors and the vectors all name these codes. A code, once
//! published, keeps its meaning.

/// Who has to do what about an error; decides the CLI's exit code and the HTTP status class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The bytes given are not what they should be: exit 9, HTTP 400/422.
    Invalid,
    /// A cryptographic or consistency check failed: exit 3, HTTP 422.
    Mismatch,
    /// It cannot be decided with what is at hand: exit 6, HTTP 422.
    Undecided,
    /// The key, role or passphrase does not allow it: exit 4, HTTP 403.
    Denied,
    /// There is no such thing: exit 5, HTTP 404.
    NotFound,
    /// The chain has moved on, or other content stands there already: exit 8, HTTP 409.
    Conflict,
    /// Too much, too large or too fast: exit 9 (size) or 7 (busy), HTTP 413/429/503.
    Limit,
    /// The network or the server could not be reached: exit 7, HTTP 502/504.
    Network,
    /// Disk, store or file trouble: exit 11, HTTP 500/503.
    Storage,
    /// A defect of the program: exit 1, HTTP 500.
    Internal,
}

impl ErrorKind {
    /// The CLI's exit code for this kind (documented in the README).
    pub const fn exit(self) -> u8 {
        match self {
            Self::Invalid | Self::Limit => 9,
            Self::Mismatch => 3,
            Self::Undecided => 6,
            Self::Denied => 4,
            Self::NotFound => 5,
            Self::Conflict => 8,
            Self::Network => 7,
            Self::Storage => 11,
            Self::Internal => 1,
        }
    }
}

macro_rules! codes {
    ($( $name:ident $code:literal $kind:ident $zh:literal $en:literal $do_zh:literal $do_en:literal; )+) => {
        /// A stable error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $( #[doc = $en] $name, )+ }

        impl Code {
            /// Every code, in table order.
            pub const ALL: &'static [Code] = &[$( Code::$name, )+];
            /// The stable text, `E-…`.
            pub const fn as_str(self) -> &'static str { match self { $( Code::$name => $code, )+ } }
            /// Who has to do what.
            pub const fn kind(self) -> ErrorKind { match self { $( Code::$name => ErrorKind::$kind, )+ } }
            /// What is wrong, in Chinese.
            pub const fn zh(self) -> &'static str { match self { $( Code::$name => $zh, )+ } }
            /// What is wrong, in English.
            pub const fn en(self) -> &'static str { match self { $( Code::$name => $en, )+ } }
            /// What to do, in Chinese.
            pub const fn hint_zh(self) -> &'static str { match self { $( Code::$name => $do_zh, )+ } }
            /// What to do, in English.
            pub const fn hint_en(self) -> &'static str { match self { $( Code::$name => $do_en, )+ } }
        }
    };
}

// name, code, kind, what is wrong (zh, en), what to do (zh, en)
codes! {
    // ---- bytes: JSON and containers
    JsonSyntax "E-JSON-SYNTAX" Invalid "文件的格式坏了" "not well-formed JSON" "请用原来的文件再试" "try again with the original file";
    JsonDuplicate "E-JSON-DUPLICATE" Invalid "同一个项目写了两次" "a member stands twice" "请用程序生成的文件, 不要手改" "use the file the program wrote, unedited";
    JsonNumber "E-JSON-NUMBER" Invalid "数字的写法不合规定" "a number is not a plain integer in range" "金额用分、面积用千分之一亩, 只写整数" "write integers only: fen, or thousandths of a mu";
    JsonString "E-JSON-STRING" Invalid "文字里有不允许的字符" "a string holds a character that is not allowed" "去掉控制字符和方向控制符" "remove control and bidirectional characters";
    JsonDepth "E-JSON-DEPTH" Invalid "内容层次太深" "nested too deep" "请用程序生成的文件" "use the file the program wrote";
    JsonUnknown "E-JSON-UNKNOWN" Invalid "有不认识的项目" "an unknown member" "检查项目名, 或升级程序" "check the member's name, or upgrade";
    JsonMissing "E-JSON-MISSING" Invalid "缺少必填的项目" "a required member is absent" "补上这一项" "add the member";
    JsonType "E-JSON-TYPE" Invalid "这一项的类型不对" "a member has the wrong type" "检查这一项的写法" "check how the member is written";
    JsonValue "E-JSON-VALUE" Invalid "这一项的值不在允许的范围" "a value is not one of those allowed" "检查这一项的值" "check the member's value";
    JsonCanonical "E-JSON-CANONICAL" Invalid "不是规定的书写格式" "not in canonical form" "请用程序生成的文件, 不要手改" "use the file the program wrote, unedited";
    Base64 "E-BASE64" Invalid "编码不合规定" "not canonical standard base64" "请用原来的文件再试" "try again with the original file";
    Length "E-LENGTH" Limit "太长或太大" "too long or too large" "缩短内容, 大文件放进附件" "shorten it, or attach the large part";
}
