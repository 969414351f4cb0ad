// The record page: fetches the proofs of this notice and lets the verifier judge them, without a click.

import { lacking, load } from "./verifier.js";
import { contradiction, recall, remember } from "./memory.js";
import { evidenceOf, show, showCannot, showOther, showWait } from "./verdict.js";

const strip = document.getElementById("verdict");

async function text(url) {
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

/** How long a log that looks shorter than before gets to catch up, milliseconds. */
const CATCH_UP = 3000;

async function check(again = false) {
  const words = strip.dataset;
  if (!words.verifier) return showCannot(strip, words.notBuiltIn);
  if (lacking()) return showCannot(strip, words.cannotOld);
  showWait(strip);

  let verifier;
  const loading = load(words.verifier, words.verifierSri).then((v) => { verifier = v; }, () => {});
  let trustText, bundleText, trust, bundle, kept;
  try {
    trustText = await text("/api/v1/trust");
    trust = JSON.parse(trustText);
    kept = recall(trust.origin);
    const since = kept ? `?since=${kept.size}` : "";
    bundleText = await text(`/api/v1/entries/${words.index}/bundle${since}`);
  } catch {
    // A file that did not arrive says nothing about the books.
    return showCannot(strip, words.cannotFetch);
  }
  await loading;
  if (!verifier) return showCannot(strip, words.cannotOld);

  const options = { lang: words.lang, now: Math.floor(Date.now() / 1000) };
  if (kept) options.remembered = { size: kept.size, root: kept.root };
  const answer = verifier.verify(bundleText, trustText, options);
  if (answer.error) return showCannot(strip, `${words.cannotContainer} (${answer.error.code})`);
  try {
    bundle = JSON.parse(bundleText);
  } catch {
    return showCannot(strip, words.cannotContainer);
  }
  const { verdict } = answer;
  const evidence = evidenceOf(verdict, bundle, trust);
  // The proofs must be of the notice on this page, not of another one that is in order.
  if (verdict.index !== Number(words.index)) return showOther(strip, words.otherNotice, answer, evidence);
  // Only the log's own newest state is asked for here, so an older one means that it has lost entries.
  if (kept && Number.isSafeInteger(verdict.size) && verdict.size < kept.size) {
    if (!again) return new Promise((done) => setTimeout(done, CATCH_UP)).then(() => check(true));
    const sentence = words.logShrunk.replace("{before}", kept.size).replace("{now}", verdict.size);
    return showOther(strip, sentence, answer, evidence);
  }
  const good = verdict.state === "ok" || verdict.state === "ok_superseded" || verdict.state === "partial";
  const changed = good ? contradiction(kept, bundle, trust, verdict.chain) : null;
  if (changed) return showOther(strip, changed === "genesis" ? words.trustChanged : words.logChanged, answer, evidence);
  if (good && verdict.state !== "partial") remember(trust.origin, bundle, trust, verdict.chain);
  show(strip, answer, evidence);
}

check().catch(() => showCannot(strip, strip.dataset.cannotOld));
