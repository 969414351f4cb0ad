"""Chain replay: validity by position (FORMAT.md, "Validity by position")."""
from .canon import b64
from .errors import Refused, need
from .keys import ED, MLDSA, parse_vkey
from .merkle import Tree, sha256
from .rules import check_signatures, check_signers, granted_key
from .statement import (CONTROL_KINDS, DISCLOSURES, EMPTY_RING, PERIODIC, Entry, digest_of, digest_text,
                        governing_item, keyid_of, kind_rule, period_form, ring_key)


class Chain:
    """State of one chain before the next entry."""
    def __init__(self):
        self.head = None          # statement id
        self.seq = -1
        self.seen = 0
        self.keys = {}            # keyid -> element of the ring
        self.ever = set()         # keyids ever granted
        self.catalogue = None     # digest in force
        self.profile = None       # the profile in force (object)
        self.threshold = None     # only in root
        self.unit = None          # only outside root
        self.organisations = []
        self.slots = {}           # (code or kind, period) -> statement id

    def ring(self):
        r = {}
        if self.catalogue is not None:
            r["catalogue"] = self.catalogue
        if self.profile is not None:
            r["profile"] = digest_of(self.profile)
        if self.threshold is not None:
            r["threshold"] = self.threshold
        r["keys"] = [self.keys[k] for k in sorted(self.keys)]
        return r


