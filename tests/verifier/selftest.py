"""Self-tests: the examples of FORMAT.md, and a small log made here with keys of its own. python3 selftest.py"""
import copy
import json
import pathlib
import tempfile
from sanwu import canon, ed25519, merkle, mldsa, mldsa_sign, note, policy, tiles, statement as S
from sanwu.bundle import verify_bundle
from sanwu.canon import b64, b64e
from sanwu.chain import Log, replay
from sanwu.errors import Refused
from sanwu.keys import note_key_id, parse_skey, parse_vkey, vkey_text
from sanwu.merkle import sha256
from sanwu.mirror import replay_folder
from sanwu.rows import check_rows

BAD = 0


def code(fn, *a, **k):
    try:
        fn(*a, **k)
        return "ok"
    except Refused as e:
        return e.code


def eq(got, want, what):
    global BAD
    if got != want:
        BAD += 1
        print(f"FAIL {what}: got {got!r}, want {want!r}")


# ---------------------------------------------------------------- canonical JSON
C = lambda t: code(canon.canonical, t if isinstance(t, bytes) else t.encode("utf-8", "surrogatepass"))
for t, want in [("{}", "ok"), ("null", "E-JSON-TYPE"), (" 1", "E-JSON-CANONICAL"), ("01", "E-JSON-NUMBER"), ("-0", "E-JSON-NUMBER"),
                ("1.0", "E-JSON-NUMBER"), ("9007199254740991", "ok"), ("9007199254740992", "E-JSON-NUMBER"), ('"\\u0041"', "E-JSON-CANONICAL"),
                ('"\\n"', "E-JSON-STRING"), ('"\\ud800"', "E-JSON-STRING"), ('"\\ud83d\\ude00"', "E-JSON-CANONICAL"), ('"😀"', "ok"),
                (b'"\xff"', "E-JSON-STRING"), ("[[[[[[[[]]]]]]]]", "ok"), ("[[[[[[[[[]]]]]]]]]", "E-JSON-DEPTH"), ('{"a":1,"a":2}', "E-JSON-DUPLICATE"),
                ("[1,]", "E-JSON-SYNTAX"), ("", "E-JSON-SYNTAX"), ('"a\\/b"', "E-JSON-CANONICAL"), ('"\\\\\\""', "ok"), ('"\u202e"', "E-JSON-STRING"),
                ('{"a":1,"a":x}', "E-JSON-SYNTAX"), ("1 x", "E-JSON-SYNTAX"), (b"\xef\xbb\xbf1", "E-JSON-SYNTAX")]:
    eq(C(t), want, t)

# ---------------------------------------------------------------- examples of the log side
seed = bytes(range(32))
eq(ed25519.public_key(seed).hex(), "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8", "public key")
eq(sha256(b"\x01" + ed25519.public_key(seed)).hex(), "cb39f0f6d246b033068073b728cf5b70a204cda3b1ccb17d8160d12dcd1a5ae3", "key id")
sig = ed25519.sign(seed, b"sanwu")
eq(ed25519.verify(ed25519.public_key(seed), b"sanwu", sig), True, "signature")
eq(ed25519.verify(ed25519.public_key(seed), b"sanwu", sig[:32] + (int.from_bytes(sig[32:], "little") + ed25519.L).to_bytes(32, "little")), False, "S + L")
LEAVES = [merkle.leaf(bytes.fromhex(x)) for x in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]]
R6, R7 = merkle.root_of(LEAVES[:6]), merkle.root_of(LEAVES)
eq((b64e(R6), b64e(R7)), ("duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=", "3bib5AOAnjJXUNPSY814kpwpQreUKjS3fhIslZSnTIw="), "roots")
md = (pathlib.Path(__file__).resolve().parents[2] / "schema/FORMAT.md").read_text("utf-8")
blocks = [b.split("```")[0] for b in md.split("```text\n")[1:]]
pick = lambda start, has="": next(b for b in blocks if b.startswith(start) and has in b)
NOTE, POLICY = pick("sanwu.example.gov.cn/379999100\n7", "\u2014").encode(), pick("# one witness")
pol = policy.Policy(POLICY)
cp, vs = pol.check(NOTE)
eq((cp.size, cp.root, pol.published(vs)), (7, R7, 1001), "policy.check")
eq(code(policy.Policy(POLICY.replace(" any ", " 2 ")).check, NOTE), "ok", "both")
eq(code(policy.verify_proof, pick("c2sp.org/tlog-proof@v1\nindex 6").encode(), LEAVES[6], pol), "ok", "proof file")
eq(code(policy.verify_proof, pick("c2sp.org/tlog-proof@v1\nindex 6").encode(), LEAVES[5], pol), "E-INCLUSION", "proof file")
inc, con = [[b64(x) for x in part.split()] for part in pick("DrxdNDf74").split("\n\n")]
eq(code(merkle.inclusion, LEAVES[6], 6, 7, R7, inc), "ok", "inclusion")
eq(code(merkle.consistency, 6, R6, 7, R7, con), "ok", "consistency")
skey = pick("sanwu.example.gov.cn/379999100+").split()[2]
eq(vkey_text(parse_skey(skey)[0].name, 1, parse_skey(skey)[0].key), pick("sanwu.example.gov.cn/379999100+").split()[0], "skey")
head = note.parse_head(NOTE.decode().split("\n\n")[0] + "\n")
eq(note.subtree_message("w1.example", 1001, head).hex(), pick("737562747265652f7631").replace("\n", ""), "message of type 0x06")

