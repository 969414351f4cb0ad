// Shows a verdict. All words come from the verifier or, about phone and network, from the server's page, and go in as
// text: nothing in a bundle can become markup.

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

/** A notice of the verifier's answer: the five-line strip, or what was found where lines would only mislead. */
export function show(strip, { state, text, checks, corrected_by: correction, evidence }) {
  const words = strip.dataset;
  const parts = [heading(text.mark, text.title), make("p", "lead", text.sentence)];
  if (state === "ok_superseded" && Number.isSafeInteger(correction)) {
    const link = make("a", "button", text.advice ?? "⟳");
    link.href = `/r/${correction}`;
    parts.push(make("p", "", link));
  } else if (text.advice) {
    parts.push(make("p", "", text.advice));
  }
  if (state === "mismatch" && words.discipline) parts.push(make("p", "lead", words.discipline));
  if (state === "cannot") parts.push(make("p", "", words.notCheating));
  if (text.steps.length > 0) {
    const list = make("ol", "steps", ...text.steps.map((step, i) => line(step, i, checks, words)));
    parts.push(make("p", "soft", text.intro), list, make("p", "limits", text.limits));
  }
  parts.push(links());
  if (state === "mismatch") parts.push(keep(words, [new Date().toISOString(), location.href, evidence].join("\n")));
  paint(strip, state, parts);
}

/** Something that has to do with the phone or the network, not with the books. */
export function showCannot(strip, reason) {
  const words = strip.dataset;
  paint(strip, "cannot", [heading("?", words.cannot), make("p", "", reason), make("p", "", words.notCheating), links()]);
}

/** One line for several verdicts, under the heading of the worst; each has its own strip. */
export function showSum(strip, { state, mark, title, sentence }) {
  paint(strip, state, [heading(mark, title), make("p", "lead", sentence)]);
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

function line(step, i, checks, words) {
  const mark = make("span", `mark ${step.state}`, step.mark);
  const number = "①②③④⑤"[i] ?? "";
  const summary = make("summary", "", mark, make("span", "", `${number} ${step.text}`, make("span", "who", step.detail)));
  const check = checks.find((c) => c.code === step.code);
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
