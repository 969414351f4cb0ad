// Judging a bundle: what the verifier says of it, and what this phone remembers of the log.

import { contradiction, recall, remember } from "./memory.js";
import { evidenceOf } from "./verdict.js";

export async function text(url) {
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

/** What the log says now of an entry to a phone that remembers it; rejects when a file does not arrive. */
export async function ask(index) {
  const trust = await text("/api/v1/trust");
  const kept = recall(JSON.parse(trust).origin);
  const since = kept ? `?since=${kept.size}` : "";
  // What was remembered goes along: another tab may remember more before the answer is judged.
  return { trust, kept, bundle: await text(`/api/v1/entries/${index}/bundle${since}`) };
}

/**
 * `{error}` when a file is broken, else `{verdict, story, bundle, kept, evidence, astray, shrunk, other}`. `astray`: not of
 * the entry `index` that was asked for. `shrunk`: the tree is smaller than the one remembered. `other`: "genesis" or
 * "chain" where it is not the log that is remembered. `file` says that the bundle was not asked of the log just now, so
 * it may be of any time; `notKept` is said of a first visit to a phone that lets nothing be remembered.
 */
export function judge(verifier, files, { lang, index, file, notKept }) {
  const trust = JSON.parse(files.trust);
  const kept = files.kept === undefined ? recall(trust.origin) : files.kept;
  const options = { lang, now: Math.floor(Date.now() / 1000) };
  if (kept) options.remembered = { size: kept.size, root: kept.root };
  if (file) options.file = true;
  const answer = verifier.verify(files.bundle, files.trust, options);
  if (answer.error) return answer;
  const { verdict } = answer;
  const bundle = JSON.parse(files.bundle);
  const astray = index !== undefined && verdict.index !== index;
  const shrunk = !file && kept !== null && Number.isSafeInteger(verdict.size) && verdict.size < kept.size;
  const fine = verdict.state === "ok" || verdict.state === "ok_superseded";
  const other = fine || verdict.state === "partial" ? contradiction(kept, bundle, trust, verdict.chain) : null;
  // What could not be compared must not replace what it would have been compared with.
  const compared = verdict.checks.some((c) => c.code === "client.consistency" && (c.state === "ok" || c.state === "first_seen"));
  const keep = fine && compared && !astray && !shrunk && !other;
  if (keep && !remember(trust.origin, bundle, trust, verdict.chain)) {
    const first = answer.story.steps.find((step) => step.state === "first_seen");
    if (first) first.detail = notKept;
  }
  return { ...answer, bundle, kept, astray, shrunk, other, evidence: evidenceOf(verdict, bundle, trust, kept) };
}

/** The sentence about a log that is not the one remembered, or null. */
export function changed(words, { verdict, kept, shrunk, other }) {
  if (shrunk) return words.logShrunk.replace("{before}", kept.size).replace("{now}", verdict.size);
  if (other) return other === "genesis" ? words.trustChanged : words.logChanged;
  return null;
}