# ---------------------------------------------------------------- ML-DSA-44
pq = mldsa.public_key(seed)
sig = mldsa_sign.sign(seed, b"sanwu")
eq((len(pq), len(sig)), (mldsa.PUBLIC_BYTES, mldsa.SIGNATURE_BYTES), "lengths")
eq([mldsa.verify(pq, m, sig) for m in (b"sanwu", b"sanwv", b"")], [True, False, False], "messages")
for at in (0, 40, 2000, 2336, 2419):
    eq(mldsa.verify(pq, b"sanwu", sig[:at] + bytes([sig[at] ^ 1]) + sig[at + 1:]), False, f"byte {at}")
eq([mldsa.verify(pq, b"sanwu", s) for s in (b"", sig[:-1], sig + b"\0")], [False] * 3, "other lengths")
p1, p2 = [[(7 * i + k) % mldsa.Q for i in range(256)] for k in (1, 5)]
slow = [sum((p1[i] if i <= k else -p1[i]) * p2[(k - i) % 256] for i in range(256)) % mldsa.Q for k in range(256)]
eq(mldsa.inverse_ntt(mldsa.times(mldsa.ntt(p1), mldsa.ntt(p2))), slow, "product of two polynomials by the definition")
eq(mldsa.hint_unpack(bytes(84)), [[0] * 256] * 4, "no hint")
for what, raw in (("a place twice", b"\5\5" + bytes(78) + b"\2\2\2\2"), ("behind the last", b"\5\6" + bytes(78) + b"\1\1\1\1"), ("ends go back", b"\5" + bytes(79) + b"\1\0\1\1"), ("too many", bytes(83) + b"\x51")):
    eq(mldsa.hint_unpack(raw), None, "hint: " + what)
for n in range(1, 40):
    hs = [merkle.leaf(bytes([i])) for i in range(n)]
    for i in range(n):
        eq(code(merkle.inclusion, hs[i], i, n, merkle.root_of(hs), merkle.inclusion_proof(hs, i)), "ok", "inclusion made here")
        eq(code(merkle.consistency, i, merkle.root_of(hs[:i]), n, merkle.root_of(hs), merkle.consistency_proof(hs, i)), "ok", "consistency made here")
eq(tiles.parse_path("tile/0/x001/x234/067.p/5"), (0, 1234067, 5), "tile path")
for p in ("tile/0/x000/001", "tile/64/000", "tile/00/000", "tile/0/1", "tile/0/000.p/256", "tile/0/000.p/0", "tile/entries/x001", "tile/0/000\n"):
    eq(code(tiles.parse_path, p), "E-TILE", p)
