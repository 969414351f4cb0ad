#!/usr/bin/env python3
"""Command line of the independent verifier; see FORMAT.md.

  sanwu_verify.py vectors DIR
  sanwu_verify.py bundle BUNDLE.json [--trust TRUST.json] [--now SECONDS]
  sanwu_verify.py replay DIR [--trust TRUST.json]
Exit codes: 0 ok or ok_superseded, 3 mismatch, 6 partial or cannot, 9 broken input; of `vectors` 1 if a case differs.
"""
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from sanwu import bundle, mirror, vectors          # noqa: E402
from sanwu.errors import UNDECIDED, Refused         # noqa: E402

EXIT = {"ok": 0, "ok_superseded": 0, "mismatch": 3, "partial": 6, "cannot": 6}


def show(value):
    print(json.dumps(value, ensure_ascii=False, indent=2))


def main(args):
    trust = now = None
    try:
        if len(args) > 3 and args[-2] == "--now" and args[0] == "bundle" and args[-1].isdecimal():
            now = int(args[-1])
            args = args[:-2]
        if len(args) == 4 and args[2] == "--trust" and args[0] in ("bundle", "replay"):
            trust = pathlib.Path(args[3]).read_bytes()
            args = args[:2]
        if len(args) != 2 or args[0] not in ("vectors", "bundle", "replay"):
            print(__doc__.strip(), file=sys.stderr)
            return 9
        if args[0] == "vectors":
            return vectors.run(args[1])
        if args[0] == "bundle":
            verdict = bundle.verify_bundle(pathlib.Path(args[1]).read_bytes(), trust, now=now)
            show(verdict)
            return EXIT[verdict["state"]]
        out = mirror.replay_folder(args[1], trust)
        show(out)
        if "error" not in out:
            return 0
        return EXIT["cannot"] if out["error"] in UNDECIDED else EXIT["mismatch"]
    except Refused as e:
        show({"error": e.code, "hint": e.hint})
        return 9
    except OSError as e:
        show({"error": str(e)})
        return 9


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
