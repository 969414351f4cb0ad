"""Requests to a witness (FORMAT.md, "Witness requests")."""
from . import merkle
from .canon import b64
from .errors import Refused, need
from .keys import decimal
from .note import parse_head, parse_note, verify_note

MAX_BYTES = 16_384


class Answered(Exception):
    """A check that failed: the status and the code of the answer."""
    def __init__(self, status, code):
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class checking:
    """Inside of it a refusal is the answer `status`."""
    def __init__(self, status):
        self.status = status

    def __enter__(self):
        pass

    def __exit__(self, kind, error, trace):
        if isinstance(error, Refused):
            raise Answered(self.status, error.code) from None


def parse_request(data):
    """bytes -> (old size, [hash], bytes of the signed checkpoint)."""
    bad = "E-WITNESS-REQUEST"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(bad, "UTF-8") from None
    head, sep, rest = text.partition("\n\n")
    need(sep, bad, "no empty line")
    first, *lines = head.split("\n")
    need(first.startswith("old "), bad, "old")
    old = decimal(first[4:])
    need(old is not None, bad, "old")
    proof = [b64(h, bad) for h in lines]
    need(all(len(h) == 32 for h in proof), bad, "hash")
    need(len(proof) <= 63, bad, "proof")
    return old, proof, rest.encode()


def judge(data, logs, recorded_size, recorded_root):
    """The head to be cosigned; `logs` is {origin: [key]}. Raises Answered."""
    with checking(413):
        need(len(data) <= MAX_BYTES, "E-LENGTH")
    with checking(400):
        old, proof, signed = parse_request(data)
        text, lines = parse_note(signed)
        head = parse_head(text)
    with checking(404):
        need(head.origin in logs, "E-LOG-UNKNOWN")
    with checking(403):
        verify_note(text, lines, logs[head.origin])
    with checking(400):
        need(old <= head.size, "E-TREE-RANGE")
    with checking(409):
        need(old == recorded_size, "E-WITNESS-SIZE")
    with checking(422):
        need(head.size or head.root == merkle.EMPTY, "E-CHECKPOINT")
        need(not (old == head.size and not proof and head.root != recorded_root), "E-LOG-FORK")
        merkle.consistency(old, recorded_root, head.size, head.root, proof)
    return head