eq([tiles.tile_width(l, 70000, i) for l, i in ((0, 272), (0, 273), (0, 274), (1, 0), (1, 1), (2, 0), (3, 0))], [256, 112, 0, 256, 17, 1, 0], "widths")
eq(tiles.parse_bundle(bytes.fromhex("00036162630000"), 2), [b"abc", b""], "bundle")

# ---------------------------------------------------------------- a log of our own
ORIGIN = "log.example"


class K:
    def __init__(self, n, holder=None):
        self.seed = bytes([n]) * 32
        self.pub = ed25519.public_key(self.seed)
        self.raw = b"\x01" + self.pub
        self.id = sha256(self.raw).hex()
        self.holder = f"{holder or n:032x}"

    def grant(self, *roles, scope=None):
        g = {"key": b64e(self.raw), "roles": sorted(roles)}
        if scope:
            g["scope"] = scope
        g["holder"] = self.holder
        return g


ROOT, AUTH, CHAIR, SEC, LOGK, WIT, NEW = (K(n) for n in range(1, 8))
CAT = {"version": 1, "items": [
    {"code": "F01", "frequency": "monthly", "roles": ["party_sec"], "issuers": ["collective"], "audience": "public", "pii": "none", "days": 10},
    {"code": "F02", "frequency": "monthly", "roles": ["party_sec"], "issuers": ["collective"], "audience": "public", "pii": "none", "days": 10},
    {"code": "V05", "frequency": "event", "roles": ["party_sec", "supervision_chair"], "issuers": ["collective"], "audience": "public", "pii": "p1", "days": 10}],
    "kinds": [{"kind": "month_book", "as": "F01", "rels": []}, {"kind": "receipts", "codes": ["F02"], "rels": ["about"]},
              {"kind": "notice", "rels": ["about"]}, {"kind": "nil_return", "rels": []}]}
PROF = {"version": 1, "cash_limit_fen": 1, "major_amount_fen": 1, "month_due_days": 1, "quarter_due_days": 1, "event_due_days": 1, "display_days": 1, "reply_days": 1}
ORG = {"kind": "collective"}
VKEY = vkey_text(ORIGIN, 1, LOGK.pub)
BODY = b'{"salt":"00"}'
BODYREF = {"digest": S.digest_text(sha256(BODY)), "size": len(BODY)}
ORDER = [m for m, _, _ in S.STATEMENT.members]


class Maker:
    def __init__(self):
        self.raws, self.log, self.rings = [], Log(ORIGIN), []

    def make(self, chain, kind, signers, **over):
        c = self.log.chains.get(chain)
        ring = S.EMPTY_RING if kind == "log_genesis" else self.log.chains["root"].ring() if kind == "chain_genesis" else c.ring() if c else S.EMPTY_RING
        n = self.log.tree.size
        st = {"origin": ORIGIN, "chain": chain, "seq": c.seq + 1 if c else 0, "kind": kind, "issued_at": "2026-02-03T04:05:06+08:00",
              "seen": {"size": n, "root": S.digest_text(self.log.tree.root)}, "keyring": S.digest_of(ring), "body": BODYREF}
        if c:
            st["prev"] = c.head
        if kind == "chain_genesis":
            st["parent"] = self.log.chains["root"].head
        st["signers"] = sorted(({"keyid": k.id, "roles": sorted(r)} for k, r in signers), key=lambda s: s["keyid"])
        st.update(over)
        st = {m: st[m] for m in ORDER if st.get(m) is not None}
        by = {k.id: k for k, _ in signers}
        payload = canon.encode(st)
        msg = S.pae(S.PAYLOAD_TYPE, payload)
        self.ring = ring
        return canon.encode({"payloadType": S.PAYLOAD_TYPE, "payload": b64e(payload),
                             "signatures": [{"keyid": s["keyid"], "sig": b64e(ed25519.sign(by[s["keyid"]].seed, msg))} for s in st["signers"]]})

    def add(self, *a, **k):
        raw = self.make(*a, **k)
        e = self.log.append(raw)
        self.raws.append(raw)
        self.rings.append(copy.deepcopy(self.ring))
        return e

    def try_(self, *a, **k):
        return code(copy.deepcopy(self.log).append, self.make(*a, **k))


