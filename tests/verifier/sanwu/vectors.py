"""Runs vector files: the operations of FORMAT.md, "Vectors". An answer is `{"ok": …}` or `{"error": code, …}` and has to
be equal to what the case expects."""
import json
import pathlib
import re
from . import canon, ed25519, merkle, mldsa, mldsa_sign, note, policy, tiles, witness
from .bundle import verify_bundle
from .canon import b64, b64e
from .chain import replay
from .errors import Refused, need
from .keys import entry_key, parse_skey, parse_vkey, vkey_text
from .merkle import sha256
from .rows import check_code, check_rows
from .statement import RING, Entry, digest_of, digest_text

unhex = bytes.fromhex


def text_bytes(t):
    return t.encode("utf-8", "surrogatepass")


# ------------------------------------------------------------------ statements, chains, bundles

def canon_parse(i):
    canon.canonical(unhex(i["hex"]) if "hex" in i else text_bytes(i["text"]))
    return True


def entry_parse(i):
    e = Entry(b64(i["entry"]))
    return {"id": e.id, "kind": e.kind, "chain": e.st["chain"], "seq": e.st["seq"]}


class RefusedAt(Refused):
    def __init__(self, code, at):
        super().__init__(code)
        self.at = at


def chain_replay(i):
    log, at = replay(i["origin"], [b64(x) for x in i["entries"]])
    if at is not None:
        raise RefusedAt(log, at)
    return log.summary()


def ring_digest(i):
    return digest_of(RING.check(i["ring"]))


def rows_check(i):
    check_rows(i["root"], i["count"], text_bytes(i["rows"]))
    return True


def bundle_verify(i):
    trust = text_bytes(i["trust"]) if "trust" in i else None
    return verify_bundle(text_bytes(i["bundle"]), trust, i.get("remembered"), i.get("now"), i.get("file", False))


# ------------------------------------------------------------------ log side

def merkle_inclusion(i):
    merkle.inclusion(b64(i["leaf"]), i["index"], i["size"], b64(i["root"]), [b64(h) for h in i["proof"]])
    return True


def merkle_consistency(i):
    merkle.consistency(i["old"], b64(i["old_root"]), i["new"], b64(i["new_root"]), [b64(h) for h in i["proof"]])
    return True


def ed25519_verify(i):
    key = unhex(i["key"])
    return ed25519.key_ok(key) and ed25519.verify(key, unhex(i["msg"]), unhex(i["sig"]))


def ed25519_sign(i):
    seed = unhex(i["seed"])
    return {"key": ed25519.public_key(seed).hex(), "sig": ed25519.sign(seed, unhex(i["msg"])).hex()}


def mldsa_verify(i):
    key = unhex(i["key"])
    return len(key) == mldsa.PUBLIC_BYTES and mldsa.verify(key, unhex(i["msg"]), unhex(i["sig"]))


def mldsa_sign_op(i):
    seed = unhex(i["seed"])
    return {"key": mldsa.public_key(seed).hex(), "sig": mldsa_sign.sign(seed, unhex(i["msg"])).hex()}


def key_parse(i):
    key_id, suite = entry_key(unhex(i["hex"]))
    return {"suite": suite, "key_id": key_id}


def vkey_parse(i):
    k = parse_vkey(i["text"])
    return {"name": k.name, "key_id": k.keyid.hex(), "algorithm": k.type, "key": k.key.hex()}


def skey_parse(i):
    k, _ = parse_skey(i["text"])
    return vkey_text(k.name, k.type, k.key)


def note_open(i):
    keys = [parse_vkey(v) for v in i["vkeys"]]
    text, lines = note.parse_note(unhex(i["note_hex"]) if "note_hex" in i else text_bytes(i["note"]))
    verified = note.verify_note(text, lines, keys)
    by_verified = {(v.key.name, v.key.keyid) for v in verified}
    return {"text": text, "verified": [v.key.name for v in verified],
            "unverified": len({l for l in lines if (l.name, l.keyid) not in by_verified})}


def checkpoint_parse(i):
    cp = note.parse_checkpoint(i["text"])
    return {"origin": cp.origin, "size": cp.size, "root": b64e(cp.root)}


def cosignature_verify(i):
    k, line = parse_vkey(i["vkey"]), note.parse_line(i["line"])
    t = note.signed_time(k, line.sig, i["text"])
    need(t is not None, "E-SIGNATURE")
    return t


def policy_parse(i):
    p = policy.Policy(i["policy"])
    return {"logs": len(p.logs), "witnesses": len(p.witnesses)}


