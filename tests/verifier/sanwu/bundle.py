"""Trust files, proof bundles and the five checks (FORMAT.md, "Trust file", "Proof bundle", "Verdict")."""
from . import canon, merkle
from .canon import Bool, List, Obj, Text, b64
from .errors import UNDECIDED, Refused, need
from .keys import parse_vkey
from .merkle import sha256
from .note import open_checkpoint, origin_ok, parse_checkpoint, parse_note
from .policy import Policy
from .rules import all_signatures_hold, check_signatures, check_signers, granted_key
from .statement import (BYTES, CATALOGUE, DIGEST, PROFILE, RING, TEXT, UINT, Entry, digest_of, digest_text, issued_ok,
                        keyid_of, ring_key)

ORIGIN = Text(test=origin_ok, code="E-LOG-ORIGIN")

_PROVED = Obj(("index", UINT), ("entry", BYTES), ("body?", BYTES), ("inclusion", List(DIGEST)))
_BUNDLE = Obj(("format", TEXT), ("origin", ORIGIN), ("index", UINT), ("entry", BYTES),
              ("body?", BYTES), ("ring", RING), ("catalogue?", CATALOGUE), ("profile?", PROFILE),
              ("inclusion", List(DIGEST)), ("grants", List(_PROVED)), ("seen", List(DIGEST)),
              ("correction?", _PROVED), ("erasure?", _PROVED),
              ("since?", Obj(("size", UINT), ("proof", List(DIGEST)))), ("checkpoint", BYTES))
_TRUST = Obj(("format", TEXT), ("origin", ORIGIN), ("purpose", Text(words=["live", "test"])),
             ("genesis", DIGEST), ("root_keys", List(TEXT)), ("threshold", UINT), ("log_vkeys", List(TEXT)),
             ("retired?", List(Obj(("vkey", TEXT), ("size", UINT)))), ("policy", List(TEXT)),
             ("operators?", List(Obj(("witness", TEXT), ("name", TEXT), ("own?", Bool())))), ("max_age_days?", UINT),
             ("issued_at", Text(test=issued_ok)))

OK, PARTIAL, CANNOT, MISMATCH = "ok", "partial", "cannot", "mismatch"


def raw_digest(d):
    return bytes.fromhex(d[7:])


class Trust:
    def __init__(self, data):
        t = canon.typed(data, _TRUST, strict=False)
        self.origin, self.genesis, self.threshold = t["origin"], t["genesis"], t["threshold"]
        need(t["format"] == "sanwu-trust-v1", "E-JSON-VALUE", "format")
        self.max_age_days = t.get("max_age_days")
        known = []
        self.log_keys = {}            # key -> the largest tree that it may sign, or None
        for text, largest in [(v, None) for v in t["log_vkeys"]] + [(r["vkey"], r["size"]) for r in t.get("retired", [])]:
            known.append(parse_vkey(text))
            need(known[-1].name == self.origin, "E-OTHER-LOG", "log key")
            self.log_keys[known[-1]] = largest
        for text in t["root_keys"]:
            parse_vkey(text)
        need(t["threshold"] >= 1 and t["log_vkeys"], "E-JSON-VALUE", "threshold, log_vkeys")
        self.policy = Policy("\n".join(t["policy"]) + "\n")
        known += self.policy.witnesses.values()
        need(len(set(known)) == len(known), "E-JSON-VALUE", "a key twice")
        self.known = known            # log keys and the policy's witnesses


class Bundle:
    def __init__(self, data):
        need(len(data) <= 4 << 20, "E-LENGTH")
        b = canon.typed(data, _BUNDLE, strict=False)
        need(b["format"] == "sanwu-bundle-v1", "E-JSON-VALUE", "format")
        self.b = b
        self.origin, self.index, self.ring = b["origin"], b["index"], b["ring"]
        self.raw, self.note = b64(b["entry"]), b64(b["checkpoint"])
        self.body = b64(b["body"]) if "body" in b else None
        self.inclusion = [raw_digest(d) for d in b["inclusion"]]
        self.seen = [raw_digest(d) for d in b["seen"]]
        self.grants = [Proved(p) for p in b["grants"]]
        self.correction = Proved(b["correction"]) if "correction" in b else None
        self.erasure = Proved(b["erasure"]) if "erasure" in b else None

    def granted_keys(self):
        """{keyid: suite ‖ raw} of the keys in the entries of `grants`."""
        return {k: raw for g in self.grants if g.entry for k, raw in g.entry.control_keys().items()}


