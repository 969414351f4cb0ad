"""Compares two folders of vectors with their shared texts put back: python3 same_vectors.py OLD NEW

Says of a change that only rewrites the files that no input and no answer has changed.
"""
import json, pathlib, re, sys
MARK = re.compile(r"<([0-9]+)>")
def expand(x, t):
    if isinstance(x, str): return MARK.sub(lambda m: t[int(m[1])], x) if t else x
    if isinstance(x, list): return [expand(i, t) for i in x]
    if isinstance(x, dict): return {k: expand(v, t) for k, v in x.items()}
    return x
def cases(p):
    f = json.loads(p.read_text("utf-8"))
    return [{**c, "input": expand(c["input"], f.get("entries"))} for c in f["cases"]]
old, new = map(pathlib.Path, sys.argv[1:3])
names = sorted({str(p.relative_to(d)) for d in (old, new) for p in d.rglob("*.json")})
bad = n = 0
for name in names:
    a, b = (cases(d / name) if (d / name).exists() else None for d in (old, new))
    n += len(a or [])
    if json.dumps(a) != json.dumps(b): bad += 1; print("differs:", name)
print(f"{len(names)} files, {n} cases, {bad} files differ")
sys.exit(bad > 0)
