"""Tile paths and entry bundles (FORMAT.md, "Tiles and entry bundles")."""
import re
from .errors import need

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.A)


def parse_path(path):
    """-> (level or "entries", index, width); width is 256 for a full tile."""
    m = _PATH.fullmatch(path)
    need(m, "E-TILE")
    level = m[1] if m[1] == "entries" else int(m[1])
    need(level == "entries" or level <= 63, "E-TILE")
    groups = m[2].replace("x", "").split("/")
    need(len(groups) == 1 or groups[0] != "000", "E-TILE", "too many groups")
    need(len(groups) <= 7, "E-TILE")
    index = int("".join(groups))
    need(index < 2 ** 64, "E-TILE")
    width = int(m[3]) if m[3] else 256
    need(not m[3] or width <= 255, "E-TILE")
    return level, index, width


def path(level, index, width=256):
    need((level == "entries" or 0 <= level <= 63) and 0 <= index < 2 ** 64 and 1 <= width <= 256, "E-TILE")
    groups = [f"{index % 1000:03d}"]
    index //= 1000
    while index:
        groups.insert(0, f"x{index % 1000:03d}")
        index //= 1000
    return f"tile/{level}/" + "/".join(groups) + (f".p/{width}" if width < 256 else "")


def tile_width(level, size, index):
    """Width of tile `index` at that tree size, 0 if it does not exist."""
    e = size if level == "entries" else size >> (8 * level)
    return max(0, min(256, e - 256 * index))


def growth(old, new):
    """Paths of the hash tiles that are new or wider at `new` than at `old`, lowest level first."""
    out = []
    for level in range(64):
        last = ((new >> 8 * level) + 255) // 256
        for index in range((old >> 8 * level) // 256, last):
            width = tile_width(level, new, index)
            if width > tile_width(level, old, index):
                out.append(path(level, index, width))
    return out


def parse_bundle(data, width=None):
    """Entry bundle -> [entry]; with `width`, exactly so many."""
    out, i = [], 0
    while i < len(data):
        need(i + 2 <= len(data), "E-ENTRY-BUNDLE")
        n = int.from_bytes(data[i:i + 2], "big")
        need(i + 2 + n <= len(data), "E-ENTRY-BUNDLE")
        out.append(bytes(data[i + 2:i + 2 + n]))
        i += 2 + n
    need(width is None or len(out) == width, "E-ENTRY-BUNDLE")
    return out
