//! What the log must not hold is refused over HTTP with a clear code, and leaves nothing behind.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::SecretKey;
use sanwu_schema::date::IssuedAt;
use sanwu_schema::draft::{Place, Template};
use sanwu_schema::json::to_canonical;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::derive;
use sanwu_schema::kinds::{Body, ControlNote, MonthBook, Notice};
use sanwu_schema::kinds::{Control, Revocation};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{BodyRef, ChainId, ItemCode, Role, Signer, Statement, StatementId, UnitCode};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_tests::client::Answer;
use sanwu_tests::process::Node;
use sanwu_tests::village::{Village, info, salt, secret};

use crate::support::{Site, assert_problem, body_of, chains, committed, programs, sealed, sealed_payload};

/// A log, and the rows of the table that were not refused as expected.
struct Table {
    site: Site,
    wrong: Vec<String>,
    rows: usize,
}

type Parts = Vec<(&'static str, Vec<u8>)>;

impl Table {
    fn new() -> Self {
        Self { site: Site::new(), wrong: Vec::new(), rows: 0 }
    }

    /// Posts parts that must be refused, and checks that they leave no trace.
    fn refuses(&mut self, what: &str, status: u16, code: &str, parts: &Parts) {
        self.rows += 1;
        let client = self.site.client.clone();
        let (heads, size) = (chains(&client), committed(&client));
        let digests: Vec<Hash> = parts.iter().filter(|p| p.0 != "envelope").map(|p| Hash::digest(&p.1)).collect();
        let blob = |digest: &Hash| client.get(&format!("/api/v1/blobs/{}", digest.to_hex())).status;
        let there: Vec<u16> = digests.iter().map(blob).collect();

        let answer = client.post_parts(parts.iter().map(|(name, bytes)| (*name, bytes.as_slice())), false).expect(what);

        let problem = answer.header("content-type") == Some("application/problem+json");
        let got = if problem { answer.code() } else { String::from_utf8_lossy(&answer.body).into_owned() };
        if (answer.status, got.as_str()) != (status, code) || !problem {
            self.wrong.push(format!("{what}: {status} {code} expected, got {} {got}", answer.status));
        }
        let after: Vec<u16> = digests.iter().map(blob).collect();
        if after != there {
            self.wrong.push(format!("{what}: contents are there that were not: {after:?}"));
        }
        if chains(&client) != heads || client.get(&format!("/api/v1/entries/{size}")).status != 404 {
            self.wrong.push(format!("{what}: the log has grown"));
        }
    }

    /// The next statement of the chain with its body, not signed.
    fn next(&self, template: &Template) -> (Statement, Vec<u8>) {
        let draft = self.site.village.draft(&self.site.client, std::slice::from_ref(template));
        (draft.entries[0].parse().expect("statement"), draft.entries[0].body.clone().into_bytes())
    }

    /// A notice, altered, and signed after that.
    fn altered(&self, text: &str, alter: impl FnOnce(&mut Statement)) -> Parts {
        let (mut statement, body) = self.next(&self.site.village.notice(text));
        alter(&mut statement);
        vec![("envelope", sealed(&self.site.village, &[], &statement)), ("body", body)]
    }

    /// A notice whose signed bytes are these instead.
    fn rewritten(&self, text: &str, rewrite: impl FnOnce(String) -> String) -> Parts {
        let (statement, body) = self.next(&self.site.village.notice(text));
        let payload = rewrite(String::from_utf8(to_canonical(&statement)).expect("ASCII"));
        let key = self.site.village.key("party-sec");
        vec![("envelope", sealed_payload(payload.as_bytes(), &[key])), ("body", body)]
    }

    /// A notice whose envelope is altered after signing.
    fn resealed(&self, text: &str, rewrite: impl FnOnce(String) -> String) -> Parts {
        let mut parts = self.altered(text, |_| {});
        parts[0].1 = rewrite(String::from_utf8(parts[0].1.clone()).expect("ASCII")).into_bytes();
        parts
    }

    /// A notice with other body bytes, by their own digest.
    fn bodied(&self, text: &str, rewrite: impl FnOnce(String) -> String) -> Parts {
        let (mut statement, body) = self.next(&self.site.village.notice(text));
        let body = rewrite(String::from_utf8(body).expect("UTF-8")).into_bytes();
        statement.body = Some(BodyRef { digest: Hash::digest(&body), size: body.len() as u64 });
        vec![("envelope", sealed(&self.site.village, &[], &statement)), ("body", body)]
    }

    /// A notice with this text as its only paragraph.
    fn saying(&self, text: &str) -> Parts {
        let mut template = self.site.village.notice(text);
        if let Body::Notice(Notice { text: paragraphs, .. }) = &mut template.body {
            *paragraphs = vec![text.to_string()];
        }
        let (statement, body) = self.next(&template);
        vec![("envelope", sealed(&self.site.village, &[], &statement)), ("body", body)]
    }

    /// January as a package, its books altered before anything is derived from them.
    fn month(&self, alter: impl FnOnce(&mut MonthBook)) -> Parts {
        let mut book = self.site.village.january();
        alter(&mut book);
        book.closing = derive::closing(&book.opening, &book.vouchers);
        self.package(&self.site.village.month(book))
    }

    fn package(&self, templates: &[Template]) -> Parts {
        let draft = self.site.village.draft(&self.site.client, templates);
        parts(self.site.village.package(draft))
    }

    fn end(self) {
        assert!(self.wrong.is_empty(), "{} of {} rows:\n{}", self.wrong.len(), self.rows, self.wrong.join("\n"));
    }
}

fn parts(package: Vec<(Vec<u8>, Vec<u8>)>) -> Parts {
    package.into_iter().flat_map(|(envelope, body)| [("envelope", envelope), ("body", body)]).collect()
}

fn id_of(text: &str) -> StatementId {
    StatementId(Hash::digest(text.as_bytes()))
}

#[test]
fn refused_by_its_place() {
    let mut t = Table::new();
    let row = t.altered("位置一", |s| s.prev = Some(id_of("另一条")));
    t.refuses("wrong prev", 409, "E-PREV", &row);
    let row = t.altered("位置二", |s| s.seq += 1);
    t.refuses("seq too large", 409, "E-SEQ", &row);
    let row = t.altered("位置三", |s| s.origin = Origin::parse("other.test/379999100").expect("origin"));
    t.refuses("another log", 422, "E-OTHER-LOG", &row);
    let authority = t.site.village.key("authority-1").public().key_id();
    let row = t.altered("位置四", |s| {
        s.chain = ChainId::parse("379999100299").expect("chain");
        s.signers = vec![Signer { keyid: authority, roles: vec![Role::Authority] }];
    });
    t.refuses("a chain that is not open", 404, "E-CHAIN-MISSING", &row);
    let row = t.altered("位置五", |s| s.seen.root = Hash::digest(b"a fork"));
    t.refuses("what a fork has shown", 422, "E-SEEN", &row);
    let row = t.altered("位置六", |s| s.seen.size = 1 << 40);
    t.refuses("what is not there yet", 422, "E-SEEN", &row);

    // A draft that was overtaken, in three ways.
    let old = t.altered("位置七", |_| {});
    t.site.notices(1);
    t.refuses("seq of the statement before", 409, "E-SEQ", &old);
    let (stale, body) = t.next(&t.site.village.notice("位置八"));
    let mut grant =
        t.site.village.grant(&t.site.client, &t.site.village.chain, "newcomer", Role::PartySec, "379999100201");
    grant.sign(&secret("newcomer")).expect("signed");
    t.site.village.publish(&t.site.client, grant);
    let mut moved = t.next(&t.site.village.notice("位置八")).0;
    assert_ne!(moved.keyring, stale.keyring);
    moved.keyring = stale.keyring;
    let row = vec![("envelope", sealed(&t.site.village, &[], &moved)), ("body", body)];
    t.refuses("the key ring of before a grant", 409, "E-KEYRING", &row);

    let again = t.site.village.opening_draft(&t.site.client);
    let row = parts(t.site.village.package(again));
    t.refuses("a chain opened twice", 409, "E-CHAIN-EXISTS", &row);
    t.end();
}

#[test]
fn refused_by_its_signers() {
    let mut t = Table::new();
    let chain = t.site.village.chain.clone();

    let drop_role = |t: &Table, role: Role| {
        let draft = t.site.village.draft(&t.site.client, &t.site.village.month(t.site.village.january()));
        let mut statement = draft.entries[0].parse().expect("statement");
        statement.signers.retain(|s| !s.roles.contains(&role));
        vec![
            ("envelope", sealed(&t.site.village, &[], &statement)),
            ("body", draft.entries[0].body.clone().into_bytes()),
        ]
    };
    for role in [Role::SupervisionChair, Role::ChiefAccountant] {
        let row = drop_role(&t, role);
        t.refuses(&format!("{role} has not signed"), 403, "E-ROLE-MISSING", &row);
    }
    let other = |t: &Table, name: &str, role: Role| {
        let keyid = t.site.village.key(name).public().key_id();
        t.altered(name, |s| s.signers = vec![Signer { keyid, roles: vec![role] }])
    };
    let row = other(&t, "township", Role::PartySec);
    t.refuses("a role that the key does not hold", 403, "E-ROLE-UNGRANTED", &row);
    let row = other(&t, "township", Role::Township);
    t.refuses("another role than the item's", 403, "E-ROLE-MISSING", &row);
    let row = other(&t, "root-1", Role::PartySec);
    t.refuses("a key of another chain", 403, "E-KEY-UNKNOWN", &row);

    // Scopes: a grant beyond the unit, and an authority of another county.
    let mut grant = t.site.village.grant(&t.site.client, &chain, "far", Role::Township, "110101");
    grant.sign(&secret("far")).expect("signed");
    let row = parts(t.site.village.package(grant));
    t.refuses("a grant for another region", 403, "E-KEY-SCOPE", &row);
    let elsewhere = Village::named("110101001001").opening_draft(&t.site.client);
    let mut statement = elsewhere.entries[0].parse().expect("statement");
    if let Some(Control::ChainGenesis(genesis)) = &mut statement.control {
        genesis.unit = UnitCode::parse("110101001001").expect("unit");
    }
    let row = vec![
        ("envelope", sealed(&t.site.village, &[], &statement)),
        ("body", elsewhere.entries[0].body.clone().into_bytes()),
    ];
    t.refuses("a chain opened by another county's authority", 403, "E-KEY-SCOPE", &row);

    // Keys: granted twice, in the ring or after revocation; without possession; revoked.
    let twice = t.site.village.grant(&t.site.client, &chain, "coop-chair", Role::CoopChair, "379999100201");
    let row = parts(t.site.village.package(twice));
    t.refuses("a key granted twice", 409, "E-KEY-GRANTED", &row);
    let grant = t.site.village.grant(&t.site.client, &chain, "newcomer", Role::PartySec, "379999100201");
    let (mut statement, body) = (grant.entries[0].parse().expect("statement"), grant.entries[0].body.clone());
    let newcomer = secret("newcomer").public().key_id();
    statement.signers.retain(|s| s.keyid != newcomer);
    let row = vec![("envelope", sealed(&t.site.village, &[], &statement)), ("body", body.into_bytes())];
    t.refuses("a grant without the key's own signature", 403, "E-POSSESSION", &row);

    let signed_by_newcomer = |t: &Table, text: &str| {
        let (mut statement, body) = t.next(&t.site.village.notice(text));
        statement.signers = vec![Signer { keyid: newcomer, roles: vec![Role::PartySec] }];
        vec![("envelope", sealed(&t.site.village, &[&secret("newcomer")], &statement)), ("body", body)]
    };
    let row = signed_by_newcomer(&t, "还没有登记");
    t.refuses("a key that is not granted yet", 403, "E-KEY-UNKNOWN", &row);
    let mut grant = t.site.village.grant(&t.site.client, &chain, "newcomer", Role::PartySec, "379999100201");
    grant.sign(&secret("newcomer")).expect("signed");
    t.site.village.publish(&t.site.client, grant);
    let note = ControlNote { salt: salt("revoke"), title: "注销钥匙".into(), text: vec!["离任。".into()] };
    let mut template = Template::new(Kind::Revoke, Body::Revoke(note));
    template.control = Some(Control::Revoke(Revocation { keys: vec![newcomer], suspect_from: None }));
    t.site.village.publish(&t.site.client, t.site.village.draft(&t.site.client, &[template]));
    let row = signed_by_newcomer(&t, "已经注销");
    t.refuses("a revoked key", 403, "E-KEY-REVOKED", &row);
    let mut again = t.site.village.grant(&t.site.client, &chain, "newcomer", Role::PartySec, "379999100201");
    again.sign(&secret("newcomer")).expect("signed");
    let row = parts(t.site.village.package(again));
    t.refuses("a revoked key granted anew", 409, "E-KEY-GRANTED", &row);

    // Signatures.
    let row = t.resealed("签名一", |e| {
        let at = e.find("\"sig\":\"").expect("sig") + 7;
        let other = if &e[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &e[..at], &e[at + 1..])
    });
    t.refuses("a signature that does not verify", 422, "E-SIGNATURE", &row);
    let with = |t: &Table, text: &str, names: &[&str]| {
        let (statement, body) = t.next(&t.site.village.notice(text));
        let mut keys: Vec<&SecretKey> = names.iter().map(|n| t.site.village.key(n)).collect();
        keys.sort_by_key(|k| k.public().key_id());
        vec![("envelope", sealed_payload(&to_canonical(&statement), &keys)), ("body", body)]
    };
    let row = with(&t, "签名二", &["party-sec", "township"]);
    t.refuses("an extra signature", 422, "E-SIGNATURE-SET", &row);
    let row = with(&t, "签名三", &["party-sec", "party-sec"]);
    t.refuses("a signature twice", 422, "E-SIGNATURE-SET", &row);
    let row = with(&t, "签名四", &[]);
    t.refuses("a signature stripped", 422, "E-SIGNATURE-SET", &row);
    let row = with(&t, "签名五", &["township"]);
    t.refuses("somebody else's signature", 422, "E-SIGNATURE-SET", &row);
    t.end();
}

#[test]
fn refused_by_its_bytes() {
    let mut t = Table::new();
    // Every rule of the bytes is a vector of `schema`; here, one for each place in which bytes are parsed.
    let row = t.rewritten("字节一", |p| p.replacen(":", ": ", 1));
    t.refuses("white space in the statement", 422, "E-JSON-CANONICAL", &row);
    let row = t.resealed("字节二", |e| e[..e.len() - 1].to_string());
    t.refuses("an envelope cut off", 422, "E-JSON-SYNTAX", &row);
    let row = t.bodied("字节三", |b| b.replacen("{\"salt\"", "{\"extra\":1,\"salt\"", 1));
    t.refuses("an unknown member in the body", 422, "E-JSON-UNKNOWN", &row);

    // Sizes, each one byte or one item beyond.
    let row = t.resealed("大小一", |e| format!("{e}{}", " ".repeat(65_536 - e.len())));
    t.refuses("an envelope of 65,536 bytes", 413, "E-LENGTH", &row);
    let row = t.bodied("大小二", |b| format!("{b}{}", " ".repeat(1_200_001 - b.len())));
    t.refuses("a body of 1,200,001 bytes", 413, "E-LENGTH", &row);
    let row = t.bodied("大小三", |b| b.replacen("党组织换届选举", &"字".repeat(81), 1));
    t.refuses("a title of 81 characters", 422, "E-TEXT", &row);
    let notices: Vec<Template> = (0..65).map(|n| t.site.village.notice(&format!("大小四 {n}"))).collect();
    let row = t.package(&notices);
    t.refuses("65 statements in a package", 413, "E-LENGTH", &row);
    let mut row = t.altered("大小五", |_| {});
    row.push(("attachment", vec![b'x'; (20 << 20) + 1]));
    t.refuses("an attachment of more than 20 MiB", 413, "E-LENGTH", &row);

    // Parts.
    let row = t.altered("部分一", |_| {})[..1].to_vec();
    t.refuses("no body", 422, "E-BODY-MISSING", &row);
    let mut row = t.altered("部分二", |_| {});
    row[1].1 = t.altered("部分三", |_| {})[1].1.clone();
    t.refuses("another body than the one signed", 422, "E-BODY-DIGEST", &row);
    let row = t.altered("部分四", |s| {
        if let Some(body) = &mut s.body {
            body.size += 1;
        }
    });
    t.refuses("another length than the one signed", 422, "E-BODY-DIGEST", &row);
    let mut row = t.altered("部分五", |_| {});
    row.push(("attachment", b"a file that nothing names".to_vec()));
    t.refuses("a file that nothing names", 422, "E-BODY-DIGEST", &row);
    let row = vec![("body", t.altered("部分六", |_| {})[1].1.clone())];
    t.refuses("no envelope", 422, "E-JSON-MISSING", &row);
    let mut row = t.altered("部分七", |_| {});
    row.push(("surprise", b"x".to_vec()));
    t.refuses("a part of another name", 400, "E-MULTIPART", &row);
    t.end();
}

#[test]
fn refused_by_its_content() {
    let mut t = Table::new();
    // The example of GB 11643, as it is and as people hide it.
    for (what, text) in [
        ("an ID number", "联系人证件11010519491231002X。"),
        ("an ID number in full width", "联系人证件１１０１０５１９４９１２３１００２Ｘ。"),
        ("an ID number with spaces", "联系人证件110105 1949 1231 002X。"),
        ("a mobile number", "联系电话13800138000。"),
        ("a mobile number in Chinese numerals", "联系电话一三八〇〇一三八〇〇〇。"),
        ("a bank card number", "汇入6222020000001234566卡。"),
    ] {
        let row = t.saying(text);
        t.refuses(what, 422, "E-PERSONAL", &row);
    }
    let row = t.saying("e\u{301}");
    t.refuses("text that is not in NFC", 422, "E-NFC", &row);
    let row = t.saying(" 前面有空格");
    t.refuses("padded text", 422, "E-TEXT", &row);

    let row = t.month(|b| b.vouchers[0].lines[0].fen += 100);
    t.refuses("an unbalanced voucher", 422, "E-BALANCE", &row);
    let row = t.month(|b| b.vouchers[1].lines[1].account = "999".into());
    t.refuses("an unknown account", 422, "E-ACCOUNT", &row);
    let row = t.month(|b| b.vouchers[0].summary = "付张三11010519491231002X工资".into());
    t.refuses("an ID number in a voucher's summary", 422, "E-PERSONAL", &row);
    let row = t.month(|b| b.opening[0].fen += 1);
    t.refuses("another opening balance than the genesis'", 422, "E-OPENING", &row);
    let row = t.month(|b| b.vouchers[0].no = "记-2026-02-001".into());
    t.refuses("a voucher number of another month", 422, "E-VOUCHER-NO", &row);
    let mut templates = t.site.village.month(t.site.village.january());
    if let Body::MonthBook(book) = &mut templates[0].body {
        book.closing[0].fen += 1;
    }
    let row = t.package(&templates);
    t.refuses("a closing balance that is not opening plus movements", 422, "E-CLOSING", &row);
    for (what, at) in [("F02", 1), ("F03", 2)] {
        let mut templates = t.site.village.month(t.site.village.january());
        if let Body::Receipts(flow) | Body::Payments(flow) = &mut templates[at].body {
            flow.lines[0].fen += 1;
            flow.total_fen += 1;
        }
        let row = t.package(&templates);
        t.refuses(&format!("{what} that does not equal the vouchers"), 422, "E-DERIVED", &row);
    }
    let mut templates = t.site.village.month(t.site.village.january());
    if let Body::CashStatement(statement) = &mut templates[3].body {
        statement.total.closing_fen -= 1;
    }
    let row = t.package(&templates);
    t.refuses("F04 that does not equal the vouchers", 422, "E-DERIVED", &row);
    let mut alone = t.site.village.month(t.site.village.january()).remove(1);
    alone.links.clear();
    let row = t.package(&[alone]);
    t.refuses("F02 without a month book", 422, "E-BOOK-MISSING", &row);

    let mut wrong = t.site.village.notice("事项");
    wrong.code = ItemCode::parse("D08");
    let draft_refused = |t: &Table, template: &Template| {
        let (mut statement, body) = t.next(&t.site.village.notice("事项"));
        statement.code = template.code.clone();
        vec![("envelope", sealed(&t.site.village, &[], &statement)), ("body", body)]
    };
    let row = draft_refused(&t, &wrong);
    t.refuses("an item that is not public", 403, "E-AUDIENCE", &row);

    // A package is all or nothing: the good ones before the bad one are not there either.
    let good: Vec<Template> = (0..3).map(|n| t.site.village.notice(&format!("前面都好 {n}"))).collect();
    let mut row = t.package(&good);
    let last = row.len() - 2;
    let mut statement = Entry::parse(&row[last].1).expect("entry").statement;
    statement.seq += 7;
    row[last].1 = sealed(&t.site.village, &[], &statement);
    t.refuses("a package whose last statement is bad", 409, "E-SEQ", &row);

    let taken = t.month(|_| {});
    let answer = t.site.client.post_parts(taken.iter().map(|(n, b)| (*n, b.as_slice())), false).expect("January");
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    let row = t.month(|b| b.salt = salt("another January"));
    t.refuses("a period that is taken", 409, "E-PERIOD-TAKEN", &row);
    t.end();
}

#[test]
fn a_conflict_tells_where_the_chain_stands() {
    let site = Site::new();
    let old = site.village.package(site.village.draft(&site.client, &[site.village.notice("晚到的")]));
    site.notices(1);
    let answer = site.client.publish(&old);
    assert_problem(&answer, 409, "E-SEQ");
    let head = info(&site.client, &site.village.chain).head.expect("head");
    assert_eq!(answer.problem().head, Some(head.into()));
}

#[test]
fn the_same_statement_again_has_the_same_index() {
    let site = Site::new();
    let package = site.village.package(site.village.draft(&site.client, &site.village.month(site.village.january())));
    let first = site.client.publish(&package);
    assert_eq!(first.status, 201);
    let places = |answer: &Answer| -> Vec<(u64, String)> {
        answer.receipt().entries.into_iter().map(|entry| (entry.index, entry.id)).collect()
    };
    let size = committed(&site.client);
    site.notices(3);

    // The whole package, each of it alone, and one of them with other signature bytes.
    let again = site.client.publish(&package);
    assert_eq!((again.status, places(&again)), (200, places(&first)));
    assert!(again.receipt().entries.iter().all(|entry| !entry.new));
    for (n, one) in package.iter().enumerate() {
        let alone = site.client.publish(std::slice::from_ref(one));
        assert_eq!((alone.status, places(&alone)), (200, vec![places(&first)[n].clone()]));
    }
    let statement = Entry::parse(&package[0].0).expect("entry").statement;
    assert_eq!(sealed(&site.village, &[], &statement), package[0].0);
    let stored = |index: u64| site.client.get(&format!("/api/v1/entries/{index}")).body;
    let index = places(&first)[0].0;
    let mut envelope = sanwu_schema::record::dsse::Envelope::parse(&package[0].0).expect("envelope");
    for signature in &mut envelope.signatures {
        signature.sig.0.reverse();
    }
    let other = site.client.publish(&[(envelope.to_bytes(), package[0].1.clone())]);
    assert_eq!((other.status, places(&other)), (200, vec![places(&first)[0].clone()]));
    assert_eq!(stored(index), package[0].0, "what was stored first stays");
    assert_eq!(committed(&site.client), size + 3);
    for (envelope, body) in &package {
        assert_eq!(site.client.get(&format!("/api/v1/blobs/{}", body_of(envelope).to_hex())).body, *body);
    }
}

#[test]
fn nothing_is_admitted_before_the_first_entry() {
    let dir = tempfile::tempdir().expect("dir");
    let village = Village::new();
    village.init(&programs().node, dir.path().join("log").as_path());
    let node = Node::serve(&programs().node, &dir.path().join("log"));
    let client = node.client();
    // A notice made for this log, were it open.
    let site = Site::new();
    let (statement, body) = {
        let place = Place::next(&info(&site.client, &site.village.chain)).expect("place");
        let issued_at = IssuedAt::parse("2026-02-01T09:00:00+08:00").expect("time");
        let notice = [site.village.notice("太早")];
        let draft = sanwu_schema::draft::build(&place, "太早", &notice, &issued_at, &[]).expect("draft");
        (draft.entries[0].parse().expect("statement"), draft.entries[0].body.clone().into_bytes())
    };
    let answer = client.publish(&[(sealed(&village, &[], &statement), body)]);
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    assert_eq!(client.get("/api/v1/entries/0").status, 404);
}
