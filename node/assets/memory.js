// What this phone remembers of a log: the newest tree it has checked, the log's first entry, and where each
// village's chain was opened. A bonus: when it is gone or refused, checking goes on as on a first visit.

const key = (origin) => `sanwu.log.${origin}`;

/** `{size, root, genesis, chains}` or null; `chains` is a Map, as a chain may be named like a part of any object. */
export function recall(origin) {
  try {
    const kept = JSON.parse(localStorage.getItem(key(origin)));
    const whole = kept && Number.isSafeInteger(kept.size) && kept.size > 0 && /^sha256:[0-9a-f]{64}$/.test(kept.root);
    return whole ? { ...kept, chains: new Map(Object.entries(kept.chains ?? {})) } : null;
  } catch {
    return null;
  }
}

/** Remembers a log after a bundle of it has verified and has been compared with what was remembered; whether it could. */
export function remember(origin, bundle, trust, chain) {
  try {
    const head = checkpoint(bundle);
    const before = recall(origin);
    const chains = before?.chains ?? new Map();
    const opened = opening(bundle, chain);
    if (opened !== null) chains.set(chain, opened);
    // An older proof must not make the phone forget what it saw since.
    const newest = before && before.size > head.size ? { size: before.size, root: before.root } : head;
    const kept = { ...newest, genesis: trust.genesis, chains: Object.fromEntries(chains) };
    localStorage.setItem(key(origin), JSON.stringify(kept));
    return true;
  } catch {
    // Private browsing, or storage full.
    return false;
  }
}

/** What contradicts the memory: "genesis", "chain" or null. */
export function contradiction(kept, bundle, trust, chain) {
  if (!kept) return null;
  if (kept.genesis && trust.genesis && kept.genesis !== trust.genesis) return "genesis";
  const opened = opening(bundle, chain);
  return kept.chains.has(chain) && opened !== null && kept.chains.get(chain) !== opened ? "chain" : null;
}

/** Size and root in a bundle's checkpoint; call it only after the bundle has verified. */
function checkpoint(bundle) {
  const [, size, root] = atob(bundle.checkpoint).split("\n");
  const hex = [...atob(root)].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return { size: Number(size), root: `sha256:${hex}` };
}

/** The index of the entry that opened a chain. Two different entries at one index have different roots. */
function opening(bundle, chain) {
  const found = bundle.grants.find((proved) => {
    const statement = JSON.parse(atob(JSON.parse(atob(proved.entry)).payload));
    return statement.kind === "chain_genesis" && statement.chain === chain;
  });
  return found ? found.index : null;
}
