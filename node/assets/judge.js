// Between the log, the verifier and what this phone remembers: fetches bytes, hands them over, stores the record.

import { keep, recall } from "./memory.js";

export async function text(url) {
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

/**
 * Asks the log for its newest proof of an entry, from what this phone remembers; rejects when a file does not arrive.
 * `verifier` is a promise of it, or of null where it cannot be loaded.
 */
export async function ask(verifier, origin, index) {
  // The record goes along: another tab may have stored a newer one before the answer is judged.
  const record = recall(origin);
  const trust = await text("/api/v1/trust");
  // A first visit need not wait for the verifier.
  const since = record === null ? undefined : (await verifier)?.readRecord("", record).since;
  const query = since === undefined ? "" : `?since=${since}`;
  return { origin, record, trust, bundle: await text(`/api/v1/entries/${index}/bundle${query}`) };
}

/** The verifier's answer on `{origin, record, trust, bundle}`; what it wants remembered is stored. */
export function judge(verifier, files, options) {
  const now = Math.floor(Date.now() / 1000);
  const verify = (more) => verifier.verify(files.bundle, files.trust, files.record ?? "", { now, ...options, ...more });
  const answer = verify({});
  // A phone that can store nothing is told so.
  return answer.keep === undefined || keep(files.origin, files.record, answer.keep) ? answer : verify({ forgetful: true });
}

/** How long a log that looks shorter than before gets to catch up. */
export const catchUp = () => new Promise((done) => setTimeout(done, 3000));
