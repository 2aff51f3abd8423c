import { $, setText, show } from "./dom.js";
import { readPage, say } from "./page.js";
import { Rest } from "./rest.js";

/** Who needs a second step to sign in: one rule of the estate's. */
const rest = new Rest({ base: `/api/v1/estates/${readPage().estate.id}/` });

$("#security-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const box = /** @type {HTMLInputElement} */ ($("#security-form input"));
  show($("#security-trouble"), false);
  try {
    await rest.call("PUT", "security/", { body: { is_second_factor_required: box.checked } });
    say("Saved.");
    setText($("#security-form button"), "Saved");
  } catch (error) {
    setText($("#security-trouble"), error instanceof Error ? error.message : String(error));
    show($("#security-trouble"), true);
  }
});

$("#security-form input").addEventListener("change", () => setText($("#security-form button"), "Save"));