m = Maker()
G = dict(control={"purpose": "test", "threshold": 1, "suites": [1], "keys": [ROOT.grant("root")], "log_vkeys": [VKEY], "catalogue": CAT})
eq(m.try_("root", "log_genesis", [(ROOT, ["root"])], control=dict(G["control"], threshold=2)), "E-THRESHOLD", "threshold")
eq(m.try_("root", "log_genesis", [(ROOT, ["root"])], **G, code="F02"), "E-CONTROL", "code in control kind")
gen = m.add("root", "log_genesis", [(ROOT, ["root"])], **G)
m.add("root", "grant", [(ROOT, ["root"]), (AUTH, ["authority"])], control=AUTH.grant("authority", scope="3799"))
CG = dict(control={"unit": "379999100201", "unit_year": 2026, "organisations": [ORG],
                   "keys": sorted([AUTH.grant("authority", scope="3799"), SEC.grant("party_sec", scope="379999100201"), CHAIR.grant("supervision_chair", scope="379999100201")],
                                  key=lambda g: S.keyid_of(g["key"])), "catalogue": S.digest_of(CAT), "profile": PROF})
eq(m.try_("v1", "notice", [(AUTH, ["authority"])]), "E-CHAIN-KIND", "seq 0")
eq(m.try_("v1", "notice", [(AUTH, ["authority"])], seq=1, prev=gen.id), "E-CHAIN-MISSING", "chain missing")
eq(m.try_("v1", "chain_genesis", [(AUTH, ["authority"])], **CG, parent=gen.id), "E-PARENT", "parent")
m.add("v1", "chain_genesis", [(AUTH, ["authority"])], **CG)
eq(m.try_("v1", "chain_genesis", [(AUTH, ["authority"])], **CG, seq=0, prev=None), "E-CHAIN-EXISTS", "exists")
eq(m.try_("root", "chain_genesis", [(AUTH, ["authority"])], **CG), "E-CHAIN-KIND", "a chain's genesis as a later entry of root")
rec = dict(issuer=ORG, code="F02", period="2026-01")
eq(m.try_("v1", "receipts", [(SEC, ["party_sec"])], **dict(rec, period="2026-Q1")), "E-PERIOD", "period")
eq(m.try_("v1", "receipts", [(AUTH, ["authority"])], **rec), "E-ROLE-MISSING", "role")
eq(m.try_("v1", "receipts", [(SEC, ["party_sec"])], **dict(rec, code="F77")), "E-ITEM", "item")
eq(m.try_("v1", "receipts", [(SEC, ["party_sec"])], **rec, rows={"root": gen.id, "count": 1}), "E-ROWS", "rows")
eq(m.try_("v1", "receipts", [(NEW, ["party_sec"])], **rec), "E-KEY-UNKNOWN", "unknown key")
r1 = m.add("v1", "receipts", [(SEC, ["party_sec"])], **rec)
eq(m.try_("v1", "nil_return", [(SEC, ["party_sec"])], **rec), "E-PERIOD-TAKEN", "slot")
cor = dict(rec, control={"of": "receipts"}, refs=[{"rel": "corrects", "id": r1.id}])
eq(m.try_("v1", "correction", [(SEC, ["party_sec"])], **dict(cor, refs=None)), "E-CORRECTS", "no corrects")
c1 = m.add("v1", "correction", [(SEC, ["party_sec"])], **cor)
eq(m.try_("v1", "correction", [(SEC, ["party_sec"])], **cor), "E-CORRECTED", "corrected")
no = m.add("v1", "notice", [(SEC, ["party_sec"]), (CHAIR, ["supervision_chair"])], issuer=ORG, code="V05")
er = dict(issuer=ORG, code="V05", control={"of": "notice", "what": "both"}, refs=[{"rel": "erases", "id": no.id}])
eq(m.try_("v1", "erasure", [(SEC, ["party_sec"]), (CHAIR, ["supervision_chair"])], **er), "E-ROLE-MISSING", "erasure")
e1 = m.add("v1", "erasure", [(AUTH, ["authority"]), (SEC, ["party_sec"]), (CHAIR, ["supervision_chair"])], **er)
eq(m.try_("v1", "grant", [(AUTH, ["authority"]), (NEW, ["supervision_chair"])], control=NEW.grant("supervision_chair", scope="37")), "E-ROLE-MISSING", "second voice")
eq(m.try_("v1", "grant", [(AUTH, ["authority"])], control=NEW.grant("village_dir", scope="37")), "E-POSSESSION", "possession")
eq(m.try_("v1", "grant", [(AUTH, ["authority"]), (NEW, ["village_dir"])], control=NEW.grant("village_dir", scope="38")), "E-KEY-SCOPE", "scope")
m.add("v1", "grant", [(AUTH, ["authority"]), (NEW, ["village_dir"])], control=NEW.grant("village_dir", scope="37"))
eq(m.try_("v1", "revoke", [(AUTH, ["authority"])], control={"keys": [AUTH.id]}), "E-ROLE-MISSING", "last authority")
m.add("v1", "revoke", [(NEW, ["village_dir"])], control={"keys": [NEW.id]})
eq(m.try_("v1", "notice", [(NEW, ["village_dir"])], issuer=ORG, code="V05"), "E-KEY-REVOKED", "revoked")
eq(m.try_("v1", "grant", [(AUTH, ["authority"]), (NEW, ["village_dir"])], control=NEW.grant("village_dir", scope="37")), "E-KEY-GRANTED", "again")
eq(m.try_("v1", "profile", [(AUTH, ["authority"])], control={"profile": dict(PROF, version=3)}), "E-CONTROL", "profile version")
m.add("v1", "profile", [(AUTH, ["authority"])], control={"profile": dict(PROF, version=2)})
eq(m.try_("v1", "rumour", [(AUTH, ["authority"])]), "E-KIND", "kind")

