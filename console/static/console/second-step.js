import { $, setText, show } from "./dom.js";
import { askKey, canUseKeys } from "./security-keys.js";

/** The second step of a sign-in: a code needs no script, a security key does. */
const options = document.querySelector("#key-options");
const form = /** @type {HTMLFormElement} */ ($("#key-form"));

if (options && canUseKeys) {
  show(form, true);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const credential = await askKey(JSON.parse(options.textContent ?? "{}"));
      /** @type {HTMLInputElement} */ ($("[name=credential]", form)).value = JSON.stringify(credential);
      form.submit();
    } catch {
      setText($("#key-trouble"), "No key answered. Try again, or use a code.");
      show($("#key-trouble"), true);
    }
  });
}
