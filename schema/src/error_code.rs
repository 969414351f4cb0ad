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
    /// The chain has moved on, or other content is there already: exit 8, HTTP 409.
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
    /// Returns the CLI's exit code for this kind (documented in the README).
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
        pub enum ErrorCode { $( #[doc = $en] $name, )+ }

        impl ErrorCode {
            /// Every code, in table order.
            pub const ALL: &'static [ErrorCode] = &[$( ErrorCode::$name, )+];
            /// Returns the stable text, `E-…`.
            pub const fn as_str(self) -> &'static str { match self { $( ErrorCode::$name => $code, )+ } }
            /// Returns who has to do what.
            pub const fn kind(self) -> ErrorKind { match self { $( ErrorCode::$name => ErrorKind::$kind, )+ } }
            /// Returns what is wrong, in Chinese.
            pub const fn zh(self) -> &'static str { match self { $( ErrorCode::$name => $zh, )+ } }
            /// Returns what is wrong, in English.
            pub const fn en(self) -> &'static str { match self { $( ErrorCode::$name => $en, )+ } }
            /// Returns what to do, in Chinese.
            pub const fn hint_zh(self) -> &'static str { match self { $( ErrorCode::$name => $do_zh, )+ } }
            /// Returns what to do, in English.
            pub const fn hint_en(self) -> &'static str { match self { $( ErrorCode::$name => $do_en, )+ } }
        }
    };
}