class Proved:
    """`entry` is None if the entry does not parse, and `error` says why."""
    def __init__(self, p):
        self.index = p["index"]
        self.raw = b64(p["entry"])
        self.proof = [raw_digest(d) for d in p["inclusion"]]
        self.entry = self.error = None
        try:
            self.entry = Entry(self.raw)
        except Refused as e:
            self.error = e

    def parsed(self):
        if self.error:
            raise self.error
        return self.entry

    def included(self, cp):
        merkle.inclusion(sha256(b"\x00" + self.raw), self.index, cp.size, cp.root, self.proof)


def _result(fn):
    try:
        return {"state": fn() or OK}
    except Refused as e:
        if e.code in ("E-WITNESS-QUORUM", "E-STALE", "E-OLDER"):
            state = PARTIAL
        else:
            state = CANNOT if e.code in UNDECIDED else MISMATCH
        return {"state": state, "error": e.code}


class Verifier:
    def __init__(self, bundle, trust=None, remembered=None, now=None, file=False):
        self.b, self.trust, self.remembered, self.now, self.file = bundle, trust, remembered, now, file
        self.entry = None             # set once check 1 has passed, or failed only for want of the body
        self._open()

    def _open(self):
        """The checkpoint: self.unsigned (only parsed), self.cp and self.verified (opened with the trust file)."""
        self.unsigned = self.cp = None
        self.verified, self.open_error, self.read_error = [], None, None
        try:
            text, _ = parse_note(self.b.note)
            self.unsigned = parse_checkpoint(text)
        except Refused as e:
            self.read_error = e
        if self.trust is None:
            self.open_error = Refused("E-TRUST-MISSING")
            return
        try:
            self.cp, self.verified = open_checkpoint(self.b.note, self.trust.origin, self.trust.known, self.trust.log_keys)
        except Refused as e:
            self.open_error = e

    def _need_open(self):
        if self.open_error:
            raise self.open_error if self.open_error.code in UNDECIDED else Refused("E-NOT-REACHED")

    def _need_readable(self):
        """The checkpoint as it reads without any key."""
        if self.read_error:
            raise self.read_error
        return self.unsigned

    # 1 ---------------------------------------------------------------- content.sig

    def content_sig(self):
        b, keys = self.b, self.b.granted_keys()
        try:
            e = Entry(b.raw)
        except Refused as err:
            need(err.code not in UNDECIDED or all_signatures_hold(err.entry, keys), "E-SIGNATURE")
            raise
        check_signatures(e, keys)
        want = e.st.get("body")
        if b.body is not None:
            need(want is not None and want["size"] == len(b.body) and want["digest"] == digest_text(sha256(b.body)),
                 "E-BODY-DIGEST")
        self.entry = e
        if b.body is None and want is not None:
            x = b.erasure and b.erasure.entry
            need(x and x.kind == "erasure" and x.reference("erases") == e.id and x.control["what"] != "rows",
                 "E-CONTENT-ABSENT")

    # 2 ---------------------------------------------------------------- approval.quorum

    def approval(self):
        b, e, trust = self.b, self.entry, self.trust
        need(e is not None, "E-NOT-REACHED")
        cp = self._need_readable()
        st, ring = e.st, b.ring
        need(digest_of(ring) == st["keyring"], "E-KEYRING")
        for name in ("catalogue", "profile"):
            have = digest_of(b.b[name]) if name in b.b else None
            need(have == ring.get(name), "E-KEYRING", name)
        genesis = e.kind == "log_genesis"
        if genesis:
            need(trust is not None, "E-TRUST-MISSING")
            need(e.id == trust.genesis, "E-OTHER-LOG")
        for g in b.grants:
            g.parsed()
            g.included(cp)
        # The keys of the ring; a log_genesis is signed by the keys of its own control.
        if genesis:
            keys = {k["keyid"]: k for k in (ring_key(g, e.id) for g in e.control["keys"])}
            threshold = e.control["threshold"]
        else:
            keys = {k["keyid"]: k for k in reversed(ring["keys"])}
            threshold = ring.get("threshold")
        home = "root" if e.kind == "chain_genesis" else st["chain"]
        for s in st["signers"]:
            if s["keyid"] == granted_key(e):
                continue
            need(s["keyid"] in keys, "E-KEY-UNKNOWN")
            if not genesis:
                need(self._granted(keys[s["keyid"]], home), "E-GRANT-MISSING")
        unit = None
        if home != "root":
            found = [x for x in self._earlier() if x.kind == "chain_genesis" and x.st["chain"] == home]
            need(found, "E-GRANT-MISSING", "chain_genesis")
            unit = found[0].control["unit"]
        if st["chain"] == "root" and trust is not None and not genesis:
            need(threshold == trust.threshold, "E-THRESHOLD")
        check_signers(e, keys, unit, threshold, b.b.get("catalogue"), b.b.get("profile"))

    def _earlier(self):
        """The entries of `grants` that come before the bundle's own."""
        return [g.entry for g in self.b.grants if g.index < self.b.index]

    def _granted(self, key, home):
        """Does an earlier entry of `grants` in the chain `home` state this element of the ring?"""
        return any(x.id == key["grant"] and x.st["chain"] == home and key in [ring_key(k, x.id) for k in x.grants()]
                   for x in self._earlier())

    # 3 ---------------------------------------------------------------- log.inclusion

    def log_inclusion(self):
        b, e = self.b, self.entry
        need(e is not None, "E-NOT-REACHED")
        if self.trust is None:
            cp = self._need_readable()
        else:
            if self.open_error:
                raise self.open_error
            cp = self.cp
            need(e.st["origin"] == b.origin == self.trust.origin, "E-OTHER-LOG")
        merkle.inclusion(e.leaf, b.index, cp.size, cp.root, b.inclusion)
        seen = e.st["seen"]
        need(seen["size"] <= b.index, "E-SEEN")
        merkle.consistency(seen["size"], raw_digest(seen["root"]), cp.size, cp.root, b.seen)
        for proved, kind, rel in ((b.erasure, "erasure", "erases"), (b.correction, "correction", "corrects")):
            if proved is not None:
                x = proved.parsed()
                need(x.kind == kind and x.st["chain"] == e.st["chain"] and x.reference(rel) == e.id, "E-REFS")
                self._later_signed(x)
                proved.included(cp)
        need(self.trust is not None, "E-TRUST-MISSING")

    def _later_signed(self, x):
        """A correction or erasure is signed by keys that some entry of `grants` in its chain grants for these roles."""
        granted = [(keyid_of(k["key"]), set(k["roles"])) for g in self.b.grants
                   if g.entry and g.entry.st["chain"] == x.st["chain"] for k in g.entry.grants()]
        for s in x.st["signers"]:
            need(any(k == s["keyid"] and roles >= set(s["roles"]) for k, roles in granted), "E-GRANT-MISSING")
        if x.kind == "erasure":
            listed = {r for s in x.st["signers"] for r in s["roles"]}
            need({"authority", "supervision_chair"} <= listed, "E-ROLE-MISSING")
        check_signatures(x, self.b.granted_keys())

    # 4 ---------------------------------------------------------------- witness.quorum

    def witness(self):
        self._need_open()
        if self.trust.policy.quorum == "none":
            return "not_required"
        self.trust.policy.need_quorum(self.verified)
        days = self.trust.max_age_days
        if days is not None and self.now is not None:
            recent = [v for v in self.verified if v.time is not None and v.time >= self.now - 86_400 * days]
            need(self.trust.policy.reached(recent), "E-STALE")

    # 5 ---------------------------------------------------------------- client.consistency

    def client(self):
        r = self.remembered
        if r is None:
            return "first_seen"
        self._need_open()
        size, cp = r["size"], self.cp
        root = raw_digest(r["root"])
        since = self.b.b.get("since")
        if size == cp.size:
            need(root == cp.root, "E-CONSISTENCY")
        elif since is not None and since["size"] == size < cp.size:
            merkle.consistency(size, root, cp.size, cp.root, [raw_digest(d) for d in since["proof"]])
        elif size != 0 and self.file:
            return "not_compared"
        elif size != 0:
            raise Refused("E-OLDER")

    # ---------------------------------------------------------------- verdict

    def verdict(self):
        checks = {"content.sig": _result(self.content_sig), "approval.quorum": _result(self.approval),
                  "log.inclusion": _result(self.log_inclusion), "witness.quorum": _result(self.witness),
                  "client.consistency": _result(self.client)}
        states = [c["state"] for c in checks.values()]
        for s in (MISMATCH, CANNOT, PARTIAL):
            if s in states:
                break
        else:
            s = "ok_superseded" if self.b.correction is not None else OK
        return {"state": s, "checks": checks}


_REMEMBERED = Obj(("size", UINT), ("root", DIGEST))


def verify_bundle(bundle, trust=None, remembered=None, now=None, file=False):
    """bytes, bytes or None, dict or None, seconds or None, bool -> {state, checks}; raises Refused for a broken container."""
    b = Bundle(bundle)
    t = Trust(trust) if trust is not None else None
    r = _REMEMBERED.check(remembered) if remembered is not None else None
    return Verifier(b, t, r, now, file).verdict()
