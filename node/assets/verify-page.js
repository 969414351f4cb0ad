// The page on which a proof file from anywhere is checked. The file stays on the device.

import { lacking, load } from "./verifier.js";
import { changed, judge, text } from "./judge.js";
import { fold, show, showCannot, showOtherLog, showSum, showWait } from "./verdict.js";

const byId = (id) => document.getElementById(id);
const strip = byId("verdict");
const several = byId("several");
const words = strip.dataset;
let chosen = null;

async function trustText() {
  const file = byId("trust").files[0];
  return file ? file.text() : text("/api/v1/trust");
}

/** The bundles in a file: one, or those of a receipt as the sanwu program writes it. Throws when it is neither. */
function bundlesIn(file) {
  const document = JSON.parse(file);
  if (document.format !== "sanwu-receipt-v1") return [file];
  const bundles = document.entries.map((entry) => entry.bundle);
  if (bundles.length === 0 || bundles.some((bundle) => typeof bundle !== "object" || bundle === null)) throw new Error("entries");
  return bundles.map((bundle) => JSON.stringify(bundle));
}

async function check() {
  const file = byId("paste").value.trim() || (chosen ? await chosen.text() : "");
  byId("content").hidden = true;
  several.replaceChildren();
  if (!file) return showCannot(strip, words.notABundle);
  showWait(strip);
  let trust, verifier, bundles;
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
  try {
    JSON.parse(trust);
    bundles = bundlesIn(file);
  } catch {
    return showCannot(strip, words.notABundle);
  }
  const judged = bundles.map((bundle) => judge(verifier, { bundle, trust }, { ...words, file: true }));
  if (judged.length > 1) return showAll(judged);
  const [one] = judged;
  tell(strip, one);
  // Only what was checked is shown.
  if (isGood(one) && one.bundle.body) {
    byId("content-text").textContent = content(one.bundle);
    byId("content").hidden = false;
  }
}

/** Shows one verdict. */
function tell(strip, judged) {
  if (judged.error) {
    showCannot(strip, `${words.notABundle} (${judged.error.code})`);
    return;
  }
  const sentence = changed(words, judged);
  if (sentence) showOtherLog(strip, sentence, judged);
  else show(strip, judged);
  const { verdict } = judged;
  const where = document.createElement("p");
  where.textContent = `${words.where}: ${[verdict.title, verdict.origin, verdict.check_code].filter(Boolean).join(" · ")}`;
  strip.querySelector("h2").after(where);
}

/** A receipt of several notices: the worst of the verdicts above, each in its own fold below. */
function showAll(judged) {
  const found = judged.map((one, at) => {
    const title = one.error ? "" : ` ${one.verdict.title ?? ""}`;
    const number = words.entryNumber.replace("{index}", one.error ? `${at + 1}?` : one.verdict.index);
    const own = fold(several, words, "", !isGood(one));
    tell(own, one);
    const heading = [...own.querySelectorAll("h2 span")].map((part) => part.textContent).join(" ");
    own.parentElement.firstChild.textContent = `${heading} · ${number}${title}`;
    if (isGood(one) && one.bundle.body) {
      const text = document.createElement("pre");
      text.textContent = content(one.bundle);
      own.after(text);
    }
    return own;
  });
  const rank = ["ok", "ok_superseded", "partial", "cannot", "mismatch"];
  const worst = found.reduce((a, b) => (rank.indexOf(b.dataset.state) > rank.indexOf(a.dataset.state) ? b : a));
  const good = judged.filter((one) => isGood(one) && one.verdict.state !== "partial").length;
  const sentence = words.receiptSum.replace("{all}", judged.length).replace("{good}", good);
  showSum(strip, worst.dataset.state, worst.querySelector("h2"), sentence);
}

/** Whether what stands in it may be shown. */
function isGood(judged) {
  return !judged.error && changed(words, judged) === null && ["ok", "ok_superseded", "partial"].includes(judged.verdict.state);
}

function content(bundle) {
  const bytes = Uint8Array.from(atob(bundle.body), (c) => c.charCodeAt(0));
  return JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), null, 1);
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
