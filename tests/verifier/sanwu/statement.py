"""Tables of the statement and its controls, the DSSE envelope, rings, and the governing item."""
import re
from . import canon
from .canon import Any, Base64, Int, List, Obj, Text, ascending, b64
from .errors import Refused, need
from .keys import entry_key
from .merkle import sha256
from .note import origin_ok

PAYLOAD_TYPE = "application/vnd.sanwu.statement.v1+json"
MAX_ENTRY, MAX_STATEMENT = 65_535, 32_768

ROLES = ("root authority party_sec village_dir supervision_chair coop_chair chief_accountant township "
         "township_civil election_committee intake").split()
RELS = "corrects answers implements fulfils erases about".split()
ISSUERS = "village_committee collective party_organisation supervision_committee township".split()
CONTROL_KINDS = "log_genesis chain_genesis grant revoke log_key catalogue profile rules".split()
DISCLOSURES = ("month_book receipts payments cash_statement decision contract notice nil_return "
               "correction erasure").split()
KINDS = CONTROL_KINDS + DISCLOSURES
WITH_CONTROL = frozenset(CONTROL_KINDS + ["correction", "erasure"])
PERIODIC = {"monthly": "month", "quarterly": "quarter", "half_yearly": "half", "yearly": "year"}

# ------------------------------------------------------------------ simple types

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc_ok(s):
    if len(s) != 18 or any(c not in _USCC for c in s):
        return False
    total, w = 0, 1
    for c in s[:17]:
        total += _USCC.index(c) * w
        w = w * 3 % 31
    return _USCC.index(s[17]) == (31 - total % 31) % 31


def date_ok(s):
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", s):
        return False
    year, month, day = int(s[:4]), int(s[5:7]), int(s[8:])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= 12 and 1 <= day <= days[month - 1]


def issued_ok(s):
    m = re.fullmatch(r"(.{10})T([0-9]{2}):([0-9]{2}):([0-9]{2})\+08:00", s)
    return bool(m) and date_ok(m[1]) and int(m[2]) < 24 and int(m[3]) < 60 and int(m[4]) < 60


def period_form(p):
    """month, quarter, half, year, or None if it is no period."""
    for form, rx in (("month", r"[0-9]{4}-(0[1-9]|1[0-2])"), ("quarter", r"[0-9]{4}-Q[1-4]"),
                     ("half", r"[0-9]{4}-H[12]"), ("year", r"[0-9]{4}")):
        if re.fullmatch(rx, p):
            return form
    return None


