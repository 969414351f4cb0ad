"""Key bytes, key names, verifier keys and signer keys (FORMAT.md, "Keys" and "Key texts")."""
import re
from collections import namedtuple
from . import ed25519, mldsa
from .canon import b64, b64e
from .errors import Refused, need
from .merkle import sha256

WHITE_SPACE = frozenset(
    [*map(chr, range(9, 14)), " ", "\x85", "\xa0", "\u1680", *map(chr, range(0x2000, 0x200B)),
     "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"])
DECIMAL = re.compile(r"0|[1-9][0-9]*", re.A)

ED, COSIG, MLDSA = 1, 4, 6


def decimal(text, limit=2 ** 64 - 1):
    """Value of a `decimal`, or None."""
    if not DECIMAL.fullmatch(text) or len(text) > 20:
        return None
    n = int(text)
    return n if n <= limit else None


def entry_key(raw):
    """Checks the bytes `suite ‖ raw` of an entry key and returns (key id hex, suite)."""
    need(len(raw) >= 2, "E-KEY")
    if raw[0] == 1:
        need(len(raw) == 33 and ed25519.key_ok(raw[1:]), "E-KEY")
    else:
        need(len(raw) - 1 <= 4095, "E-KEY")
    return sha256(raw).hex(), raw[0]


def verify_entry_signature(raw, message, sig):
    """One signature of an entry; `raw` is suite ‖ key."""
    need(raw[0] == 1, "E-SUITE")
    need(ed25519.verify(raw[1:], message, sig), "E-SIGNATURE")


def name_ok(name):
    return bool(name) and not any(c == "+" or c < " " or c in WHITE_SPACE for c in name)


VKey = namedtuple("VKey", "name keyid type key")      # keyid: the 4-byte note key id


def note_key_id(name, type_, key):
    return sha256(name.encode() + b"\n" + bytes([type_]) + key)[:4]


def _split(text):
    parts = text.split("+", 2)
    need(len(parts) == 3 and re.fullmatch(r"[0-9a-f]{8}", parts[1]), "E-VKEY")
    raw = b64(parts[2], "E-VKEY")
    need(raw, "E-VKEY")
    need(name_ok(parts[0]), "E-VKEY")
    return parts[0], bytes.fromhex(parts[1]), raw[0], raw[1:]


def parse_vkey(text):
    name, kid, type_, key = _split(text)
    if type_ in (ED, COSIG, MLDSA):
        need(kid == note_key_id(name, type_, key), "E-VKEY-ID")
    else:
        raise Refused("E-SUITE", f"note key type {type_}")
    if type_ == MLDSA:
        need(len(key) == mldsa.PUBLIC_BYTES, "E-KEY")
    else:
        need(len(key) == 32 and ed25519.key_ok(key), "E-KEY")
    return VKey(name, kid, type_, key)


def vkey_text(name, type_, key):
    return f"{name}+{note_key_id(name, type_, key).hex()}+{b64e(bytes([type_]) + key)}"


def parse_skey(text):
    """Signer key -> (VKey of its public key, seed)."""
    need(text.startswith("PRIVATE+KEY+"), "E-VKEY")
    name, kid, type_, seed = _split(text[len("PRIVATE+KEY+"):])
    need(type_ in (ED, COSIG, MLDSA), "E-SUITE")
    need(len(seed) == 32, "E-VKEY")
    pub = (mldsa if type_ == MLDSA else ed25519).public_key(seed)
    need(kid == note_key_id(name, type_, pub), "E-VKEY-ID")
    return VKey(name, kid, type_, pub), seed