# ---------------------------------------------------------------- the log changes its keys
NEXT = K(8)
VKEY2, VKEY6 = vkey_text(ORIGIN, 1, NEXT.pub), vkey_text(ORIGIN, 6, pq)
change = lambda *v, by=(ROOT, ["root"]), chain="root": m.try_(chain, "log_key", [by], control={"log_vkeys": list(v)})
eq(change(VKEY, VKEY2), "ok", "a second log key")
eq(change(VKEY, VKEY6), "ok", "a log key of type 0x06")
eq(change(VKEY, VKEY2, by=(AUTH, ["authority"])), "E-THRESHOLD", "by the authority")
eq(change(VKEY, VKEY2, by=(AUTH, ["authority"]), chain="v1"), "E-THRESHOLD", "in a village")
for what, v in (("the same", [VKEY]), ("none", []), ("no key", ["x"]), ("type 0x06 first", [VKEY6, VKEY]), ("one twice", [VKEY, VKEY2, VKEY2]),
                ("type 0x04", [VKEY, vkey_text(ORIGIN, 4, WIT.pub)]), ("another name", [VKEY, vkey_text("other.example", 1, NEXT.pub)])):
    eq(change(*v), "E-CONTROL", "log keys: " + what)
eq(change(VKEY, vkey_text(ORIGIN, 1, ROOT.pub)), "E-KEY-USE", "log keys: a root's")
eq(m.try_("root", "log_key", [(ROOT, ["root"])], control={"log_vkeys": [VKEY2]}, body=None), "E-BODY-MISSING", "log keys: no body")
m.add("root", "log_key", [(ROOT, ["root"])], control={"log_vkeys": [VKEY, VKEY2]})
eq(change(VKEY2, VKEY), "ok", "another order")
DROPPED_AT = m.log.tree.size
m.add("root", "log_key", [(ROOT, ["root"])], control={"log_vkeys": [VKEY2]})
eq(m.log.dropped, {VKEY: DROPPED_AT}, "what was dropped")
eq(change(VKEY2, VKEY), "E-KEY-USE", "a dropped key comes back")
for k in (LOGK, NEXT):
    eq(m.try_("root", "grant", [(ROOT, ["root"]), (k, ["authority"])], control=k.grant("authority", scope="37")), "E-KEY-USE", "a grant of a log key")