TEXT, UINT, INT, BYTES = Text(), Int(True), Int(), Base64()
DIGEST = Text(r"sha256:[0-9a-f]{64}")
KEYID = Text(r"[0-9a-f]{64}")
HEX32 = Text(r"[0-9a-f]{32}")
ROLE, REL, ISSUER_KIND, KIND = Text(words=ROLES), Text(words=RELS), Text(words=ISSUERS), Text(words=KINDS)
SCOPE = Text(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")
PERIOD = Text(test=lambda s: period_form(s) is not None)
CODE = Text(r"[DVF][0-9][0-9]")


class Key:
    """`key`: base64 (else E-BASE64) of suite ‖ raw (else E-KEY)."""
    def check(self, v):
        need(isinstance(v, str), "E-JSON-TYPE")
        entry_key(b64(v))
        return v


KEY = Key()


def keyid_of(key_text):
    return sha256(b64(key_text)).hex()


# ------------------------------------------------------------------ compound types

ISSUER = Obj(("kind", ISSUER_KIND), ("uscc?", Text(test=uscc_ok)))
KEY_GRANT = Obj(("key", KEY), ("roles", List(ROLE)), ("scope?", SCOPE), ("holder", HEX32))
KEY_GRANTS = List(KEY_GRANT)
ITEM = Obj(("code", CODE), ("frequency", Text(words=[*PERIODIC, "standing", "event", "request"])),
           ("roles", List(ROLE)), ("issuers", List(ISSUER_KIND)), ("audience", Text(words=["public", "inner"])),
           ("pii", Text(words=["none", "p1", "p2"])), ("days", UINT))
KIND_RULE = Obj(("kind", KIND), ("as?", CODE), ("codes?", List(CODE)), ("rels", List(REL)))
CATALOGUE = Obj(("version", UINT), ("items", List(ITEM)), ("kinds", List(KIND_RULE)))
PROFILE = Obj(("version", UINT), ("cash_limit_fen", INT), ("major_amount_fen", INT), ("month_due_days", UINT),
              ("quarter_due_days", UINT), ("event_due_days", UINT), ("display_days", UINT), ("reply_days", UINT),
              ("extra_roles?", List(Obj(("code", CODE), ("roles", List(ROLE))))))
RING = Obj(("catalogue?", DIGEST), ("profile?", DIGEST), ("threshold?", UINT),
           ("keys", List(Obj(("keyid", KEYID), ("roles", List(ROLE)), ("scope?", SCOPE), ("holder", HEX32),
                             ("grant", DIGEST)))))

CONTROLS = {
    "log_genesis": Obj(("purpose", Text(words=["live", "test"])), ("threshold", UINT), ("suites", List(UINT)),
                       ("keys", KEY_GRANTS), ("log_vkeys", List(TEXT)), ("catalogue", CATALOGUE)),
    "chain_genesis": Obj(("unit", Text(r"[0-9]{12}")), ("unit_year", UINT), ("organisations", List(ISSUER)),
                         ("keys", KEY_GRANTS), ("catalogue", DIGEST), ("profile", PROFILE)),
    "grant": KEY_GRANT,
    "revoke": Obj(("keys", List(KEYID)), ("suspect_from?", UINT)),
    "log_key": Obj(("log_vkeys", List(TEXT))),
    "catalogue": Obj(("catalogue", CATALOGUE)),
    "profile": Obj(("profile", PROFILE)),
    "rules": Obj(("catalogue", DIGEST)),
    "correction": Obj(("of", KIND)),
    "erasure": Obj(("of", KIND), ("what", Text(words=["body", "rows", "both"]))),
}


def check_control(kind, value):
    """The control of a statement of that kind: its table, then number and order of its arrays."""
    need(kind in CONTROLS, "E-CONTROL", "control where the kind has none")
    c = CONTROLS[kind].check(value)
    grants = granted_by(kind, c)
    for g in grants:
        ascending(g["roles"], low=1)
    ascending([keyid_of(g["key"]) for g in grants])
    if kind == "revoke":
        ascending(c["keys"], low=1)
    if kind in ("log_genesis", "catalogue"):
        items = c["catalogue"]["items"]
        ascending([i["code"] for i in items])
        for i in items:
            ascending(i["roles"], low=1)
    return c


def granted_by(kind, control):
    """The KeyGrants of a control."""
    return [control] if kind == "grant" else control["keys"] if kind in ("log_genesis", "chain_genesis") else []


STATEMENT = Obj(
    ("origin", Text(test=origin_ok, code="E-LOG-ORIGIN")),
    ("chain", Text(r"[a-z0-9][a-z0-9.-]{0,63}")), ("seq", UINT), ("prev?", DIGEST), ("parent?", DIGEST),
    ("kind", KIND), ("issuer?", ISSUER), ("code?", CODE), ("period?", PERIOD),
    ("issued_at", Text(test=issued_ok)), ("seen", Obj(("size", UINT), ("root", DIGEST))), ("keyring", DIGEST),
    ("signers", List(Obj(("keyid", KEYID), ("roles", List(ROLE))))),
    ("control?", Any()), ("body?", Obj(("digest", DIGEST), ("size", UINT))),
    ("rows?", Obj(("root", DIGEST), ("count", UINT))),
    ("refs?", List(Obj(("rel", REL), ("id", DIGEST)))))


def parse_statement(data):
    need(len(data) <= MAX_STATEMENT, "E-LENGTH")
    need(data.isascii(), "E-JSON-STRING", "not ASCII")
    v = canon.parse(data)
    kind = v.get("kind") if isinstance(v, dict) else None
    need(not isinstance(kind, str) or kind in KINDS, "E-KIND", str(kind)[:40])
    st = STATEMENT.check(v)
    if "control" in st:
        st["control"] = check_control(kind, st["control"])
    need(("control" in st) == (kind in WITH_CONTROL), "E-CONTROL")
    ascending([s["keyid"] for s in st["signers"]], low=1, high=16)
    for s in st["signers"]:
        ascending(s["roles"], low=1)
    if "refs" in st:
        ascending([(r["rel"], r["id"]) for r in st["refs"]], low=1, high=32)
    need(canon.encode(st) == bytes(data), "E-JSON-CANONICAL")
    return st


# ------------------------------------------------------------------ entry

_ENVELOPE = Obj(("payloadType", TEXT), ("payload", BYTES),
                ("signatures", List(Obj(("keyid", KEYID), ("sig", BYTES)))))


def pae(payload_type, payload):
    t = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(t), t, len(payload), payload)


