// The record page: fetches the proofs of this notice and lets the verifier judge them, without a click.

import { lacking, load } from "./verifier.js";
import { ask, catchUp, judge } from "./judge.js";
import { show, showCannot, showWait } from "./verdict.js";

const strip = document.getElementById("verdict");

async function check(again = false) {
  const words = strip.dataset;
  if (!words.verifier) return showCannot(strip, words.notBuiltIn);
  if (lacking()) return showCannot(strip, words.cannotOld);
  showWait(strip);

  const loading = load(words.verifier, words.verifierSri).catch(() => null);
  let files;
  try {
    files = await ask(loading, words.origin, words.index);
  } catch {
    // A file that did not arrive says nothing about the books.
    return showCannot(strip, words.cannotFetch);
  }
  const verifier = await loading;
  if (!verifier) return showCannot(strip, words.cannotOld);

  const answer = judge(verifier, files, { lang: words.lang, entry: Number(words.index) });
  if (answer.again && !again) return catchUp().then(() => check(true));
  const [notice] = answer.notices ?? [answer];
  if (notice.error) return showCannot(strip, `${words.cannotContainer} (${notice.error.code})`);
  show(strip, notice);
}

check().catch(() => showCannot(strip, strip.dataset.cannotOld));