log, at = replay(ORIGIN, m.raws)
eq((at, log.summary()["size"]), (None, len(m.raws)), "replay")
flip = bytearray(m.raws[3]); flip[-20] ^= 1
eq(replay(ORIGIN, m.raws[:3] + [bytes(flip)]), ("E-SIGNATURE", 3), "tampered")

# ---------------------------------------------------------------- checkpoint, mirror, bundle
hs = [merkle.leaf(r) for r in m.raws]


def checkpoint(n):
    text = f"{ORIGIN}\n{n}\n{b64e(merkle.root_of(hs[:n]))}\n"
    a = note_key_id(ORIGIN, 1, LOGK.pub) + ed25519.sign(LOGK.seed, text.encode())
    w = note_key_id("w", 4, WIT.pub) + (99).to_bytes(8, "big") + ed25519.sign(WIT.seed, note.cosignature_message(99, text))
    return (text + f"\n\u2014 {ORIGIN} {b64e(a)}\n\u2014 w {b64e(w)}\n").encode()


N = len(m.raws)
TRUST = canon.encode({"format": "sanwu-trust-v1", "origin": ORIGIN, "purpose": "test", "genesis": gen.id, "root_keys": [vkey_text("root", 1, ROOT.pub)],
                      "threshold": 1, "log_vkeys": [VKEY], "policy": [f"log {VKEY}", f"witness w {vkey_text('w', 4, WIT.pub)}", "quorum w"], "issued_at": "2026-02-03T04:05:06+08:00"})
dg = S.digest_text
prove = lambda i: {"index": i, "entry": b64e(m.raws[i]), "inclusion": [dg(h) for h in merkle.inclusion_proof(hs, i)]}


def make_bundle(i, grants, body=True, **extra):
    e = S.Entry(m.raws[i])
    b = {"format": "sanwu-bundle-v1", "origin": ORIGIN, "index": i, "entry": b64e(m.raws[i])}
    if body:
        b["body"] = b64e(BODY)
    b["ring"] = m.rings[i]
    if "catalogue" in b["ring"]:
        b["catalogue"] = CAT
    if "profile" in b["ring"]:
        b["profile"] = PROF
    b.update(inclusion=[dg(h) for h in merkle.inclusion_proof(hs, i)], grants=[prove(g) for g in grants],
             seen=[dg(h) for h in merkle.consistency_proof(hs, e.st["seen"]["size"])])
    b.update(extra)
    b["checkpoint"] = b64e(checkpoint(N))
    return canon.encode(b)


def type6(n, name, time):
    """A line of type 0x06 under the checkpoint of that size."""
    bytes_ = time.to_bytes(8, "big") + mldsa_sign.sign(seed, note.subtree_message(name, time, note.parse_head(checkpoint(n).decode().split("\n\n")[0] + "\n")))
    return f"\u2014 {name} {b64e(note_key_id(name, 6, pq) + bytes_)}\n".encode()


def states(v):
    return v["state"], [c.get("error", c["state"]) for c in v["checks"].values()]


V = lambda *a, **k: states(verify_bundle(*a, **k))
eq(V(make_bundle(0, []), TRUST), ("ok", ["ok", "ok", "ok", "ok", "first_seen"]), "bundle genesis")
eq(V(make_bundle(1, [0]), TRUST), ("ok", ["ok", "ok", "ok", "ok", "first_seen"]), "bundle grant")
eq(V(make_bundle(2, [1]), TRUST), ("ok", ["ok", "ok", "ok", "ok", "first_seen"]), "bundle chain_genesis")
eq(V(make_bundle(3, [2]), TRUST, {"size": N, "root": dg(merkle.root_of(hs))}), ("ok", ["ok"] * 5), "bundle receipts")
eq(V(make_bundle(3, [2], correction=prove(4)), TRUST)[0], "ok_superseded", "bundle superseded")
eq(V(make_bundle(3, [2], since={"size": 5, "proof": [dg(h) for h in merkle.consistency_proof(hs, 5)]}), TRUST, {"size": 5, "root": dg(merkle.root_of(hs[:5]))}), ("ok", ["ok"] * 5), "since")
eq(V(make_bundle(3, [2]), TRUST, {"size": 5, "root": dg(R6)})[1][4], "E-OLDER", "older")
eq(V(make_bundle(3, [2], body=False), TRUST)[1][0], "E-CONTENT-ABSENT", "body absent")
eq(V(make_bundle(5, [2], body=False, erasure=prove(6)), TRUST)[0], "ok", "erased")
eq(V(make_bundle(3, [2])), ("cannot", ["ok", "ok", "E-TRUST-MISSING", "E-TRUST-MISSING", "first_seen"]), "no trust")
eq(V(make_bundle(3, []), TRUST)[1][0], "E-KEY-UNKNOWN", "no grants")

