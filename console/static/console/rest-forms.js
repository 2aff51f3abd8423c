import { setText, show } from "./dom.js";
import { say, signInAgain } from "./page.js";
import { Refused } from "./rest.js";

/**
 * Forms that go through the same door as everybody's: `<form data-rest="POST" data-path="units/">` is sent as JSON, and the
 * page is shown anew when it was taken. What was refused is said in the form's own `[role=alert]`.
 *
 * `data-then`: the page that is shown instead, where this one is gone. An empty field is left out. `data-hours` on a field: so many hours from now, as a time called so. `data-list` on
 * checkboxes: their values, as a list. `data-json` on a hidden field: what its value is as JSON. `data-path-of` on a field without a name: the path, with its value in it. `data-twice` on a form: what its button says until it is pressed once more.
 *
 * @param {import("./rest.js").Rest} rest
 */
export function serveForms(rest) {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.rest) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (form.dataset.twice && button instanceof HTMLElement && !button.dataset.asked) {
      // A second press on the same button: nothing is covered, and nothing is lost by a slip.
      button.dataset.asked = "yes";
      setText(button, form.dataset.twice);
      say(`${form.dataset.twice} Press again.`);
      return;
    }
    button?.setAttribute("disabled", "");
    const trouble = form.querySelector("[role=alert]");
    if (trouble instanceof HTMLElement) show(trouble, false);
    try {
      const hasBody = form.dataset.rest !== "DELETE";
      await rest.call(form.dataset.rest, pathOf(form), hasBody ? { body: contentOf(form) } : {});
      if (form.dataset.then) location.assign(form.dataset.then);
      else location.reload();
    } catch (error) {
      button?.removeAttribute("disabled");
      if (error instanceof Refused && error.status === 401) signInAgain();
      if (!(trouble instanceof HTMLElement)) return;
      setText(trouble, error instanceof Refused ? error.message : "The server does not answer. Nothing is changed as far as we know.");
      show(trouble, true);
    }
  });
}

/** @param {HTMLFormElement} form */
function pathOf(form) {
  const field = form.querySelector("[data-path-of]");
  if (!(field instanceof HTMLSelectElement)) return form.dataset.path ?? "";
  return (field.dataset.pathOf ?? "").replace("{}", field.value);
}

/** @param {HTMLFormElement} form @returns {Record<string, any>} */
export function contentOf(form) {
  /** @type {Record<string, any>} */
  const content = {};
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement)) continue;
    if (!field.name) continue;
    if (field.dataset.list !== undefined) {
      content[field.name] ??= [];
      if (field instanceof HTMLInputElement && field.checked) content[field.name].push(field.value);
    } else if (field.dataset.json !== undefined) {
      content[field.name] = JSON.parse(field.value);
    } else if (field.value === "") {
      continue;
    } else if (field.dataset.hours !== undefined) {
      content[field.name] = new Date(Date.now() + Number(field.value) * 3_600_000).toISOString();
    } else {
      content[field.name] = field.type === "number" ? Number(field.value) : field.value;
    }
  }
  return content;
}