// name, code, kind, what is wrong (zh, en), what to do (zh, en)
codes! {
    // ---- bytes: JSON and containers
    JsonSyntax "E-JSON-SYNTAX" Invalid "文件的格式坏了" "not well-formed JSON" "请用原来的文件再试" "try again with the original file";
    JsonDuplicate "E-JSON-DUPLICATE" Invalid "同一个项目写了两次" "a member occurs twice" "请用程序生成的文件, 不要手改" "use the file the program wrote, unedited";
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
    // ---- log
    Hex "E-HEX" Invalid "摘要的写法不对" "not lower-case hex of the right length" "请用原来的文件再试" "try again with the original file";
    Key "E-KEY" Invalid "公钥不合规定" "the public key is malformed, not canonical or of small order" "请换用新生成的钥匙" "use a newly made key";
    Suite "E-SUITE" Undecided "这种签名算法, 本程序还不会核对" "a signature suite that this program cannot check" "升级程序后再核对" "upgrade, then check again";
    NoteSignature "E-NOTE-SIGNATURE" Mismatch "总账或见证人的签名对不上" "a log's or witness's signature does not verify" "不要相信这份内容, 从网站重新下载再核对" "do not rely on it; download it again and check";
    Vkey "E-VKEY" Invalid "公钥文本的格式不对" "the verifier or signer key text is malformed" "请整行复制公钥文本" "copy the whole line of the key text";
    VkeyId "E-VKEY-ID" Invalid "公钥文本与其中的编号不符" "the key id does not fit the name and key" "请整行复制公钥文本" "copy the whole line of the key text";
    KeyFile "E-KEY-FILE" Invalid "钥匙文件坏了或不是钥匙文件" "not an encrypted key file this program can read" "用备份的钥匙文件再试" "try the backup of the key file";
    Passphrase "E-PASSPHRASE" Denied "口令不对" "the passphrase is wrong" "重新输入口令" "type the passphrase again";
    TreeRange "E-TREE-RANGE" Invalid "序号或总数不合理" "index or tree size out of range" "检查序号和总数" "check the index and the size";
    Inclusion "E-INCLUSION" Mismatch "在总账里查不到这一条" "the inclusion proof does not verify" "不要相信这份内容, 从网站重新下载再核对" "do not rely on it; download it again and check";
    Consistency "E-CONSISTENCY" Mismatch "总账前后不一致" "two tree heads are not consistent" "保存两份证据, 报告上级" "keep both tree heads and report them";
    Tile "E-TILE" Invalid "总账分块的路径不对" "not a canonical tile path" "检查路径" "check the path";
    EntryBundle "E-ENTRY-BUNDLE" Invalid "总账分块的内容坏了" "an entry bundle or tile has the wrong length" "重新下载" "download it again";
    Note "E-NOTE" Invalid "签名文本的格式不对" "not a well-formed signed note" "重新下载" "download it again";
    NoteUnsigned "E-NOTE-UNSIGNED" Mismatch "没有可信的钥匙签过名" "no signature by a trusted key" "核对信任文件是不是这个网站的; 总账换过签发钥匙的, 用 sanwu trust --since 更新信任文件" "check that the trust file belongs to this log; if the log has changed its keys, renew it: sanwu trust --since";
    NoteAmbiguous "E-NOTE-AMBIGUOUS" Invalid "信任文件里有两把同名同号的钥匙" "two trusted keys share name and id" "换用正确的信任文件" "use a correct trust file";
    LogOrigin "E-LOG-ORIGIN" Invalid "总账名称不合规定" "not a valid log origin" "只用小写字母、数字和 . / : -, 不写 https://" "use lower-case letters, digits and . / : - without a scheme";
    Checkpoint "E-CHECKPOINT" Invalid "总账的签发文本格式不对" "not a well-formed checkpoint" "重新下载" "download it again";
    CheckpointOrigin "E-CHECKPOINT-ORIGIN" Mismatch "这是另一本总账的签发文本" "the checkpoint is not of this log" "核对网址和信任文件" "check the address and the trust file";
    Cosignature "E-COSIGNATURE" Invalid "见证签名的格式不对" "not a well-formed cosignature" "重新下载" "download it again";
    Policy "E-POLICY" Invalid "见证规则的写法不对" "not a well-formed witness policy" "换用正确的信任文件" "use a correct trust file";
    WitnessQuorum "E-WITNESS-QUORUM" Undecided "外面的见证人还不够" "the witness quorum is not reached" "过一会儿再核对" "check again later";
    TlogProof "E-TLOG-PROOF" Invalid "证明文件的格式不对" "not a well-formed proof file" "重新下载" "download it again";
    WitnessRequest "E-WITNESS-REQUEST" Invalid "见证请求的格式不对" "not a well-formed request to a witness" "检查发送请求的程序" "check the program that sends the request";
    WitnessSize "E-WITNESS-SIZE" Conflict "见证人记下的条数不是这个" "the witness has recorded another size" "从见证人记下的条数起重新证明" "send a proof from the size that the witness names";
    LogUnknown "E-LOG-UNKNOWN" NotFound "见证人没有登记这本账" "the witness does not follow this log" "请见证人把这本账写进名单" "ask the witness to list the log";
    LogFork "E-LOG-FORK" Mismatch "这本账给出了两个互相矛盾的版本" "the log has signed two trees that contradict each other" "保留证据, 向乡镇纪委和见证单位反映" "keep the evidence and report it";
    LogList "E-LOG-LIST" Invalid "见证名单的写法不对" "the witness's list of logs is not valid" "按名单开头的说明改好" "put it right as the list's first lines say";
    // ---- statements, entries, chains
    Kind "E-KIND" Undecided "这种记录本程序还不认识" "a kind this program does not know" "升级程序后再核" "check again with a newer program";
    PayloadType "E-PAYLOAD-TYPE" Undecided "这种格式本程序还不认识" "a payload type this program does not know" "升级程序后再核" "check again with a newer program";
    Signature "E-SIGNATURE" Mismatch "签名对不上" "a signature does not verify" "请原签名人重新签名" "ask the signer to sign again";
    SignatureSet "E-SIGNATURE-SET" Mismatch "签名和签名人名单对不上" "the signatures are not exactly those of the listed signers" "每个签名人恰好签一次, 按名单次序" "one signature per listed signer, in their order";
    SignatureMissing "E-SIGNATURE-MISSING" Invalid "签名还没有齐" "signatures are still missing" "请名单上的人都签名后再公布" "let every listed signer sign first";
    OtherLog "E-OTHER-LOG" Invalid "这是给另一本账的" "made for another log" "检查服务器地址" "check the server's address";
    Purpose "E-PURPOSE" Invalid "演示和正式不能混用" "test and live logs do not mix" "检查服务器地址" "check the server's address";
    ChainExists "E-CHAIN-EXISTS" Conflict "这条账链已经开立" "the chain has been opened already" "接着已有的账链写" "continue the existing chain";
    ChainMissing "E-CHAIN-MISSING" NotFound "没有这条账链" "there is no such chain" "先由镇里开立账链" "let the township open the chain first";
    ChainKind "E-CHAIN-KIND" Invalid "这种记录不能写进这条账链" "this kind does not belong in this chain" "检查账链和记录种类" "check the chain and the kind";
    Seq "E-SEQ" Conflict "账链已经往前走了, 序号不对" "wrong place in the chain: it has moved on" "重新生成草稿的位置, 再请签名" "rebase the draft and have it signed again";
    Prev "E-PREV" Conflict "前一条对不上" "the previous statement is another one" "重新生成草稿的位置, 再请签名" "rebase the draft and have it signed again";
    Parent "E-PARENT" Conflict "总账链已经往前走了" "the root chain's head is another one" "重新生成草稿, 再请签名" "draft again and have it signed again";
    Seen "E-SEEN" Mismatch "草稿记下的账本和这本账不是同一本" "the state the drafter saw is not this log's" "保留证据, 联系镇里" "keep the evidence and tell the township";
    Keyring "E-KEYRING" Conflict "钥匙册已经变了" "the key ring has changed since the draft" "重新生成草稿, 再请签名" "rebase the draft and have it signed again";
    KeyUnknown "E-KEY-UNKNOWN" Denied "这把钥匙没有登记" "the key is not in the ring" "先请镇里登记钥匙" "have the key granted first";
    KeyRevoked "E-KEY-REVOKED" Denied "这把钥匙已经停用" "the key has been revoked" "请新的负责人用自己的钥匙签名" "let the new office holder sign";
    KeyScope "E-KEY-SCOPE" Denied "这把钥匙管不到这个村" "the key's region does not cover this unit" "请管这个村的负责人签名" "let the office in charge of this unit sign";
    KeyGranted "E-KEY-GRANTED" Conflict "这把钥匙已经登记过" "the key has been granted in this chain before" "换人或换岗位要用新钥匙" "use a new key for a new person or role";
    KeyUse "E-KEY-USE" Denied "这把钥匙另有用途" "the key serves another purpose" "每种用途用一把单独的钥匙" "use a separate key for each purpose";
    RoleUngranted "E-ROLE-UNGRANTED" Denied "没有这个岗位的签名资格" "the key does not hold that role" "请有这个岗位的人签名" "let the holder of that role sign";
    RolePlace "E-ROLE-PLACE" Denied "这个岗位不能登记在这里" "that role cannot be granted in this chain" "检查岗位和账链" "check the role and the chain";
    RoleMissing "E-ROLE-MISSING" Denied "缺少必需岗位的签名" "a required role has not signed" "请缺的人补签" "let the missing role sign";
    Holder "E-HOLDER" Denied "必须由不同的人签名" "two different persons must sign" "请另一个人签名" "let another person sign";
    Threshold "E-THRESHOLD" Denied "根钥匙签名不够" "too few root keys have signed" "请其他根钥匙保管人签名" "let more root key holders sign";
    Possession "E-POSSESSION" Denied "新钥匙本身没有签名" "the key to be granted has not signed" "请新钥匙的主人也签名" "let the new key's owner sign, too";
    Control "E-CONTROL" Invalid "这种记录的控制内容不对" "the control data does not fit the kind" "请用程序重新生成" "let the program draft it again";
    Issuer "E-ISSUER" Invalid "公开单位不对" "the issuer is not one that may publish this" "检查公开单位" "check the issuer";
    Item "E-ITEM" Invalid "公开目录里没有这样的事项" "no such item for this kind in the catalogue in force" "检查事项编号" "check the item's code";
    Audience "E-AUDIENCE" Denied "这个事项不向社会公开, 不能逐条上账" "the item is not public and is not logged one by one" "按党内公开的规定办理" "follow the rules for inner-party publication";
    Period "E-PERIOD" Invalid "公开期间不对" "the period does not fit the item" "检查期间的写法" "check the period";
    PeriodTaken "E-PERIOD-TAKEN" Conflict "这一期已经公布过" "this period has been published already" "要改请用更正" "publish a correction instead";
    Refs "E-REFS" Invalid "引用的记录不对" "a reference that this kind may not have, or to nothing earlier" "检查引用的记录" "check the references";
    Corrects "E-CORRECTS" Invalid "更正和原记录对不上" "the correction does not fit what it corrects" "同一事项、同一期间、同样的签名人" "same item, period and signers";
    Corrected "E-CORRECTED" Conflict "这条已经更正过" "that statement has been corrected already" "请更正最新的一条" "correct the latest one";
    Erases "E-ERASES" Denied "这条记录不能删除个人信息" "nothing in that statement may be erased" "改用更正" "use a correction instead";
    Rows "E-ROWS" Invalid "名单对不上" "the rows do not fit the statement" "请用程序重新生成" "let the program draft it again";
    BodyDigest "E-BODY-DIGEST" Mismatch "内容和签名对不上" "the content is not the one that was signed" "请用原来的文件" "use the original file";
    BodyMissing "E-BODY-MISSING" Invalid "没有附上内容" "the content was not sent along" "连同内容一起提交" "send the content along";
    DraftsDiffer "E-DRAFTS-DIFFER" Conflict "这不是同一份草稿" "the copies are not of the same draft" "用同一份草稿的签名副本" "use copies of one draft";
    // ---- verdict
    NotReached "E-NOT-REACHED" Undecided "前面一步没过, 这一步没法核" "an earlier check failed, so this one could not be made" "先看前面一步" "see the earlier check";
    ContentAbsent "E-CONTENT-ABSENT" Undecided "没有拿到内容" "the content is not at hand" "从另一个地方再取一次" "get it from another place";
    Stale "E-STALE" Undecided "外面的见证太久没有更新" "the cosignatures are older than the trust file allows" "过一天再看; 一直这样就告诉镇里" "look again tomorrow; if it stays so, tell the township";
    GrantMissing "E-GRANT-MISSING" Mismatch "签名钥匙的登记没有附上或对不上" "a signer's grant is absent or does not fit" "重新下载证明" "download the proof again";
    OlderThanRemembered "E-OLDER" Undecided "这份证明比您上次看到的旧" "the proof is older than what you saw last time" "重新下载证明" "download the proof again";
    // ---- admission: what a body must be before it may be published
    Balance "E-BALANCE" Invalid "借贷不平" "debits and credits differ" "检查这张凭证的分录" "check the voucher's lines";
    Account "E-ACCOUNT" Invalid "会计科目不对" "not one of the 42 accounts" "用《农村集体经济组织会计制度》的科目编号" "use an account of the accounting system";
    Amount "E-AMOUNT" Invalid "金额不对" "an amount is zero, negative or out of range" "检查金额; 红字凭证要写明更正哪一张" "check the amount; a red-letter voucher names what it corrects";
    VoucherNo "E-VOUCHER-NO" Invalid "凭证号不对" "a voucher number is wrong or used twice" "凭证号写成 记-年-月-三位序号" "write voucher numbers as 记-year-month-three digits";
    Date "E-DATE" Invalid "日期不在这一期" "a date lies outside the period or out of order" "检查日期" "check the date";
    CashFlag "E-CASH-FLAG" Invalid "收付标记和分录不符" "the cash mark does not fit the lines" "检查收付标记" "check the cash mark";
    HeadingMissing "E-HEADING" Invalid "收付款没有写公开科目" "a receipt or payment has no heading" "写上公开科目" "add the heading";
    Opening "E-OPENING" Invalid "期初和上期期末不一致" "the opening balances are not last month's closing balances" "检查上一期的期末余额" "check last month's closing balances";
    Closing "E-CLOSING" Invalid "期末余额算出来不一样" "the closing balances are not opening plus movements" "检查期末余额" "check the closing balances";
    Derived "E-DERIVED" Invalid "公开表和凭证对不上" "the statement is not what the vouchers give" "请由程序从凭证生成, 不要手填" "let the program derive it from the vouchers";
    BookMissing "E-BOOK-MISSING" Invalid "还没有这个月的凭证" "there is no month book for this period" "先提交当月凭证" "publish the month's vouchers first";
    NotNil "E-NOT-NIL" Invalid "这一期有内容, 不能零报告" "there is something to report" "改为公布明细" "publish the items";
    Personal "E-PERSONAL" Invalid "含有身份证号、手机号或银行卡号" "the text contains a personal number (ID, mobile, bank card)" "删去号码再提交" "remove the number";
    Nfc "E-NFC" Invalid "文字没有规范化" "text is not in Unicode normal form C" "请用程序生成的文件" "let the program write the file";
    Text "E-TEXT" Invalid "文字太长、太短或首尾有空格" "a text is empty, too long or padded" "检查文字长度" "check the text's length";
    Steps "E-STEPS" Invalid "会议步骤或人数不对" "a decision's steps or head counts are not possible" "检查应到、实到、同意人数和日期" "check due, present, yes and the dates";
    TableShape "E-TABLE" Invalid "表格的列数不一致" "a table's row has not as many cells as there are headings" "检查表格" "check the table";
    Changes "E-CHANGES" Invalid "更正没有写明改了什么" "a correction names no change" "写明更正前后" "state before and after";
    Carried "E-CARRIED" Invalid "这个月已经结转, 期末余额不能改" "the month has been carried forward: its closing balances stay" "在当月用红字或补记凭证更正" "use a red-letter or supplementary voucher in an open month";
    // ---- node
    NotFound "E-NOT-FOUND" NotFound "这里没有东西" "there is nothing here" "检查网址" "check the address";
    Method "E-METHOD" Invalid "这个网址不接受这种请求" "this address does not take such a request" "看接口说明 /openapi.json" "see /openapi.json";
    Parameter "E-PARAMETER" Invalid "网址里的参数不对" "a parameter in the address is not valid" "看接口说明 /openapi.json" "see /openapi.json";
    Multipart "E-MULTIPART" Invalid "提交的表单坏了" "not a well-formed multipart form of the right parts" "用程序重新提交" "let the program send it again";
    Timeout "E-TIMEOUT" Network "等得太久" "it took too long" "过一会儿再提交同一份" "send the same again later";
    Busy "E-BUSY" Limit "服务器正忙" "too much is waiting" "过一会儿再提交同一份" "send the same again later";
    ReadOnly "E-READ-ONLY" Storage "服务器现在只能读" "the server only reads for now" "原因在网站的「这本账」页上, 请告诉运维人员" "the reason is on the site's page about the log; tell the operator";
    LogKeyAbsent "E-LOG-KEY" Conflict "这台服务器没有新的签发钥匙, 照办就再也签不了总账" "this node holds none of the log keys named, and could not sign the log any more" "先把新钥匙放进数据目录的 log.key, 重新启动, 再提交同一份" "put the new key into the data directory's log.key, restart, then send the same again";
    Follower "E-FOLLOWER" Denied "这里是只读的副本, 不收新的公开表" "this is a read-only replica; it takes no entries" "到正本的服务器去提交" "submit to the server of the writing log";
    Stopped "E-STOPPED" Storage "服务器停止写入, 结果不明" "the writer has stopped, the outcome is not known" "服务器恢复后再提交同一份, 不会重复" "send the same again when the server is back; it is never stored twice";
    Store "E-STORE" Storage "服务器读不出数据" "the server cannot read its store" "请运维人员看服务器日志" "let the operator look at the server's log";
    StoreDamaged "E-STORE-DAMAGED" Storage "服务器的数据坏了" "a stored record is damaged" "请运维人员运行 sanwu-node fsck" "let the operator run sanwu-node fsck";
    StoreIndex "E-STORE-INDEX" Storage "服务器数据的索引不完整" "the store's index is incomplete" "停止服务, 运行 sanwu-node reindex" "stop the node and run sanwu-node reindex";
    DataDir "E-DATA-DIR" Storage "数据目录不对" "not a data directory of this program, or of another log" "检查 --data; 新开总账用 sanwu-node init" "check --data; sanwu-node init makes a new one";
    AdmissionFixed "E-ADMISSION" Storage "谁可以写是建账时定的, 以后不能改" "who may append was fixed when the log was made and never changes" "把 log.toml 里的 admission 改回原来的" "put admission in log.toml back to what it was";
    DataRole "E-DATA-ROLE" Conflict "这个数据目录是另一种用途的: 正本和副本不能混用" "the data directory is of the other kind: a writing log and a replica never share one" "副本启动要写 --follow, 用自己的目录; 正本不写" "start a replica with --follow and a directory of its own, a writing log without";
    DataBusy "E-DATA-BUSY" Storage "数据目录正被另一个程序使用" "another program is working on the data directory" "先停止正在运行的 sanwu-node" "stop the running sanwu-node first";
    Clock "E-CLOCK" Storage "服务器的时钟没有校准" "the server's clock is not set" "请运维人员校准时钟" "let the operator set the clock";
    Config "E-CONFIG" Invalid "设置文件有错" "the settings are not valid" "改好设置文件再启动; 还没有数据目录的, 先用 sanwu-node init 建一个" "put the settings right and start again; without a data directory run sanwu-node init first";
    Listen "E-LISTEN" Network "这个地址不能用来服务" "the address cannot be listened on" "换一个 --listen 地址, 或停掉占用它的程序" "choose another --listen, or stop what uses it";
    // ---- cli
    FileMissing "E-FILE-MISSING" NotFound "没有这个文件" "there is no such file" "检查文件名和所在的文件夹" "check the file's name and folder";
    FileExists "E-FILE-EXISTS" Conflict "文件已经在那里, 不会覆盖" "the file exists already and is not overwritten" "换一个文件名" "choose another name";
    FileIo "E-FILE-IO" Storage "文件读写不了" "a file cannot be read or written" "检查磁盘和权限" "check the disk and the permissions";
    Network "E-NETWORK" Network "连不上服务器" "the server cannot be reached" "检查网络和地址, 过一会儿再运行同一条命令" "check network and address, then run the same command again";
    ServerAnswer "E-SERVER-ANSWER" Network "服务器的回答看不懂" "the server's answer is not what it should be" "检查地址是不是这本账的服务器" "check that the address is a server of this ledger";
    NoRecord "E-NO-RECORD" NotFound "没有这条记录" "there is no such record" "检查编号和服务器地址" "check the number and the server's address";
    NoInput "E-NO-INPUT" Denied "需要输入, 但现在不能提问" "something must be typed, but nobody can be asked" "用参数或文件给出" "give it by an option or a file";
    NotSigner "E-NOT-SIGNER" Denied "这把钥匙不在签名人名单里" "this key is not among the listed signers" "请名单上的人签名" "let a listed signer sign";
    VoucherTable "E-VOUCHER-TABLE" Invalid "凭证表里有要改的地方" "the table of vouchers has mistakes" "改好后再运行同一条命令" "put them right and run the same command again";
    DraftMoved "E-DRAFT-MOVED" Conflict "账链已经往前走了, 草稿换了新位置" "the chain has moved on; the draft has been moved to its new place" "请原来的签名人再签一次" "have it signed again";
    TrustMissing "E-TRUST-MISSING" Undecided "没有信任文件, 不能下结论" "without a trust file nothing can be concluded" "从镇里取得信任文件, 用 --trust 指定" "get the trust file from the township and name it by --trust";
    BlobMissing "E-BLOB-MISSING" Undecided "内容不在这里, 没法核对" "the content is not here and cannot be checked" "换一个来源再核对" "check against another source";
    Usage "E-USAGE" Invalid "命令的写法不对" "the command is not written correctly" "看 sanwu --help" "see sanwu --help";
    Internal "E-INTERNAL" Internal "程序出错" "a defect of this program" "把这段文字发给维护人员" "send this text to the maintainers";
}