# ---------------------------------------------------------------- trust files that say more
def trust(**more):
    t = {**json.loads(TRUST), **more}
    return canon.encode({k: t[k] for k in ("format", "origin", "purpose", "genesis", "root_keys", "threshold", "log_vkeys", "retired", "policy", "operators", "max_age_days", "issued_at") if k in t})


def after_change(size):
    """The log's first checkpoints, checked by who knows the new key and what became of the old one."""
    return V(make_bundle(3, [2]), trust(log_vkeys=[VKEY2], retired=[{"vkey": VKEY, "size": size}]))


eq((after_change(N)[0], after_change(N - 1)[1][2]), ("ok", "E-NOTE-UNSIGNED"), "a dropped key to its size")
plain = make_bundle(3, [2])
for now, want in ((99 + 2 * 86_400, "ok"), (100 + 2 * 86_400, "E-STALE"), (0, "ok"), (None, "ok")):
    eq(V(plain, trust(max_age_days=2), now=now)[1][3], want, f"age at {now}")
eq(V(plain, trust(operators=[{"witness": "w", "name": "X", "own": True}]))[0], "ok", "operators")
for what, more in (("a key twice", dict(log_vkeys=[VKEY, VKEY])), ("dropped and in force", dict(retired=[{"vkey": VKEY, "size": 1}]))):
    eq(code(V, plain, trust(**more)), "E-JSON-VALUE", what)
SIX = parse_vkey(VKEY6)
for time, good in ((0, True), (5, True), (2 ** 63 - 1, True), (2 ** 63, False)):
    said = note.parse_line(type6(N, ORIGIN, time).decode().rstrip("\n")).sig
    text = note.parse_note(checkpoint(N))[0]
    eq(note.signed_time(SIX, said, text), time if good else None, f"type 0x06 at {time}")
    eq(note.signed_time(SIX._replace(name="w"), said, text), None, "another name")
W6 = vkey_text("w6", 6, pq)
quorum = policy.Policy(f"log {VKEY}\nwitness w6 {W6}\nquorum w6\n")
eq([code(quorum.check, checkpoint(N) + type6(N, "w6", t)) for t in (7, 0)], ["ok", "E-WITNESS-QUORUM"], "a witness of type 0x06, without a time")
eq(code(policy.Policy(f"log {VKEY6}\nquorum none\n").check, checkpoint(N) + type6(N, ORIGIN, 0)), "ok", "a log's line of type 0x06")
eq(code(quorum.check, checkpoint(N) + type6(N - 1, "w6", 7)), "E-NOTE-SIGNATURE", "a line about another tree")
ROWS = '[{"salt":"' + "0" * 32 + '","name":"甲","fen":5}]'
row = canon.encode(json.loads(ROWS)[0])
eq(code(check_rows, dg(merkle.leaf(row)), 1, ROWS.encode()), "ok", "rows")
with tempfile.TemporaryDirectory() as d:
    d = pathlib.Path(d)
    (d / "tile/entries/000.p").mkdir(parents=True)
    (d / f"tile/entries/000.p/{N}").write_bytes(b"".join(len(r).to_bytes(2, "big") + r for r in m.raws))
    (d / "checkpoint").write_bytes(checkpoint(N))
    eq(replay_folder(d, TRUST), {"entries": N, "chains": 2, "root_ok": True}, "mirror")
print("self-test:", "FAILED" if BAD else "all passed")
raise SystemExit(bool(BAD))
