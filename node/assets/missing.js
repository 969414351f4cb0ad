// The page for a notice that is not there. A phone that has seen a longer log knows better than to call it mistyped.

import { lacking, load } from "./verifier.js";
import { ask, changed, judge } from "./judge.js";
import { recall } from "./memory.js";
import { showAlone } from "./verdict.js";

const strip = document.getElementById("verdict");
const words = strip.dataset;

/** How long a log that looks shorter than before gets to catch up, milliseconds. */
const CATCH_UP = 3000;

/** What the log's first entry proves about the log as it is now; null when that cannot be found out. */
async function now() {
  try {
    const [verifier, files] = await Promise.all([load(words.verifier, words.verifierSri), ask(0)]);
    const judged = judge(verifier, files, { ...words, index: 0 });
    return judged.error ? null : judged;
  } catch {
    return null;
  }
}

async function check() {
  const kept = recall(words.origin);
  // Without a memory there is nothing to compare: the number may well be mistyped.
  if (!kept) return;
  const wasThere = kept.size > Number(words.index);
  const able = words.verifier && !lacking();
  let log = able ? await now() : null;
  if (wasThere || log?.shrunk) {
    await new Promise((done) => setTimeout(done, CATCH_UP));
    const status = await fetch(location.href, { cache: "no-store" }).then((response) => response.status, () => 0);
    if (status === 200) return location.reload();
    // A site that is away takes nothing back.
    if (status !== 404) return;
    log = able ? await now() : null;
  }
  const sentence = (log && against(log)) || (wasThere && words.recordGone.replace("{before}", kept.size).replace("{index}", words.index));
  if (!sentence) return;
  const bare = [new Date().toISOString(), location.href, `${words.origin} #${words.index} 404`, `remembered ${kept.size} ${kept.root}`];
  showAlone(strip, sentence, words.ledgerAdvice, log?.evidence ?? bare.join("\n"));
  document.getElementById("mistyped").hidden = true;
}

/** The sentence about what the log shows now, where that is not what was remembered. */
function against(log) {
  const forked = log.verdict.checks.some((c) => c.code === "client.consistency" && c.state === "mismatch");
  return changed(words, log) ?? (forked ? words.ledgerSentence : null);
}

check();
