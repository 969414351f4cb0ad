"""Signed notes, checkpoints and cosignatures (FORMAT.md, log side)."""
import re
from collections import namedtuple
from . import ed25519, mldsa
from .canon import b64
from .errors import Refused, need
from .keys import COSIG, ED, decimal, name_ok
from .merkle import EMPTY, MAX_SIZE

Line = namedtuple("Line", "name keyid sig")
Verified = namedtuple("Verified", "key time")         # time is None where the signature names none
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


def subtree_message(name, time, head):
    """What a cosigner of type 0x06 signs, or None where the name or the origin has no place in it."""
    name, origin = name.encode(), head.origin.encode()
    if not (1 <= len(name) <= 255 and 1 <= len(origin) <= 255):
        return None
    u64 = lambda n: n.to_bytes(8, "big")
    return b"subtree/v1\n\0" + bytes([len(name)]) + name + u64(time) + bytes([len(origin)]) + origin \
        + u64(0) + u64(head.size) + head.root


def signed_time(key, sig, text):
    """The time that a good signature by the key over the note text names (0: none), or None of a bad one."""
    if key.type == ED:
        return 0 if len(sig) == 64 and ed25519.verify(key.key, text.encode(), sig) else None
    t = int.from_bytes(sig[:8], "big")
    if len(sig) < 8 or t > 2 ** 63 - 1:
        return None
    if key.type == COSIG:
        good = t >= 1 and len(sig) == 72 and ed25519.verify(key.key, cosignature_message(t, text), sig[8:])
    else:
        try:
            message = subtree_message(key.name, t, parse_head(text))
        except Refused:
            return None
        good = message is not None and mldsa.verify(key.key, message, sig[8:])
    return t if good else None


def verify_note(text, lines, known):
    """[Verified], in the order of the lines."""
    done = []
    for l in lines:
        by = [k for k in known if k.name == l.name and k.keyid == l.keyid]
        if not by:
            continue
        need(len(by) == 1, "E-NOTE-AMBIGUOUS")
        k = by[0]
        if any(v.key == k for v in done):
            continue
        t = signed_time(k, l.sig, text)
        need(t is not None, "E-NOTE-SIGNATURE")
        done.append(Verified(k, t or None))
    need(done, "E-NOTE-UNSIGNED")
    return done


def open_note(data, known):
    text, lines = parse_note(data)
    return text, verify_note(text, lines, known)


def origin_ok(o):
    return 1 <= len(o) <= 255 and re.fullmatch(r"[a-z0-9./:-]+", o) \
        and all(s not in ("", ".", "..") for s in o.split("/"))


def parse_head(text, origin_form=bool):
    """The text of a note (str) -> Checkpoint of any log: its origin may be any line but the empty one, and the root of an
    empty tree is not looked at."""
    parts = text.split("\n")
    need(len(parts) == 4 and parts[3] == "", "E-CHECKPOINT", "three lines")
    origin, size_text, root_text, _ = parts
    need(origin_form(origin), "E-LOG-ORIGIN", origin[:80])
    size = decimal(size_text, MAX_SIZE)
    need(size is not None, "E-CHECKPOINT", "size")
    root = b64(root_text, "E-CHECKPOINT")
    need(len(root) == 32, "E-CHECKPOINT", "root")
    return Checkpoint(origin, size, root)


def parse_checkpoint(text):
    """The text of a note (str) -> Checkpoint."""
    cp = parse_head(text, origin_ok)
    need(cp.size or cp.root == EMPTY, "E-CHECKPOINT", "root")
    return cp


def open_checkpoint(data, origin, known, log_keys):
    """Signed checkpoint of a log; `log_keys` are those of `known` that are log keys, each with the largest tree that it
    may sign, or None. Order: note, checkpoint, origin, log signature."""
    text, verified = open_note(data, known)
    cp = parse_checkpoint(text)
    need(cp.origin == origin, "E-CHECKPOINT-ORIGIN")
    may_sign = {k for k, largest in log_keys.items() if k.name == origin and (largest is None or cp.size <= largest)}
    need(any(v.key in may_sign for v in verified), "E-NOTE-UNSIGNED")
    return cp, verified
