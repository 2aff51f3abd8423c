import { $, setText, show } from "./dom.js";
import { readPage, signInAgain } from "./page.js";
import { contentOf } from "./rest-forms.js";
import { Refused, Rest } from "./rest.js";

/** A key is made, and shown this once: that is why this form does not show the page anew. */
const rest = new Rest({ base: `/api/v1/estates/${readPage().estate.id}/` });
const form = /** @type {HTMLFormElement} */ ($("#make-key"));
const button = $("#make-key [type=submit]");
button.removeAttribute("disabled");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.setAttribute("disabled", "");
  show($("#make-trouble"), false);
  try {
    const made = await rest.call("POST", "keys/", { body: contentOf(form) });
    setText($("#made-key"), made.key);
    show($("#made"), true);
    $("#made-title").focus();
    form.reset();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signInAgain();
    setText($("#make-trouble"), wordsOf(error));
    show($("#make-trouble"), true);
  }
  button.removeAttribute("disabled");
});

/** @param {unknown} error */
function wordsOf(error) {
  if (!(error instanceof Refused)) return "The server does not answer. If a key was made, it is on the list: revoke it, and make another.";
  return error.fields.some((/** @type {{field: string}} */ one) => one.field === "permissions" && error.code === "malformed") ? "Choose what it may do." : error.message;
}

$("#copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText($("#made-key").textContent ?? "");
    setText($("#copied"), "Copied.");
  } catch {
    // Without HTTPS a page may not: selected, the key is copied by hand.
    getSelection()?.selectAllChildren($("#made-key"));
    setText($("#copied"), "Selected. Copy it with your device's own copy.");
  }
});
