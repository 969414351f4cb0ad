"""RFC 6962 trees (FORMAT.md, "Merkle tree")."""
import hashlib
from .errors import need

MAX_SIZE = 2 ** 63 - 1


def sha256(x):
    return hashlib.sha256(x).digest()


EMPTY = sha256(b"")


def leaf(x):
    return sha256(b"\x00" + x)


def node(l, r):
    return sha256(b"\x01" + l + r)


class Tree:
    """Append-only tree; root(n) for every size reached so far in O(1) after append."""
    def __init__(self):
        self.stack = []            # (height, hash) of the full subtrees, left to right
        self.roots = [EMPTY]

    def append(self, leaf_hash):
        h, x = 0, leaf_hash
        while self.stack and self.stack[-1][0] == h:
            x = node(self.stack.pop()[1], x)
            h += 1
        self.stack.append((h, x))
        r = self.stack[-1][1]
        for _, y in reversed(self.stack[:-1]):
            r = node(y, r)
        self.roots.append(r)

    @property
    def size(self):
        return len(self.roots) - 1

    @property
    def root(self):
        return self.roots[-1]


def root_of(leaf_hashes):
    t = Tree()
    for h in leaf_hashes:
        t.append(h)
    return t.root


def inclusion(h, i, n, r, proof):
    """Raises unless leaf hash h is at index i of the tree (n, r)."""
    need(0 <= i < n <= MAX_SIZE, "E-TREE-RANGE")
    need(len(proof) <= 63, "E-INCLUSION")
    f, s, x = i, n - 1, h
    for q in proof:
        need(s != 0, "E-INCLUSION")
        if f & 1 or f == s:
            x = node(q, x)
            while not f & 1 and f:
                f >>= 1
                s >>= 1
        else:
            x = node(x, q)
        f >>= 1
        s >>= 1
    need(s == 0 and x == r, "E-INCLUSION")


def consistency(m, a, n, b, proof):
    """Raises unless the tree (m, a) is a prefix of the tree (n, b)."""
    need(0 <= m <= n <= MAX_SIZE, "E-TREE-RANGE")
    code = "E-CONSISTENCY"
    if m == n:
        need(not proof and a == b and (m or a == EMPTY), code)
        return
    if m == 0:
        need(not proof and a == EMPTY, code)
        return
    need(proof and len(proof) <= 63, code)
    if m & (m - 1) == 0:
        x = y = a
        rest = proof
    else:
        x = y = proof[0]
        rest = proof[1:]
    f, s = m - 1, n - 1
    while f & 1:
        f >>= 1
        s >>= 1
    for q in rest:
        need(s != 0, code)
        if f & 1 or f == s:
            x, y = node(q, x), node(q, y)
            while not f & 1 and f:
                f >>= 1
                s >>= 1
        else:
            y = node(y, q)
        f >>= 1
        s >>= 1
    need(s == 0 and x == a and y == b, code)


def inclusion_proof(leaf_hashes, i):
    """For the self-tests: the proof of leaf i, sibling first."""
    n = len(leaf_hashes)
    if n <= 1:
        return []
    k = 1 << ((n - 1).bit_length() - 1)
    if i < k:
        return inclusion_proof(leaf_hashes[:k], i) + [root_of(leaf_hashes[k:])]
    return inclusion_proof(leaf_hashes[k:], i - k) + [root_of(leaf_hashes[:k])]


def consistency_proof(leaf_hashes, m):
    """For the self-tests: RFC 6962 PROOF(m, D[n])."""
    def sub(m, d, whole):
        n = len(d)
        if m == n:
            return [] if whole else [root_of(d)]
        k = 1 << ((n - 1).bit_length() - 1)
        if m <= k:
            return sub(m, d[:k], whole) + [root_of(d[k:])]
        return sub(m - k, d[k:], False) + [root_of(d[:k])]
    return sub(m, leaf_hashes, True) if 0 < m < len(leaf_hashes) else []
