"""Signing with ML-DSA-44, deterministic, for tests: nothing here is done in constant time."""
from .mldsa import (BETA, GAMMA1, GAMMA2, L, OMEGA, add, centred, decompose, inverse_ntt, matrix_times, message_hash,
                    norm, ntt, pack, sample_in_ball, secret_parts, shake256, sub, times, unpack, w1_bytes)


def high(vector):
    return [[decompose(c)[0] for c in p] for p in vector]


def hint_pack(h):                                                                             # algorithm 20
    out, ends = [], []
    for p in h:
        out += [j for j in range(256) if p[j]]
        ends.append(len(out))
    return bytes(out + [0] * (OMEGA - len(out)) + ends)


def sign(seed, message):                                                                      # algorithms 2, 7, 26, 34, 39
    public, matrix, key, s1, s2, t0 = secret_parts(seed)
    mu, kappa = message_hash(public, message), 0
    nonce = shake256(key, bytes(32), mu, size=64)
    scaled = lambda c, vector: [inverse_ntt(times(c, ntt(p))) for p in vector]
    while True:
        y = [[GAMMA1 - v for v in unpack(shake256(nonce, (kappa + i).to_bytes(2, "little"), size=576), 18)] for i in range(L)]
        kappa += L
        w = matrix_times(matrix, y)
        c_hash = shake256(mu, w1_bytes(high(w)), size=32)
        c = ntt(sample_in_ball(c_hash))
        z = [add(*pair) for pair in zip(y, scaled(c, s1))]
        r = [sub(*pair) for pair in zip(w, scaled(c, s2))]
        ct0 = scaled(c, t0)
        low = max(abs(decompose(x)[1]) for p in r for x in p)
        if norm(z) >= GAMMA1 - BETA or low >= GAMMA2 - BETA or norm(ct0) >= GAMMA2:
            continue
        h = [[int(a != b) for a, b in zip(*pair)] for pair in zip(high(r), high([add(*pair) for pair in zip(r, ct0)]))]
        if sum(map(sum, h)) <= OMEGA:
            return c_hash + b"".join(pack([GAMMA1 - centred(v) for v in p], 18) for p in z) + hint_pack(h)
