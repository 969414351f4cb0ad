// The page on which a proof file from anywhere is checked. The file stays on the device.

import { lacking, load } from "./verifier.js";
import { recall } from "./memory.js";
import { evidenceOf, show, showCannot, showWait } from "./verdict.js";

const byId = (id) => document.getElementById(id);
const strip = byId("verdict");
const words = strip.dataset;
let chosen = null;

async function trustText() {
  const file = byId("trust").files[0];
  if (file) return file.text();
  const response = await fetch("/api/v1/trust", { cache: "no-store" });
  if (!response.ok) throw new Error("trust");
  return response.text();
}

async function check() {
  const bundleText = byId("paste").value.trim() || (chosen ? await chosen.text() : "");
  byId("content").hidden = true;
  if (!bundleText) return showCannot(strip, words.notABundle);
  showWait(strip);
  let trust;
  try {
    trust = await trustText();
  } catch {
    return showCannot(strip, words.cannotFetch);
  }
  let verifier;
  try {
    verifier = await load(words.verifier, words.verifierSri);
  } catch {
    return showCannot(strip, words.cannotOld);
  }
  const options = { lang: words.lang, now: Math.floor(Date.now() / 1000) };
  let bundle = null;
  try {
    bundle = JSON.parse(bundleText);
    const kept = recall(JSON.parse(trust).origin);
    // A file made for nobody in particular can only be compared when it happens to end where we stopped.
    if (kept && bundle.since?.size === kept.size) options.remembered = { size: kept.size, root: kept.root };
  } catch {
    return showCannot(strip, words.notABundle);
  }
  const answer = verifier.verify(bundleText, trust, options);
  if (answer.error) return showCannot(strip, `${words.notABundle} (${answer.error.code})`);
  show(strip, answer, evidenceOf(answer.verdict, bundle, JSON.parse(trust)));
  const { verdict } = answer;
  const where = document.createElement("p");
  where.textContent = `${words.where}: ${verdict.title ?? ""} · ${verdict.origin} · ${verdict.check_code ?? ""}`;
  strip.querySelector("h2").after(where);
  // Only what was checked is shown.
  if (bundle.body && (verdict.state === "ok" || verdict.state === "ok_superseded" || verdict.state === "partial")) {
    const bytes = Uint8Array.from(atob(bundle.body), (c) => c.charCodeAt(0));
    byId("content-text").textContent = JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), null, 1);
    byId("content").hidden = false;
  }
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
