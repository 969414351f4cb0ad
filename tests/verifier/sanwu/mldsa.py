"""ML-DSA-44 of FIPS 204, pure, with an empty context: verification, and the public key of a seed. From the standard's own
algorithms (their numbers are beside the functions), as plain as they are there: lists of 256 integers, no care for speed."""
import hashlib
from .errors import need

Q, D, TAU, GAMMA1, GAMMA2, K, L, ETA, BETA, OMEGA = 8380417, 13, 39, 1 << 17, 95232, 4, 4, 2, 78, 80
PUBLIC_BYTES, SIGNATURE_BYTES = 1312, 2420
_BITREV = [int(f"{i:08b}"[::-1], 2) for i in range(256)]
_ZETAS = [pow(1753, i, Q) for i in _BITREV]


def shake256(*parts, size):
    return hashlib.shake_256(b"".join(parts)).digest(size)


def stream(xof):
    """The output of an extendable function, byte by byte."""
    at, size = 0, 1024
    while True:
        out = xof.digest(size)
        yield from out[at:]
        at, size = size, 2 * size


# ------------------------------------------------------------------ polynomials

def ntt(w):                                                                                   # algorithm 41
    w, m, half = list(w), 0, 128
    while half:
        for start in range(0, 256, 2 * half):
            m += 1
            for j in range(start, start + half):
                t = _ZETAS[m] * w[j + half] % Q
                w[j], w[j + half] = (w[j] + t) % Q, (w[j] - t) % Q
        half //= 2
    return w


def inverse_ntt(w):                                                                           # algorithm 42
    w, m, half = list(w), 256, 1
    while half < 256:
        for start in range(0, 256, 2 * half):
            m -= 1
            for j in range(start, start + half):
                t = w[j]
                w[j], w[j + half] = (t + w[j + half]) % Q, -_ZETAS[m] * (t - w[j + half]) % Q
        half *= 2
    return [c * 8347681 % Q for c in w]


def add(a, b):
    return [(x + y) % Q for x, y in zip(a, b)]


def sub(a, b):
    return [(x - y) % Q for x, y in zip(a, b)]


def times(a, b):
    """Product of two transformed polynomials."""
    return [x * y % Q for x, y in zip(a, b)]


def matrix_times(matrix, vector):
    """A∘NTT(v), transformed back."""
    out = []
    hats = [ntt(v) for v in vector]
    for row in matrix:
        total = [0] * 256
        for a, v in zip(row, hats):
            total = add(total, times(a, v))
        out.append(inverse_ntt(total))
    return out


def centred(c):
    """c mod± q."""
    c %= Q
    return c - Q if c > Q // 2 else c


def norm(vector):
    return max(abs(centred(c)) for p in vector for c in p)


# ------------------------------------------------------------------ bytes

def pack(values, bits):                                                                       # algorithms 16, 17
    n = sum(v << (bits * i) for i, v in enumerate(values))
    return n.to_bytes(len(values) * bits // 8, "little")


def unpack(raw, bits):                                                                        # algorithms 18, 19
    n = int.from_bytes(raw, "little")
    return [n >> (bits * i) & ((1 << bits) - 1) for i in range(256)]


def hint_unpack(raw):                                                                         # algorithm 21
    """The hint, or None if it is not spelled as it must be."""
    h, at = [[0] * 256 for _ in range(K)], 0
    for i in range(K):
        end = raw[OMEGA + i]
        if not at <= end <= OMEGA:
            return None
        places = raw[at:end]
        if any(a >= b for a, b in zip(places, places[1:])):
            return None
        for j in places:
            h[i][j] = 1
        at = end
    return None if any(raw[at:OMEGA]) else h


def w1_bytes(w1):                                                                             # algorithm 28
    return b"".join(pack(p, 6) for p in w1)


# ------------------------------------------------------------------ sampling

def sample_in_ball(seed):                                                                     # algorithm 29
    c, out = [0] * 256, stream(hashlib.shake_256(seed))
    signs = int.from_bytes(bytes(next(out) for _ in range(8)), "little")
    for i in range(256 - TAU, 256):
        j = next(x for x in out if x <= i)
        c[i], c[j] = c[j], -1 if signs & 1 else 1
        signs >>= 1
    return c


def expand_a(rho):                                                                            # algorithms 14, 30, 32
    def one(r, s):
        out, p = stream(hashlib.shake_128(rho + bytes([s, r]))), []
        while len(p) < 256:
            z = next(out) | next(out) << 8 | (next(out) & 127) << 16
            if z < Q:
                p.append(z)
        return p
    return [[one(r, s) for s in range(L)] for r in range(K)]


def bounded(seed, number):                                                                    # algorithms 15, 31
    p = []
    for byte in stream(hashlib.shake_256(seed + number.to_bytes(2, "little"))):
        p += [ETA - half % 5 for half in (byte & 15, byte >> 4) if half < 15]
        if len(p) >= 256:
            return p[:256]


# ------------------------------------------------------------------ rounding

def decompose(r):                                                                             # algorithm 36
    r %= Q
    r0 = r % (2 * GAMMA2)
    if r0 > GAMMA2:
        r0 -= 2 * GAMMA2
    return (0, r0 - 1) if r - r0 == Q - 1 else ((r - r0) // (2 * GAMMA2), r0)


def use_hint(hint, r):                                                                        # algorithm 40
    r1, r0 = decompose(r)
    return (r1 + (1 if r0 > 0 else -1)) % 44 if hint else r1


# ------------------------------------------------------------------ keys and signatures

def message_hash(public, message):
    """µ: of the pure variant, with a context of no bytes."""
    return shake256(shake256(public, size=64), b"\0\0", message, size=64)


def verify(public, message, sig):                                                             # algorithms 3, 8, 23, 27
    need(len(public) == PUBLIC_BYTES, "E-KEY")
    if len(sig) != SIGNATURE_BYTES:
        return False
    c_hash, h = sig[:32], hint_unpack(sig[-OMEGA - K:])
    z = [[GAMMA1 - v for v in unpack(sig[32 + 576 * i:608 + 576 * i], 18)] for i in range(L)]
    if h is None or norm(z) >= GAMMA1 - BETA:
        return False
    c = ntt(sample_in_ball(c_hash))
    t1 = [[v << D for v in unpack(public[32 + 320 * i:352 + 320 * i], 10)] for i in range(K)]
    az = matrix_times(expand_a(public[:32]), z)
    w = [sub(a, inverse_ntt(times(c, ntt(t)))) for a, t in zip(az, t1)]
    w1 = [[use_hint(*x) for x in zip(*pair)] for pair in zip(h, w)]
    return shake256(message_hash(public, message), w1_bytes(w1), size=32) == c_hash


def secret_parts(seed):                                                                       # algorithms 6, 33, 35
    """-> (public key, matrix, K, s1, s2, t0)."""
    out = shake256(seed, bytes([K, L]), size=128)
    rho, rest, key = out[:32], out[32:96], out[96:]
    matrix, s1 = expand_a(rho), [bounded(rest, i) for i in range(L)]
    s2 = [bounded(rest, L + i) for i in range(K)]
    t = [add(a, s) for a, s in zip(matrix_times(matrix, s1), s2)]
    t1 = [[(c + (1 << D - 1) - 1) >> D for c in p] for p in t]
    t0 = [[c - (c1 << D) for c, c1 in zip(*pair)] for pair in zip(t, t1)]
    return rho + b"".join(pack(p, 10) for p in t1), matrix, key, s1, s2, t0


def public_key(seed):
    return secret_parts(seed)[0]
