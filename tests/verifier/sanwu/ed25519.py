"""Ed25519 with exactly the predicate of FORMAT.md (cofactorless, strict decoding, no small order)."""
import hashlib
from functools import lru_cache
from .errors import need

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
D2 = 2 * D % P
I = pow(2, (P - 1) // 4, P)
IDENT = (0, 1, 1, 0)          # extended coordinates (X, Y, Z, T), x = X/Z, y = Y/Z, xy = T/Z


def add(p, q):
    """Complete addition on -x^2 + y^2 = 1 + d x^2 y^2 (works for all pairs of points)."""
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = t1 * D2 % P * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p):
    x, y, z, _ = p
    a = x * x % P
    b = y * y % P
    c = 2 * z * z
    h = a + b
    e = h - (x + y) * (x + y)
    g = a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def neg(p):
    x, y, z, t = p
    return -x % P, y, z, -t % P


def encode(p):
    x, y, z, _ = p
    zi = pow(z, -1, P)
    x, y = x * zi % P, y * zi % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(raw):
    """Point of 32 bytes, or None."""
    n = int.from_bytes(raw, "little")
    s, y = n >> 255, n & (2 ** 255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    xx = u * pow(v, -1, P) % P
    if xx == 0:
        return None if s else (0, y, 1, 0)
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * I % P
        if (x * x - xx) % P:
            return None
    if x & 1 != s:
        x = P - x
    return x, y, 1, x * y % P


def small_order(p):
    x, y, z, _ = double(double(double(p)))
    return x % P == 0 and (y - z) % P == 0


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def _odd_multiples(p, count):
    """[1]P, [3]P, [5]P, ..."""
    out, twice = [p], double(p)
    for _ in range(count - 1):
        out.append(add(out[-1], twice))
    return out


def _wnaf(k, width):
    """Signed odd digits of the integer k (no reduction), least significant first, as {position: digit}."""
    out, pos, full = {}, 0, 1 << width
    while k:
        if k & 1:
            d = k & (full - 1)
            if d >= full >> 1:
                d -= full
            out[pos] = d
            k -= d
        k >>= 1
        pos += 1
    return out


_BW, _AW = 8, 5
_BTAB = _odd_multiples(BASE, 1 << (_BW - 2))


@lru_cache(maxsize=4096)
def _key(raw):
    """None for a key that is not accepted, else the odd multiples of -A."""
    if len(raw) != 32:
        return None
    a = decode(raw)
    if a is None or small_order(a):
        return None
    return _odd_multiples(neg(a), 1 << (_AW - 2))


def key_ok(raw):
    return _key(bytes(raw)) is not None


def _combine(s, k, table):
    """[s]B + [k]T by interleaved signed windows."""
    sd, kd = _wnaf(s, _BW), _wnaf(k, _AW)
    r = IDENT
    for i in range(max(max(sd, default=-1), max(kd, default=-1)), -1, -1):
        r = double(r)
        d = sd.get(i)
        if d:
            r = add(r, _BTAB[d >> 1] if d > 0 else neg(_BTAB[-d >> 1]))
        d = kd.get(i)
        if d:
            r = add(r, table[d >> 1] if d > 0 else neg(table[-d >> 1]))
    return r


def verify(key, message, sig):
    """True or False; raises E-KEY for a key that is not accepted."""
    table = _key(bytes(key))
    need(table is not None, "E-KEY")
    sig = bytes(sig)
    if len(sig) != 64:
        return False
    r, s = sig[:32], int.from_bytes(sig[32:], "little")
    if s >= L:
        return False
    point = decode(r)
    if point is None or small_order(point):
        return False
    k = int.from_bytes(hashlib.sha512(r + bytes(key) + message).digest(), "little") % L
    return encode(_combine(s, k, table)) == r


# ---------------------------------------------------------------- signing, for the self-tests only

def _secret(seed):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    return a, h[32:]


def _mul_base(s):
    return _combine(s, 0, _BTAB)


def public_key(seed):
    return encode(_mul_base(_secret(seed)[0]))


def sign(seed, message):
    a, prefix = _secret(seed)
    pub = encode(_mul_base(a))
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    big_r = encode(_mul_base(r))
    k = int.from_bytes(hashlib.sha512(big_r + pub + message).digest(), "little") % L
    return big_r + ((r + k * a) % L).to_bytes(32, "little")
