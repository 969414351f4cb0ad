// The page for a notice that is not there. A phone that has seen a longer log knows better than to call it mistyped.

import { lacking, load } from "./verifier.js";
import { ask, catchUp, judge } from "./judge.js";
import { recall } from "./memory.js";
import { show } from "./verdict.js";

const strip = document.getElementById("verdict");
const words = strip.dataset;

/** What the verifier makes of the answer that there is no such entry, with the log's first entry as it is proved now. */
async function absent(loading) {
  const { origin } = words;
  const verifier = await loading;
  const nothing = { origin, record: recall(origin), trust: "", bundle: "" };
  const files = await ask(loading, origin, 0).catch(() => nothing);
  return judge(verifier, files, { lang: words.lang, absent: Number(words.index) });
}

async function check() {
  // Without a memory there is nothing to compare: the number may well be mistyped.
  if (recall(words.origin) === null || !words.verifier || lacking()) return;
  const loading = load(words.verifier, words.verifierSri);
  let answer = await absent(loading);
  if (answer.again) {
    await catchUp();
    const status = await fetch(location.href, { cache: "no-store" }).then((response) => response.status, () => 0);
    if (status === 200) return location.reload();
    // A site that is away takes nothing back.
    if (status !== 404) return;
    answer = await absent(loading);
  }
  const [notice] = answer.notices ?? [];
  if (!notice?.text) return;
  show(strip, notice);
  document.getElementById("mistyped").hidden = true;
}

check().catch(() => {});
