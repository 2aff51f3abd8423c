import { openEmergencyFeed } from "./commands.js";
import { $, h, setText, show } from "./dom.js";
import { readPage, say } from "./page.js";
import { Refused } from "./rest.js";

/** A home changes hands: who comes is found by name among the people, and all of it is sent as one act. */
const rest = openEmergencyFeed(readPage()).rest;
const form = /** @type {HTMLFormElement} */ ($("#handover"));
const found = $("#handover-found");
const chosen = $("#handover-chosen");
const search = /** @type {HTMLInputElement} */ ($("#handover-search"));
const button = $("#handover-send");

/** @type {Map<string, string>} whom the manager has chosen: name by member */
const names = new Map();
let asked = 0;
let timer = 0;

search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, 250);
});

async function look() {
  const words = search.value.trim();
  const turn = ++asked;
  if (!words) return found.replaceChildren();
  try {
    const page = await rest.call("GET", `people/?page_size=6&q=${encodeURIComponent(words)}`);
    // An answer that a later question has overtaken says nothing.
    if (turn !== asked) return;
    const people = page.results.filter((/** @type {any} */ one) => !names.has(one.member_id));
    found.replaceChildren(...people.map(offer));
    if (!people.length) found.append(h("li", { class: "quietly" }, "Nobody like this. Who is not here yet is invited first."));
    say(`${people.length} found.`);
  } catch (error) {
    fail(error);
  }
}

/** @param {{member_id: string, name: string, phone: string|null, email: string|null}} person */
function offer(person) {
  const add = () => {
    names.set(person.member_id, person.name);
    search.value = "";
    found.replaceChildren();
    chosen.append(line(person.member_id, person.name));
    search.focus();
  };
  const reached = person.phone ?? person.email ?? "";
  return h("li", {}, h("button", { type: "button", class: "button", onclick: add }, person.name), h("span", { class: "quietly" }, reached));
}

/** @param {string} id @param {string} name */
function line(id, name) {
  const kinds = /** @type {HTMLTemplateElement} */ (document.querySelector("#handover-kinds"));
  const select = h("select", { "data-member": id, "aria-label": `${name} lives there as` });
  select.append(kinds.content.cloneNode(true));
  const item = h("li", {}, h("strong", {}, name), select);
  const drop = () => {
    names.delete(id);
    item.remove();
  };
  item.append(h("button", { type: "button", class: "button", onclick: drop, "aria-label": `Leave ${name} out` }, "Leave out"));
  return item;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!button.dataset.asked) {
    // A second press on the same button: nothing is covered, and nothing is lost by a slip.
    button.dataset.asked = "yes";
    setText(button, "Everybody moves out, really");
    return say("Everybody moves out, really. Press again.");
  }
  show($("#handover-trouble"), false);
  button.setAttribute("disabled", "");
  const occupants = [...chosen.querySelectorAll("select")].map((one) => ({ member_id: one.dataset.member, kind: one.value }));
  const on = new FormData(form).get("on");
  try {
    await rest.call("POST", `units/${form.dataset.unit}/handover/`, { body: { occupants, ...(on ? { on } : {}) } });
    location.reload();
  } catch (error) {
    button.removeAttribute("disabled");
    fail(error);
  }
});

/** @param {unknown} error */
function fail(error) {
  setText($("#handover-trouble"), error instanceof Refused ? error.message : "The server does not answer. Nothing is changed as far as we know.");
  show($("#handover-trouble"), true);
}

button.removeAttribute("disabled");
