import { h, icon, show } from "./dom.js";
import { OUTCOMES } from "./words.js";

const ETAS_S = [60, 120, 300, 600];

/**
 * The elements of an alert's card, built once.
 *
 * @param {string} alertId
 * @param {import("./thread.js").Thread} thread
 * @param {{onTake: () => void, onWay: (etaS: number|null) => void, onScene: () => void,
 *   onResolve: (outcome: string, report: string) => void}} calls
 */
export function cardParts(alertId, thread, { onTake, onWay, onScene, onResolve }) {
  const id = `alert-${alertId}`;
  const shape = icon("alert");
  const title = h("span", { class: "alert-category" });
  const drill = h("span", { class: "tag-drill" }, "DRILL");
  const where = h("p", { class: "alert-where" });
  const age = h("p", { class: "alert-age" });
  const place = h("p", { class: "alert-place" });
  const note = h("p", { class: "alert-note" });
  const cancelText = h("span");
  const cancel = h("p", { class: "notice notice-late" }, icon("late"), cancelText);
  const responders = h("ul", { class: "responders", "aria-label": "Who has it" });
  const proof = h("ul", { class: "proof", "aria-label": "Who was told, and what comes next" });
  const take = button("take", "I have it", onTake, "button button-tall");
  const way = button("way", "On my way", () => toggle(etas, way));
  const scene = button("scene", "On scene", onScene);
  const end = button("end", "Resolve", () => toggle(ending, end));
  const write = button("write", "Message", () => toggle(thread.form, write));
  const callText = h("span");
  const call = h("a", { class: "button", "data-act": "call" }, icon("phone"), callText);
  const own = h("p", { class: "notice", hidden: true }, "This is your own alert. Somebody else has to take it.");
  const chosen = (/** @type {number|null} */ etaS) => {
    toggle(etas, way);
    onWay(etaS);
  };
  const etas = h(
    "div",
    { class: "etas", id: `${id}-way`, hidden: true, role: "group", "aria-label": "When will you be there?" },
    ...ETAS_S.map((etaS) => button("eta", `${etaS / 60} min`, () => chosen(etaS))),
    button("eta", "Cannot say", () => chosen(null)),
  );
  const ending = endingForm(id, onResolve);
  const unsentText = h("span");
  const unsent = h("p", { class: "notice notice-late", hidden: true }, icon("late"), unsentText);
  const trouble = h("p", { class: "notice notice-error", role: "alert", hidden: true });
  for (const [opener, part] of [[way, etas], [end, ending], [write, thread.form]]) {
    opener.setAttribute("aria-expanded", "false");
    opener.setAttribute("aria-controls", part.id);
  }
  const head = h(
    "header",
    { class: "alert-head" },
    shape,
    h("div", { class: "alert-what" }, h("h2", { id }, title, drill), where),
    age,
  );
  const actions = h("div", { class: "actions" }, take, way, scene, end, call, write);
  const body = h(
    "div",
    { class: "alert-body" },
    ...[place, note, cancel, responders, proof, actions, own, etas, ending, thread.element, unsent, trouble],
  );
  const card = h("article", { class: "alert", "data-id": alertId, "aria-labelledby": id }, head, body);
  return {
    ...{ card, shape, title, drill, where, age, place, note, cancel, cancelText, responders, proof },
    ...{ take, way, scene, end, call, callText, own, etas, ending, unsent, unsentText, trouble },
  };
}

/** @param {string} act @param {string} text @param {() => void} onclick @param {string} [kind] */
function button(act, text, onclick, kind = "button") {
  return h("button", { type: "button", class: kind, "data-act": act, onclick }, text);
}

/** @param {HTMLElement} part @param {HTMLElement} opener */
function toggle(part, opener) {
  show(part, Boolean(part.hidden));
  opener.setAttribute("aria-expanded", String(!part.hidden));
}

/** @param {string} id @param {(outcome: string, report: string) => void} onResolve */
function endingForm(id, onResolve) {
  const outcomes = Object.entries(OUTCOMES).map(([value, text]) =>
    h("label", { class: "choice" }, h("input", { type: "radio", name: "outcome", value, required: true }), text),
  );
  const onsubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    onResolve(String(data.get("outcome")), String(data.get("report")).trim());
  };
  return h(
    "form",
    { class: "ending", id: `${id}-end`, hidden: true, onsubmit },
    h("fieldset", {}, h("legend", {}, "What was it?"), h("div", { class: "choices" }, ...outcomes)),
    h("label", { for: `${id}-report` }, "What did you find? One or two sentences."),
    h("textarea", { id: `${id}-report`, name: "report", rows: "2", required: true, maxlength: "5000" }),
    h("button", { type: "submit", class: "button button-main", "data-act": "resolve" }, "Resolve"),
  );
}
