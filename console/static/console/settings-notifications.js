import { $, setText, show } from "./dom.js";
import { say, signInAgain } from "./page.js";
import { Refused, Rest } from "./rest.js";

/** What one is told: switches and quiet hours, saved together, for each estate. */
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const form of document.querySelectorAll("form[data-preferences]")) {
  if (form instanceof HTMLFormElement) serve(form);
}

/** @param {HTMLFormElement} form */
function serve(form) {
  const rest = new Rest({ base: `/api/v1/estates/${form.dataset.preferences}/` });
  const quiet = /** @type {HTMLInputElement} */ ($("[name=is_quiet]", form));
  const zone = /** @type {HTMLSelectElement} */ ($("[name=time_zone]", form));
  if (here && ![...zone.options].some((option) => option.value === here)) zone.add(new Option(`this device (${here})`, here));
  $("[type=submit]", form).removeAttribute("disabled");
  quiet.addEventListener("change", () => show($("[data-hours]", form), quiet.checked));
  form.addEventListener("change", () => show($("[data-done]", form), false));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const trouble = $("[role=alert]", form);
    show(trouble, false);
    try {
      await rest.call("PUT", "notifications/preferences/", { body: contentOf(form, quiet.checked) });
      for (const box of switchesOf(form)) box.defaultChecked = box.checked;
      show($("[data-done]", form), true);
      say("Saved.");
    } catch (error) {
      if (error instanceof Refused && error.status === 401) signInAgain();
      setText(trouble, error instanceof Refused ? error.message : "The server does not answer. Nothing is changed as far as we know; try again.");
      show(trouble, true);
    }
  });
}

/** @param {HTMLFormElement} form */
const switchesOf = (form) => /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("[data-kind]")]);

/** Switches that were not touched stay as they are: a default may be another one some day. @param {HTMLFormElement} form @param {boolean} isQuiet */
function contentOf(form, isQuiet) {
  const data = new FormData(form);
  const hours = { begins: data.get("begins"), ends: data.get("ends"), time_zone: data.get("time_zone") };
  const choices = switchesOf(form)
    .filter((box) => box.checked !== box.defaultChecked)
    .map((box) => ({ kind: box.dataset.kind, channel: box.dataset.channel, is_on: box.checked }));
  return { choices, quiet_hours: isQuiet ? hours : null };
}
