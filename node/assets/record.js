// The record page: fetches the proofs of this notice and lets the verifier judge them, without a click.

import { lacking, load } from "./verifier.js";
import { ask, changed, judge } from "./judge.js";
import { show, showCannot, showOtherLog, showOtherNotice, showWait } from "./verdict.js";

const strip = document.getElementById("verdict");

/** How long a log that looks shorter than before gets to catch up, milliseconds. */
const CATCH_UP = 3000;

async function check(again = false) {
  const words = strip.dataset;
  if (!words.verifier) return showCannot(strip, words.notBuiltIn);
  if (lacking()) return showCannot(strip, words.cannotOld);
  showWait(strip);

  let verifier, files;
  const loading = load(words.verifier, words.verifierSri).then((v) => { verifier = v; }, () => {});
  try {
    files = await ask(words.index);
  } catch {
    // A file that did not arrive says nothing about the books.
    return showCannot(strip, words.cannotFetch);
  }
  await loading;
  if (!verifier) return showCannot(strip, words.cannotOld);

  const judged = judge(verifier, files, { ...words, index: Number(words.index) });
  if (judged.error) return showCannot(strip, `${words.cannotContainer} (${judged.error.code})`);
  // The proofs must be of the notice on this page, not of another one that is in order.
  if (judged.astray) return showOtherNotice(strip, judged);
  // Only the log's own newest state is asked for here, so an older one means that it has lost entries.
  if (judged.shrunk && !again) return new Promise((done) => setTimeout(done, CATCH_UP)).then(() => check(true));
  const sentence = changed(words, judged);
  if (sentence) return showOtherLog(strip, sentence, judged);
  show(strip, judged);
}

check().catch(() => showCannot(strip, strip.dataset.cannotOld));
