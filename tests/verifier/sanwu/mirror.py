"""Replays a folder laid out as a tlog-tiles mirror: checkpoint, tile/entries/…

Every entry is checked by position with all signatures, and the root over them is the checkpoint's. With a trust file the
checkpoint is signed by the log's keys and the first entry is the pinned one; without, nothing says whose log it is."""
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
    raise FileNotFoundError(f"missing {exact}")


def replay_folder(folder, trust_data=None):
    """-> {entries, chains, root_ok, error?, hint?, at?}; raises Refused for a broken trust file, OSError for a missing file."""
    folder = pathlib.Path(folder)
    data = (folder / "checkpoint").read_bytes()
    trust = Trust(trust_data) if trust_data is not None else None
    out = {"entries": 0, "chains": 0, "root_ok": False}
    try:
        if trust is not None:
            cp, _ = open_checkpoint(data, trust.origin, trust.known, trust.log_keys)
        else:
            cp = parse_checkpoint(parse_note(data)[0])
    except Refused as e:
        return {**out, "error": e.code, "hint": e.hint}
    log = Log(cp.origin)
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
