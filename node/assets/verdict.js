// Shows a verdict. All words come from the server's page or from the verifier, and go in as text: nothing that
// stands in a bundle can become markup.

const make = (name, className, ...children) => {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
};

const heading = (mark, title) => {
  const icon = make("span", "icon", mark);
  icon.setAttribute("aria-hidden", "true");
  return make("h2", "", icon, make("span", "", title));
};

const links = () => document.getElementById("links")?.content.cloneNode(true) ?? null;

/** The five-line strip. */
export function show(strip, { verdict, story, evidence }) {
  const words = strip.dataset;
  const list = make("ol", "steps", ...story.steps.map((step, i) => line(step, i, verdict, words)));
  const parts = [heading(story.mark, story.title), make("p", "lead", story.sentence)];
  if (verdict.state === "ok_superseded" && Number.isSafeInteger(verdict.corrected_by)) {
    const link = make("a", "button", story.advice ?? "⟳");
    link.href = `/r/${verdict.corrected_by}`;
    parts.push(make("p", "", link));
  } else if (story.advice) {
    parts.push(make("p", "", story.advice));
  }
  if (verdict.state === "mismatch" && words.discipline) parts.push(make("p", "lead", words.discipline));
  if (verdict.state === "cannot") parts.push(make("p", "", words.notCheating));
  parts.push(make("p", "soft", story.intro), list, make("p", "limits", story.limits), links());
  if (verdict.state === "mismatch") parts.push(keep(words, evidence));
  paint(strip, verdict.state, parts);
}

/** Something that has to do with the phone or the network, not with the books. */
export function showCannot(strip, reason) {
  const words = strip.dataset;
  paint(strip, "cannot", [heading("?", words.cannot), make("p", "", reason), make("p", "", words.notCheating), links()]);
}

/** The phone remembers another log. */
export function showOtherLog(strip, sentence, judged) {
  const words = strip.dataset;
  const found = { code: "client.consistency", state: "mismatch", mark: "✘", text: words.ledgerLine, detail: sentence };
  const steps = judged.story.steps.map((step) => (step.code === found.code ? { ...step, ...found } : step));
  // The verifier could compare nothing here; what it says of that check is not what was found.
  const checks = judged.verdict.checks.map((c) => (c.code === found.code ? { code: c.code, state: "mismatch" } : c));
  const story = { ...judged.story, steps, mark: "✘", title: words.mismatchTitle, sentence, advice: words.ledgerAdvice };
  const verdict = { ...judged.verdict, state: "mismatch", checks };
  show(strip, { verdict, story, evidence: `${judged.evidence}\n${sentence}` });
}

/** The proofs are in order, but of another notice: its lines would only mislead. */
export function showOtherNotice(strip, { evidence }) {
  showAlone(strip, strip.dataset.otherNotice, strip.dataset.noticeAdvice, evidence);
}

/** A mismatch that is none of the five lines'. */
export function showAlone(strip, sentence, advice, evidence) {
  const words = strip.dataset;
  const parts = [heading("✘", words.mismatchTitle), make("p", "lead", sentence), make("p", "", advice)];
  if (words.discipline) parts.push(make("p", "lead", words.discipline));
  paint(strip, "mismatch", [...parts, links(), keep(words, `${evidence}\n${sentence}`)]);
}

/** One line for several verdicts, under the heading of the worst; each has its own strip. */
export function showSum(strip, state, heading, sentence) {
  paint(strip, state, [heading.cloneNode(true), make("p", "lead", sentence)]);
}

/** A verdict folded under its own line; gives the strip in it. */
export function fold(list, words, title, open) {
  const strip = make("section", "verdict");
  Object.assign(strip.dataset, words);
  const more = make("details", "card", make("summary", "", title), strip);
  more.open = open;
  list.append(more);
  return strip;
}

/** Checking goes on. */
export function showWait(strip) {
  paint(strip, "wait", [heading("…", strip.dataset.wait), make("p", "", strip.dataset.waitText)]);
}

function line(step, i, verdict, words) {
  const mark = make("span", `mark ${step.state}`, step.mark);
  const number = "①②③④⑤"[i] ?? "";
  const summary = make("summary", "", mark, make("span", "", `${number} ${step.text}`, make("span", "who", step.detail)));
  const check = verdict.checks.find((c) => c.code === step.code);
  const exact = [`${words.machineCheck}: ${step.code} = ${step.state}`, check?.error, check?.place];
  const more = make("div", "code", exact.filter(Boolean).join(" · "));
  return make("li", "", make("details", "", summary, more));
}

/** The evidence, as text to be copied by hand: no clipboard, no download that an app could swallow. */
function keep(words, evidence) {
  const box = make("textarea", "mono evidence");
  box.readOnly = true;
  box.value = evidence;
  box.setAttribute("aria-label", words.evidence);
  return make("div", "", make("h3", "", words.evidence), make("p", "", words.evidenceKeep), box);
}

function paint(strip, state, parts) {
  strip.dataset.state = state;
  strip.hidden = false;
  strip.replaceChildren(...parts.filter(Boolean));
}

/** What to write down when something does not match. */
export function evidenceOf(verdict, bundle, trust, kept) {
  const failed = verdict.checks.filter((c) => c.state === "mismatch").map((c) => `${c.code} ${c.error ?? ""} ${c.place ?? ""}`);
  const checkpoint = (() => {
    try {
      return atob(bundle.checkpoint);
    } catch {
      return "";
    }
  })();
  return [
    new Date().toISOString(), location.href, `${verdict.origin} #${verdict.index}`, verdict.id, verdict.check_code,
    ...failed, `genesis ${trust?.genesis ?? ""}`, kept && `remembered ${kept.size} ${kept.root}`, checkpoint,
  ].filter(Boolean).join("\n");
}
