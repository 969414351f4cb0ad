"""Signature check and the rules of *Signers* (shared by chain replay and bundle verification)."""
from .errors import Refused, need
from .keys import verify_entry_signature
from .statement import governing_item, keyid_of, required_roles


def check_signatures(entry, keys):
    """The signatures are those of the listed signers, each valid, in the order of the list; `keys` is
    {keyid: suite ‖ raw}, and the keys in the entry's own control are known as well."""
    need([k for k, _ in entry.sigs] == [s["keyid"] for s in entry.st["signers"]], "E-SIGNATURE-SET")
    known = {**keys, **entry.control_keys()}
    for keyid, sig in entry.sigs:
        need(keyid in known, "E-KEY-UNKNOWN", keyid)
        verify_entry_signature(known[keyid], entry.message, sig)


def all_signatures_hold(entry, keys):
    """Of an entry whose statement cannot be read: there is a signature, and all of them hold."""
    try:
        for keyid, sig in entry.sigs:
            need(keyid in keys, "E-KEY-UNKNOWN")
            verify_entry_signature(keys[keyid], entry.message, sig)
    except Refused:
        return False
    return bool(entry.sigs)


def granted_key(entry):
    """Key id of the key granted by a grant, else None."""
    return keyid_of(entry.control["key"]) if entry.kind == "grant" else None


def check_signers(entry, ring, unit, threshold, catalogue, profile):
    """FORMAT.md, "Signers". `ring` is {keyid: {roles, scope?, holder}}; `unit`, `threshold` may be None."""
    st, kind, control = entry.st, entry.kind, entry.control
    in_root = st["chain"] == "root"
    granted = granted_key(entry)
    signers = [s for s in st["signers"] if s["keyid"] != granted]
    if kind == "chain_genesis":
        unit = control["unit"]
    for s in signers:
        k = ring[s["keyid"]]
        need(set(s["roles"]) <= set(k["roles"]), "E-ROLE-UNGRANTED")
        if unit is not None and "scope" in k:
            need(unit.startswith(k["scope"]), "E-KEY-SCOPE")

    def holders(role):
        return {ring[s["keyid"]]["holder"] for s in signers if role in s["roles"]}

    def root_threshold():
        need(threshold is not None and threshold >= 1 and len(holders("root")) >= threshold, "E-THRESHOLD")

    def authority():
        need(holders("authority"), "E-ROLE-MISSING", "authority")

    def second_voice():
        need(holders("election_committee") or holders("supervision_chair") or len(holders("authority")) >= 2,
             "E-ROLE-MISSING", "second voice")

    if kind in ("log_genesis", "log_key", "catalogue"):
        root_threshold()
    elif kind in ("chain_genesis", "profile", "rules"):
        authority()
    elif kind == "grant":
        mine = [s for s in st["signers"] if s["keyid"] == granted]
        need(mine and mine[0]["roles"] == control["roles"], "E-POSSESSION")
        if in_root:
            root_threshold()
        else:
            authority()
            if "supervision_chair" in control["roles"]:
                second_voice()
    elif kind == "revoke":
        alone = len(control["keys"]) == 1 and [s["keyid"] for s in signers] == control["keys"]
        if not alone and in_root:
            root_threshold()
        elif not alone:
            authority()
            if any("supervision_chair" in ring[k]["roles"] for k in control["keys"] if k in ring):
                second_voice()
    else:
        item = governing_item(catalogue, entry.effective_kind, st.get("code")) if catalogue else None
        need(item is not None, "E-ITEM")
        required = required_roles(item, profile) | ({"authority", "supervision_chair"} if kind == "erasure" else set())
        for role in sorted(required):
            need(holders(role), "E-ROLE-MISSING", role)
        for s in signers:
            if "supervision_chair" in s["roles"]:
                need(s["roles"] == ["supervision_chair"], "E-HOLDER")
                mine = ring[s["keyid"]]["holder"]
                need(all(o is s or ring[o["keyid"]]["holder"] != mine for o in signers), "E-HOLDER")