class Log:
    def __init__(self, origin):
        self.origin = origin
        self.tree = Tree()
        self.chains = {}
        self.by_id = {}           # statement id -> Entry
        self.corrected = set()    # statement ids
        self.known_keys = {}      # keyid -> suite ‖ raw, from every control so far
        self.catalogues = {}      # digest -> catalogue
        self.log_vkeys = []       # texts of the log's keys in force
        self.dropped = {}         # texts of those that were dropped -> the largest tree that each may have signed

    # -------------------------------------------------------------- one entry

    def append(self, raw):
        """Takes the next entry; raises Refused and stays as it was if it is refused."""
        e = Entry(raw)
        check_signatures(e, self.known_keys)
        index, st = self.tree.size, e.st
        need(st["origin"] == self.origin, "E-OTHER-LOG")
        chain = self._place(e, index)
        self._seen(e, index, chain)
        ring = self._ring_for(e, chain)
        self._keys(e, ring, chain)
        before = EMPTY_RING if e.kind == "log_genesis" else \
            self.chains["root"].ring() if e.kind == "chain_genesis" else chain.ring()
        need(st["keyring"] == digest_of(before), "E-KEYRING")
        source = chain or Chain()
        threshold = e.control["threshold"] if e.kind == "log_genesis" else source.threshold
        check_signers(e, ring, source.unit, threshold, self.catalogues.get(source.catalogue), source.profile)
        if e.kind in CONTROL_KINDS:
            need(not any(m in st for m in ("issuer", "code", "period", "rows", "refs")), "E-CONTROL", "of a disclosure")
            need("body" in st, "E-BODY-MISSING")
            effect = getattr(self, "_" + e.kind)(e, chain)
        else:
            effect = self._disclosure(e, chain)
        # Accepted: only now anything changes.
        if chain is None:
            chain = self.chains[st["chain"]] = Chain()
        effect(chain)
        chain.head, chain.seq, chain.seen = e.id, st["seq"], st["seen"]["size"]
        self.known_keys.update(e.control_keys())
        self.by_id[e.id] = e
        self.tree.append(e.leaf)
        return e

    def _place(self, e, index):
        st, kind = e.st, e.kind
        name, seq = st["chain"], st["seq"]
        chain = self.chains.get(name)
        genesis = kind in ("log_genesis", "chain_genesis")
        fits = (kind == "log_genesis") == (name == "root")
        need(not (genesis and fits and chain is not None), "E-CHAIN-EXISTS")
        need(genesis == (seq == 0) and (kind == "log_genesis") == (index == 0), "E-CHAIN-KIND")
        if genesis:
            need(fits, "E-CHAIN-KIND")
            need("prev" not in st, "E-PREV")
        else:
            need(chain is not None, "E-CHAIN-MISSING")
            need(seq == chain.seq + 1, "E-SEQ")
            need(st.get("prev") == chain.head, "E-PREV")
        parent = self.chains["root"].head if kind == "chain_genesis" else None
        need(st.get("parent") == parent, "E-PARENT")
        return chain

    def _seen(self, e, index, chain):
        size, root = e.st["seen"]["size"], e.st["seen"]["root"]
        need(size <= index and root == digest_text(self.tree.roots[size]), "E-SEEN")
        need(chain is None or size >= chain.seen, "E-SEEN")

    def _ring_for(self, e, chain):
        if e.kind == "log_genesis":
            return {k["keyid"]: k for k in (ring_key(g, e.id) for g in e.control["keys"])}
        return self.chains["root"].keys if e.kind == "chain_genesis" else chain.keys

    def _keys(self, e, ring, chain):
        ever = set() if e.kind == "log_genesis" else \
            self.chains["root"].ever if e.kind == "chain_genesis" else chain.ever
        for s in e.st["signers"]:
            k = s["keyid"]
            if k not in ring and k != granted_key(e):
                raise Refused("E-KEY-REVOKED" if k in ever else "E-KEY-UNKNOWN")

    # -------------------------------------------------------------- control kinds
    # Each returns the effect: a function on the chain, called once the entry is accepted.

    def _log_genesis(self, e, chain):
        c = e.control
        need(c["suites"] == [1], "E-SUITE")
        need(c["catalogue"]["version"] == 1, "E-CONTROL")
        raws = [b64(g["key"]) for g in c["keys"]]
        for g, raw in zip(c["keys"], raws):
            need(g["roles"] == ["root"] and "scope" not in g and raw[0] == 1, "E-ROLE-PLACE")
        vkeys = self._key_list(c["log_vkeys"])
        need(not any(raw[1:] == v.key for raw in raws for v in vkeys), "E-KEY-USE")
        need(1 <= c["threshold"] <= len({g["holder"] for g in c["keys"]}), "E-THRESHOLD")

        def effect(new):
            new.threshold = c["threshold"]
            self._enter_keys(new, c["keys"], e.id)
            self._enter_catalogue(new, c["catalogue"])
            self.log_vkeys = c["log_vkeys"]
        return effect

    def _key_list(self, texts):
        """The log's verifier keys as a control states them."""
        try:
            vkeys = [parse_vkey(v) for v in texts]
        except Refused as err:
            raise Refused("E-CONTROL", str(err)) from None
        need(vkeys and vkeys[0].type == ED and len(set(vkeys)) == len(vkeys), "E-CONTROL")
        need(all(v.name == self.origin and v.type in (ED, MLDSA) for v in vkeys), "E-CONTROL")
        return vkeys

    def _log_key(self, e, chain):
        need(e.st["chain"] == "root", "E-CHAIN-KIND")
        new, index = e.control["log_vkeys"], self.tree.size
        vkeys = self._key_list(new)
        need(new != self.log_vkeys, "E-CONTROL", "the list in force")
        need(not any(text in self.dropped for text in new), "E-KEY-USE", "dropped before")
        need(not any(sha256(b"\x01" + v.key).hex() in chain.ever for v in vkeys), "E-KEY-USE", "of a ring")

        def effect(ch):
            self.dropped.update((text, index) for text in self.log_vkeys if text not in new)
            self.log_vkeys = new
        return effect

    def _enter_keys(self, chain, grants, statement_id):
        for g in grants:
            k = ring_key(g, statement_id)
            chain.keys[k["keyid"]] = k
            chain.ever.add(k["keyid"])

    def _enter_catalogue(self, chain, catalogue):
        chain.catalogue = digest_of(catalogue)
        self.catalogues[chain.catalogue] = catalogue

    def _grant_rules(self, g, in_root, unit, ever):
        raw, keyid, roles = b64(g["key"]), keyid_of(g["key"]), g["roles"]
        need(raw[0] == 1, "E-SUITE")
        for role in roles:
            if role == "root":
                ok = in_root
            elif role == "intake":
                ok = False
            elif role == "authority":
                ok = True
            else:
                ok = not in_root
            need(ok, "E-ROLE-PLACE", role)
        need(len(roles) == 1 or not {"supervision_chair", "root"} & set(roles), "E-ROLE-PLACE")
        if "root" in roles:
            need("scope" not in g, "E-KEY-SCOPE")
        else:
            need("scope" in g and (unit is None or unit.startswith(g["scope"])), "E-KEY-SCOPE")
        if "authority" in roles and not in_root:
            k = self.chains["root"].keys.get(keyid)
            need(k and "authority" in k["roles"] and unit.startswith(k.get("scope", "")), "E-ROLE-PLACE")
        need(keyid not in ever, "E-KEY-GRANTED")
        need(all(raw[1:] != parse_vkey(v).key for v in [*self.log_vkeys, *self.dropped]), "E-KEY-USE")

    def _chain_genesis(self, e, chain):
        c, root = e.control, self.chains["root"]
        need(c["catalogue"] == root.catalogue, "E-CONTROL")
        need(c["organisations"], "E-CONTROL")
        for g in c["keys"]:
            self._grant_rules(g, False, c["unit"], set())
        need(any("authority" in g["roles"] for g in c["keys"]), "E-ROLE-MISSING")

        def effect(new):
            new.unit, new.organisations = c["unit"], c["organisations"]
            new.catalogue, new.profile = c["catalogue"], c["profile"]
            self._enter_keys(new, c["keys"], e.id)
        return effect

    def _grant(self, e, chain):
        self._grant_rules(e.control, e.st["chain"] == "root", chain.unit, chain.ever)
        return lambda ch: self._enter_keys(ch, [e.control], e.id)

    def _revoke(self, e, chain):
        gone = set(e.control["keys"])
        need(all(k in chain.keys for k in gone), "E-KEY-UNKNOWN")
        left = [k for i, k in chain.keys.items() if i not in gone]
        if e.st["chain"] == "root":
            need(len({k["holder"] for k in left if "root" in k["roles"]}) >= chain.threshold, "E-THRESHOLD")
        else:
            need(any("authority" in k["roles"] for k in left), "E-ROLE-MISSING")

        def effect(ch):
            for k in gone:
                del ch.keys[k]
        return effect

    def _catalogue(self, e, chain):
        need(e.st["chain"] == "root", "E-CHAIN-KIND")
        new = e.control["catalogue"]
        need(new["version"] == self.catalogues[chain.catalogue]["version"] + 1, "E-CONTROL")
        return lambda ch: self._enter_catalogue(ch, new)

    def _profile(self, e, chain):
        need(e.st["chain"] != "root", "E-CHAIN-KIND")
        new = e.control["profile"]
        need(new["version"] == chain.profile["version"] + 1, "E-CONTROL")
        return lambda ch: setattr(ch, "profile", new)

    def _rules(self, e, chain):
        need(e.st["chain"] != "root", "E-CHAIN-KIND")
        new = e.control["catalogue"]
        need(new == self.chains["root"].catalogue, "E-CONTROL")
        return lambda ch: setattr(ch, "catalogue", new)

    # -------------------------------------------------------------- disclosures

    def _disclosure(self, e, chain):
        st, kind, eff = e.st, e.kind, e.effective_kind
        need(st["chain"] != "root", "E-CHAIN-KIND")
        catalogue = self.catalogues[chain.catalogue]
        item = governing_item(catalogue, eff, st.get("code"))
        need(item["audience"] == "public", "E-AUDIENCE")
        need("body" in st, "E-BODY-MISSING")
        need("issuer" in st and st["issuer"]["kind"] in item["issuers"] and st["issuer"] in chain.organisations, "E-ISSUER")
        need("rows" not in st or item["pii"] != "none", "E-ROWS")
        form = None if eff in ("decision", "contract") else PERIODIC.get(item["frequency"])
        have = period_form(st["period"]) if "period" in st else None
        need(have == form, "E-PERIOD")
        need(eff != "nil_return" or item["frequency"] in PERIODIC, "E-ITEM")
        corrected = self._references(e, item, catalogue)

        slot = None
        if "period" in st and kind != "erasure":
            slot = (st.get("code") or eff, st["period"])
            holder = chain.slots.get(slot)
            if corrected is None:
                need(holder is None, "E-PERIOD-TAKEN")
            else:
                need(holder is not None, "E-CORRECTS")
                need(holder == corrected, "E-PERIOD-TAKEN")

        def effect(ch):
            if slot:
                ch.slots[slot] = e.id
            if corrected:
                self.corrected.add(corrected)
        return effect

    def _references(self, e, item, catalogue):
        """Checks all refs; returns the id corrected, or None."""
        st, kind = e.st, e.kind
        rule = kind_rule(catalogue, e.effective_kind)
        own = {"correction": "corrects", "erasure": "erases"}.get(kind)
        listed = {r for s in st["signers"] for r in s["roles"]}
        same = lambda t, *names: all(t.st.get(n) == st.get(n) for n in names)
        found = None
        for ref in st.get("refs", []):
            rel, target = ref["rel"], self.by_id.get(ref["id"])
            need(target is not None, "E-REFS", "no such statement")
            if rel in ("corrects", "erases"):
                need(rel == own and found is None, "E-REFS", rel)
                found = ref["id"]
            else:
                need(rel in rule["rels"], "E-REFS", rel)
            theirs = {r for s in target.st["signers"] for r in s["roles"]}
            if rel == "corrects":
                need(target.kind in DISCLOSURES and target.kind != "erasure", "E-CORRECTS")
                need(same(target, "chain", "code", "period", "issuer"), "E-CORRECTS")
                what = target.effective_kind
                need(what == e.effective_kind or (what == "nil_return" and "code" in st), "E-CORRECTS")
                need(theirs <= listed, "E-CORRECTS", "roles")
                need(ref["id"] not in self.corrected, "E-CORRECTED")
            elif rel == "erases":
                need(target.kind in DISCLOSURES, "E-ERASES")
                what = target.control["of"] if target.kind == "correction" else target.kind
                need(same(target, "chain", "code", "period", "issuer") and what == e.effective_kind, "E-ERASES")
                need(item["pii"] != "none", "E-ERASES")
                need(theirs | {"authority", "supervision_chair"} <= listed, "E-ERASES", "roles")
        need(own is None or found is not None, "E-CORRECTS" if kind == "correction" else "E-ERASES", "none named")
        return found if kind == "correction" else None

    # -------------------------------------------------------------- result

    def summary(self):
        return {"size": self.tree.size, "root": digest_text(self.tree.root),
                "heads": {n: c.head for n, c in sorted(self.chains.items())},
                "rings": {n: digest_of(c.ring()) for n, c in sorted(self.chains.items())}}


def replay(origin, raws):
    """-> (Log, None) or (code, index of the entry refused)."""
    log = Log(origin)
    for i, raw in enumerate(raws):
        try:
            log.append(raw)
        except Refused as e:
            return e.code, i
    return log, None
