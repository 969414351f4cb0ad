"""Policies and tlog proof files (FORMAT.md, "Policies", "Proof files")."""
from . import merkle
from .canon import b64
from .errors import Refused, need
from .keys import COSIG, ED, MLDSA, decimal, parse_vkey
from .note import open_note, parse_checkpoint, parse_note


def _words(line):
    return line.replace("\t", " ").split(" ")


class Policy:
    def __init__(self, data):
        """`data`: bytes or str of a policy file."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogatepass")
        need(len(data) <= 1 << 20, "E-LENGTH")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("E-POLICY", "UTF-8") from None
        self.logs, self.witnesses, self.groups = [], {}, {}
        self.quorum = None                    # a name, "none", or None while unseen
        self._members = set()
        for line in text.split("\n"):
            need(not any((c < " " and c != "\t") or c == "\x7f" for c in line), "E-POLICY", "control character")
            w = [x for x in _words(line) if x]
            if not w or w[0].startswith("#"):
                continue
            handler = {"log": self._log, "witness": self._witness, "group": self._group,
                       "quorum": self._quorum}.get(w[0])
            need(handler, "E-POLICY", "unknown line")
            handler(w[1:])
        need(self.quorum is not None, "E-POLICY", "no quorum line")

    def _vkey(self, text, types):
        try:
            k = parse_vkey(text)
        except Refused as e:
            raise Refused("E-POLICY", "key: " + str(e)) from None
        need(k.type in types, "E-POLICY", "key type")
        return k

    def _log(self, a):
        need(len(a) in (1, 2), "E-POLICY", "log line")
        k = self._vkey(a[0], (ED, MLDSA))
        need(all(k.key != o.key for o in self.logs), "E-POLICY", "two logs with one key")
        self.logs.append(k)
        need(len(self.logs) <= 256, "E-LENGTH")

    def _new_name(self, name):
        need(name != "none" and name not in self.witnesses and name not in self.groups, "E-POLICY", "name")

    def _witness(self, a):
        need(len(a) in (2, 3), "E-POLICY", "witness line")
        self._new_name(a[0])
        k = self._vkey(a[1], (COSIG, MLDSA))
        need(all(k.key != o.key for o in self.witnesses.values()), "E-POLICY", "two witnesses with one key")
        self.witnesses[a[0]] = k
        need(len(self.witnesses) <= 256, "E-LENGTH")

    def _group(self, a):
        need(len(a) >= 3, "E-POLICY", "group line")
        self._new_name(a[0])
        members = a[2:]
        for m in members:
            need(m in self.witnesses or m in self.groups, "E-POLICY", "member unknown")
            need(m not in self._members, "E-POLICY", "member twice")
            self._members.add(m)
        k = {"any": 1, "all": len(members)}.get(a[1])
        if k is None:
            k = decimal(a[1])
        need(k is not None and 1 <= k <= len(members), "E-POLICY", "k")
        self.groups[a[0]] = (k, members)
        need(len(self.groups) <= 256, "E-LENGTH")

    def _quorum(self, a):
        need(len(a) == 1 and self.quorum is None, "E-POLICY", "quorum line")
        need(a[0] == "none" or a[0] in self.witnesses or a[0] in self.groups, "E-POLICY", "quorum name")
        self.quorum = a[0]

    def keys(self):
        return self.logs + list(self.witnesses.values())

    def reached(self, verified):
        """Is the quorum reached by the verified signatures of a note?"""
        if self.quorum == "none":
            return True
        signed = {v.key for v in verified if v.time is not None}
        counts = {}
        for n, k in self.witnesses.items():
            counts[n] = k in signed
        for n, (k, members) in self.groups.items():      # members are on earlier lines
            counts[n] = sum(counts[m] for m in members) >= k
        return counts[self.quorum]

    def times(self, verified):
        """{witness name: time} of the verified cosignatures of the policy's witnesses, in the policy's order."""
        by_key = {v.key: v.time for v in verified if v.time is not None}
        return {n: by_key[k] for n, k in self.witnesses.items() if k in by_key}

    def published(self, verified):
        """Earliest time of the cosignatures of the policy's witnesses, or None."""
        return min(self.times(verified).values(), default=None)

    def open(self, data):
        """All of the check of a checkpoint but the quorum."""
        text, verified = open_note(data, self.keys())
        cp = parse_checkpoint(text)
        need(any(k.name == cp.origin for k in self.logs), "E-CHECKPOINT-ORIGIN")
        need(any(v.key in self.logs and v.key.name == cp.origin for v in verified), "E-NOTE-UNSIGNED")
        return cp, verified

    def need_quorum(self, verified):
        need(self.reached(verified), "E-WITNESS-QUORUM")

    def check(self, data):
        cp, verified = self.open(data)
        self.need_quorum(verified)
        return cp, verified


def parse_proof(data):
    """tlog proof file -> (index, [hash], bytes of the signed checkpoint)."""
    data = bytes(data)
    need(len(data) <= 2_000_000, "E-LENGTH")
    cut = data.find(b"\n\n")
    need(cut >= 0, "E-TLOG-PROOF")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("E-TLOG-PROOF", "UTF-8") from None
    head = data[:cut].decode("utf-8").split("\n")
    need(head.pop(0) == "c2sp.org/tlog-proof@v1", "E-TLOG-PROOF")
    if head and head[0].startswith("extra "):
        b64(head.pop(0)[6:], "E-TLOG-PROOF")
    need(head and head[0].startswith("index "), "E-TLOG-PROOF")
    index = decimal(head.pop(0)[6:])
    need(index is not None, "E-TLOG-PROOF")
    need(len(head) <= 63, "E-TLOG-PROOF")
    hashes = [b64(h, "E-TLOG-PROOF") for h in head]
    need(all(len(h) == 32 for h in hashes), "E-TLOG-PROOF")
    return index, hashes, data[cut + 2:]


def verify_proof(data, leaf_hash, policy):
    """Form of file and note; checkpoint under the policy; inclusion; last the quorum."""
    index, hashes, note = parse_proof(data)
    parse_note(note)
    cp, verified = policy.open(note)
    merkle.inclusion(leaf_hash, index, cp.size, cp.root, hashes)
    policy.need_quorum(verified)
    return index, cp, verified
