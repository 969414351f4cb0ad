// The page on which a proof file from anywhere is checked. The file stays on the device.

import { lacking, load } from "./verifier.js";
import { judge, text } from "./judge.js";
import { recall } from "./memory.js";
import { fold, show, showCannot, showSum, showWait } from "./verdict.js";

const byId = (id) => document.getElementById(id);
const strip = byId("verdict");
const several = byId("several");
const words = strip.dataset;
let chosen = null;

async function trustText() {
  const file = byId("trust").files[0];
  return file ? file.text() : text("/api/v1/trust");
}

async function check() {
  const file = byId("paste").value.trim() || (chosen ? await chosen.text() : "");
  byId("content").hidden = true;
  several.replaceChildren();
  if (!file) return showCannot(strip, words.notABundle);
  showWait(strip);
  let trust, verifier;
  try {
    trust = await trustText();
  } catch {
    return showCannot(strip, words.cannotFetch);
  }
  try {
    verifier = await load(words.verifier, words.verifierSri);
  } catch {
    return showCannot(strip, words.cannotOld);
  }
  const { origin } = verifier.readRecord(trust, "");
  const record = origin === undefined ? null : recall(origin);
  const { notices, sum, error } = judge(verifier, { origin, record, trust, bundle: file }, { lang: words.lang, file: true });
  if (error) return showCannot(strip, words.notABundle);
  if (sum) return showAll(notices, sum);
  const [notice] = notices;
  tell(strip, notice);
  // Only what was checked comes with its content.
  if (notice.content !== undefined) {
    byId("content-text").textContent = notice.content;
    byId("content").hidden = false;
  }
}

/** Shows one notice. */
function tell(strip, notice) {
  if (notice.error) {
    showCannot(strip, `${words.notABundle} (${notice.error.code})`);
    return;
  }
  show(strip, notice);
  const where = document.createElement("p");
  where.textContent = `${words.where}: ${notice.about}`;
  strip.querySelector("h2").after(where);
}

/** A receipt of several notices: their sum above, each in its own fold below. */
function showAll(notices, sum) {
  for (const notice of notices) {
    const own = fold(several, words, notice.heading, ["cannot", "mismatch"].includes(notice.state));
    tell(own, notice);
    if (notice.content !== undefined) {
      const text = document.createElement("pre");
      text.textContent = notice.content;
      own.after(text);
    }
  }
  showSum(strip, sum);
}

function choose(file) {
  chosen = file;
  byId("paste").value = "";
  check().catch(() => showCannot(strip, words.notABundle));
}

if (words.verifier && !lacking()) {
  byId("needs-script").hidden = true;
  byId("form").hidden = false;
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    check().catch(() => showCannot(strip, words.notABundle));
  });
  byId("file").addEventListener("change", (event) => {
    if (event.target.files[0]) choose(event.target.files[0]);
  });
  const drop = byId("drop");
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files[0]) choose(event.dataTransfer.files[0]);
  });
}