def policy_check(i):
    p = policy.Policy(i["policy"])
    _, verified = p.open(text_bytes(i["note"]))
    times = p.times(verified)
    return {"satisfied": p.reached(verified), "signed": [{"witness": n, "time": t} for n, t in times.items()],
            "missing": [n for n in p.witnesses if n not in times]}


def tlog_proof_verify(i):
    p = policy.Policy(i["policy"])
    policy.verify_proof(text_bytes(i["proof"]), b64(i["leaf_hash"]), p)
    return True


def witness_request(i):
    data = unhex(i["request_hex"]) if "request_hex" in i else text_bytes(i["request"])
    logs = {log["origin"]: [parse_vkey(v) for v in log["vkeys"]] for log in i["logs"]}
    recorded = i["recorded"]
    try:
        head = witness.judge(data, logs, recorded["size"], b64(recorded["root"]))
    except witness.Answered as e:
        size = {"size": recorded["size"]} if e.status == 409 else {}
        return {"status": e.status, "code": e.code, **size}
    return {"status": 200, "origin": head.origin, "size": head.size, "root": b64e(head.root)}


def tile_path(i):
    level, index, width = tiles.parse_path(i["path"])
    return {"kind": str(level), "index": index, "width": width}


OPS = {
    "canon.parse": canon_parse, "entry.parse": entry_parse, "chain.replay": chain_replay, "ring.digest": ring_digest,
    "rows.check": rows_check, "check_code": lambda i: check_code(i["id"]), "bundle.verify": bundle_verify,
    "hash.sha256": lambda i: digest_text(sha256(text_bytes(i["text"]))),
    "base64.decode": lambda i: b64(i["text"]).hex(),
    "merkle.root": lambda i: b64e(merkle.root_of([merkle.leaf(unhex(x)) for x in i["leaves"]])),
    "merkle.inclusion": merkle_inclusion, "merkle.consistency": merkle_consistency,
    "ed25519.verify": ed25519_verify, "ed25519.sign": ed25519_sign,
    "ml-dsa.verify": mldsa_verify, "ml-dsa.sign": mldsa_sign_op,
    "key.parse": key_parse, "vkey.parse": vkey_parse, "skey.parse": skey_parse,
    "note.open": note_open, "checkpoint.parse": checkpoint_parse, "cosignature.verify": cosignature_verify,
    "policy.parse": policy_parse, "policy.check": policy_check, "tlog_proof.verify": tlog_proof_verify,
    "witness.request": witness_request,
    "tile.path": tile_path, "tile.growth": lambda i: tiles.growth(i["old"], i["new"]),
    "bundle.parse": lambda i: [e.hex() for e in tiles.parse_bundle(unhex(i["hex"]), i["width"])],
}


# ------------------------------------------------------------------ reading

MARK = re.compile(r"<([0-9]+)>")


def expand(given, table):
    """The input with every `<n>` replaced by text n of the file's table."""
    if isinstance(given, str):
        return MARK.sub(lambda mark: table[int(mark[1])], given) if table else given
    if isinstance(given, list):
        return [expand(one, table) for one in given]
    if isinstance(given, dict):
        return {name: expand(one, table) for name, one in given.items()}
    return given


# ------------------------------------------------------------------ comparing

def equal(a, b):
    """Equal as JSON, where `true` is not 1."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def answer(op, given):
    if op not in OPS:
        return {"unknown operation": op}
    try:
        return {"ok": OPS[op](given)}
    except RefusedAt as e:
        return {"error": e.code, "at": e.at}
    except Refused as e:
        return {"error": e.code}
    except Exception as e:                            # a defect of this program or of the case
        return {"crash": f"{type(e).__name__}: {e}"}


def run(folder):
    passed = failed = 0
    for path in sorted(pathlib.Path(folder).rglob("*.json")):
        try:
            file = json.loads(path.read_text("utf-8"))
            cases, table = file["cases"], file.get("entries")
        except (ValueError, KeyError, TypeError) as e:
            print(f"{path}: no vector file: {type(e).__name__}: {e}")
            failed += 1
            continue
        for case in cases:
            got = answer(case["op"], expand(case["input"], table))
            if equal(got, case["expect"]):
                passed += 1
                continue
            failed += 1
            print(f"{path}: {case['name']} [{case['op']}]\n  expected {json.dumps(case['expect'], ensure_ascii=False)}"
                  f"\n  got      {json.dumps(got, ensure_ascii=False)[:4000]}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1
