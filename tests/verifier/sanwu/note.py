"""Signed notes, checkpoints and cosignatures (FORMAT.md, log side)."""
import re
from collections import namedtuple
from . import ed25519
from .canon import b64
from .errors import Refused, need
from .keys import ED, MLDSA, decimal, name_ok
from .merkle import EMPTY, MAX_SIZE

Line = namedtuple("Line", "name keyid sig")
Verified = namedtuple("Verified", "key time")         # time is None for a type 0x01 key
Checkpoint = namedtuple("Checkpoint", "origin size root")


def parse_note(data):
    """bytes -> (text, [Line])."""
    need(len(data) <= 1_000_000, "E-LENGTH")
    try:
        s = bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("E-NOTE", "UTF-8") from None
    need(not any(c < " " and c != "\n" for c in s), "E-NOTE", "control character")
    cut = s.rfind("\n\n")
    need(cut >= 0, "E-NOTE", "no empty line")
    text, tail = s[:cut + 1], s[cut + 2:]
    need(tail.endswith("\n"), "E-NOTE", "signature lines")
    lines = tail[:-1].split("\n")
    need(len(lines) <= 100, "E-LENGTH")
    out = []
    for l in lines:
        out.append(parse_line(l))
    return text, out


def parse_line(line):
    """One signature line, without its newline."""
    need(line.startswith("\u2014 "), "E-NOTE", "signature line")
    name, sep, sig = line[2:].partition(" ")
    need(sep and name_ok(name), "E-NOTE", "signature line")
    raw = b64(sig, "E-NOTE")
    need(len(raw) >= 5, "E-NOTE", "short signature")
    return Line(name, raw[:4], raw[4:])


def cosignature_message(time, text):
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def check_cosignature(key, sig, text):
    """Time of a good cosignature of the 32-byte `key` over the note text, or None."""
    if len(sig) != 72:
        return None
    t = int.from_bytes(sig[:8], "big")
    if not 1 <= t <= 2 ** 63 - 1 or not ed25519.verify(key, cosignature_message(t, text), sig[8:]):
        return None
    return t


def verify_note(text, lines, known):
    """[Verified], in the order of the lines."""
    done, later = [], False
    for l in lines:
        by = [k for k in known if k.name == l.name and k.keyid == l.keyid]
        if not by:
            continue
        need(len(by) == 1, "E-NOTE-AMBIGUOUS")
        k = by[0]
        if any(v.key == k for v in done):
            continue
        if k.type == MLDSA:
            later = True
            continue
        if k.type == ED:
            t = None
            need(len(l.sig) == 64 and ed25519.verify(k.key, text.encode(), l.sig), "E-NOTE-SIGNATURE")
        else:
            t = check_cosignature(k.key, l.sig, text)
            need(t is not None, "E-NOTE-SIGNATURE")
        done.append(Verified(k, t))
    if not done:
        raise Refused("E-SUITE" if later else "E-NOTE-UNSIGNED")
    return done


def open_note(data, known):
    text, lines = parse_note(data)
    return text, verify_note(text, lines, known)


def origin_ok(o):
    return 1 <= len(o) <= 255 and re.fullmatch(r"[a-z0-9./:-]+", o) \
        and all(s not in ("", ".", "..") for s in o.split("/"))


def parse_checkpoint(text):
    """The text of a note (str) -> Checkpoint."""
    parts = text.split("\n")
    need(len(parts) == 4 and parts[3] == "", "E-CHECKPOINT", "three lines")
    origin, size_text, root_text, _ = parts
    need(origin_ok(origin), "E-LOG-ORIGIN", origin[:80])
    size = decimal(size_text, MAX_SIZE)
    need(size is not None, "E-CHECKPOINT", "size")
    root = b64(root_text, "E-CHECKPOINT")
    need(len(root) == 32 and (size or root == EMPTY), "E-CHECKPOINT", "root")
    return Checkpoint(origin, size, root)


def open_checkpoint(data, origin, known, log_keys):
    """Signed checkpoint of a log; `log_keys` are those of `known` that are log keys.
    Order: note, checkpoint, origin, log signature."""
    text, verified = open_note(data, known)
    cp = parse_checkpoint(text)
    need(cp.origin == origin, "E-CHECKPOINT-ORIGIN")
    need(any(v.key in log_keys and v.key.name == origin for v in verified), "E-NOTE-UNSIGNED")
    return cp, verified
