"""Rows and check codes (FORMAT.md, "Rows", "Check code")."""
from . import canon
from .canon import List, Obj
from .errors import need
from .merkle import leaf, root_of
from .statement import DIGEST, HEX32, INT, TEXT, digest_text

ROW = Obj(("salt", HEX32), ("name", TEXT), ("group?", TEXT), ("quantity?", TEXT), ("fen?", INT), ("note?", TEXT))


def check_rows(root, count, data):
    rows = canon.typed(data, List(ROW))
    need(1 <= len(rows) <= 10_000 and len(rows) == count, "E-ROWS", "count")
    need(digest_text(root_of([leaf(canon.encode(r)) for r in rows])) == root, "E-ROWS", "root")
    return rows


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ISO = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_code(statement_id):
    """Check code of a statement id (`sha256:` and 64 hex digits)."""
    DIGEST.check(statement_id)
    n = int(statement_id[7:], 16) >> 156                       # the first 100 bits
    chars = "".join(_CROCKFORD[n >> 5 * i & 31] for i in range(19, -1, -1))
    p = 36
    for c in chars:
        s = (p + _ISO.index(c)) % 36 or 36
        p = 2 * s % 37
    check = _ISO[(37 - p) % 36]
    return "-".join(chars[i:i + 4] for i in range(0, 20, 4)) + "-" + check
