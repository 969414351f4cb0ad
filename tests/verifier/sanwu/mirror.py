"""Replays a folder laid out as a tlog-tiles mirror: checkpoint, tile/entries/…"""
import pathlib
from . import tiles
from .bundle import Trust
from .chain import Log
from .errors import Refused, need
from .note import open_checkpoint, parse_checkpoint, parse_note


def _bundle_file(folder, index, width):
    """Entries of bundle `index`, from the exact file or from any wider one."""
    exact = folder / tiles.path("entries", index, width)
    names = [(exact, width)]
    base = folder / tiles.path("entries", index)
    names.append((base, 256))
    names += sorted(((p, int(p.name)) for p in (base.parent / (base.name + ".p")).glob("*") if p.name.isdigit()
                     and width <= int(p.name) <= 255), key=lambda x: x[1])
    for path, w in names:
        if path.is_file():
            return tiles.parse_bundle(path.read_bytes(), w)[:width]
    raise Refused("E-ENTRY-BUNDLE", f"missing {exact}")


def replay_folder(folder, trust_data=None):
    folder = pathlib.Path(folder)
    data = (folder / "checkpoint").read_bytes()
    if trust_data is not None:
        trust = Trust(trust_data)
        cp, _ = open_checkpoint(data, trust.origin, trust.known(), trust.log_keys)
    else:
        trust = None
        cp = parse_checkpoint(parse_note(data)[0])
    log = Log(cp.origin)
    out = {"entries": 0, "chains": 0, "root_ok": False}
    try:
        for n in range((cp.size + 255) // 256):
            for raw in _bundle_file(folder, n, tiles.tile_width("entries", cp.size, n)):
                e = log.append(raw)
                if log.tree.size == 1 and trust is not None:
                    need(e.id == trust.genesis, "E-OTHER-LOG", "genesis")
        out["root_ok"] = log.tree.size == cp.size and log.tree.root == cp.root
        if not out["root_ok"]:
            out["error"] = "E-CONSISTENCY"
    except Refused as e:
        out.update(error=e.code, hint=e.hint, at=log.tree.size)
    out["entries"], out["chains"] = log.tree.size, len(log.chains)
    return out