def digest_text(raw):
    return "sha256:" + raw.hex()


class Entry:
    """A parsed entry. Parsing raises the codes of envelope and statement; on E-PAYLOAD-TYPE and E-KIND the
    exception carries `.entry`, with what signature checking needs (`st` is None then)."""
    def __init__(self, raw):
        self.raw = bytes(raw)
        need(len(self.raw) <= MAX_ENTRY, "E-LENGTH")
        env = canon.typed(self.raw, _ENVELOPE)
        self.payload_type = env["payloadType"]
        self.payload = b64(env["payload"])
        self.sigs = [(s["keyid"], b64(s["sig"])) for s in env["signatures"]]
        self.message = pae(self.payload_type, self.payload)
        self.id = digest_text(sha256(self.message))
        self.leaf = sha256(b"\x00" + self.raw)
        self.st = None
        try:
            need(self.payload_type == PAYLOAD_TYPE, "E-PAYLOAD-TYPE", self.payload_type[:60])
            self.st = parse_statement(self.payload)
        except Refused as e:
            e.entry = self
            raise

    @property
    def kind(self):
        return self.st["kind"]

    @property
    def control(self):
        return self.st.get("control", {})

    @property
    def effective_kind(self):
        """`control.of` for a correction or erasure, else the kind."""
        return self.control["of"] if self.kind in ("correction", "erasure") else self.kind

    def control_keys(self):
        """{keyid: suite ‖ raw} of the keys that are in the control."""
        return {keyid_of(g["key"]): b64(g["key"]) for g in self.grants()}

    def grants(self):
        return granted_by(self.kind, self.control)

    def reference(self, rel):
        """The first statement named with that rel, or None."""
        return next((r["id"] for r in self.st.get("refs", []) if r["rel"] == rel), None)


# ------------------------------------------------------------------ rings and the governing item

def digest_of(value):
    """digest of the canonical JSON of a value whose members are in table order"""
    return digest_text(sha256(canon.encode(value)))


EMPTY_RING = {"keys": []}


def ring_key(grant, statement_id):
    """The Ring element for a KeyGrant."""
    k = {"keyid": keyid_of(grant["key"]), "roles": grant["roles"]}
    if "scope" in grant:
        k["scope"] = grant["scope"]
    k["holder"] = grant["holder"]
    k["grant"] = statement_id
    return k


def governing_item(catalogue, kind, code):
    """The governing item of (kind, code), or E-ITEM."""
    items = {i["code"]: i for i in catalogue["items"]}
    rule = kind_rule(catalogue, kind)
    item = None
    if rule is not None:
        if "as" in rule:
            if code is None:
                item = items.get(rule["as"])
        elif code is not None:
            if "codes" in rule:
                ok = code in rule["codes"]
            elif kind == "nil_return":
                ok = True
            else:
                first = next((r["kind"] for r in catalogue["kinds"] if code in r.get("codes", [])), "notice")
                ok = first in ("notice", "decision")
            if ok:
                item = items.get(code)
    need(item is not None, "E-ITEM", f"{kind} {code}")
    return item


def kind_rule(catalogue, kind):
    return next((r for r in catalogue["kinds"] if r["kind"] == kind), None)


def required_roles(item, profile):
    out = set(item["roles"])
    for x in (profile or {}).get("extra_roles", []):
        if x["code"] == item["code"]:
            out.update(x["roles"])
    return out
