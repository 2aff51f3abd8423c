import { change } from "./account.js";
import { $, setText, show } from "./dom.js";
import { localMoments } from "./moments.js";
import { say } from "./page.js";
import { Refused, Rest } from "./rest.js";

/** One's own data: each step asks for the password first, and erasing for the second step as well. */
const rest = new Rest({ base: "/api/v1/me/" });
const ASK_AGAIN_MS = 2000;
localMoments();

/** @param {string} trouble @param {Promise<any>} asked @returns {Promise<boolean>} */
async function done(trouble, asked) {
  try {
    await asked;
    return true;
  } catch (error) {
    setText($(trouble), error instanceof Refused ? error.message : "The server does not answer. Nothing is changed as far as we know; try again.");
    show($(trouble), true);
    return false;
  }
}

$("#export-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const password = new FormData(form).get("password");
  if ((await change("#export-trouble", "POST", "auth/reauthenticate", { password })) === undefined) return;
  form.reset();
  if (!(await done("#export-trouble", rest.call("POST", "export/")))) return;
  show(form, false);
  setText($("#export-state"), "It is being made");
  await wait();
});

async function wait() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    try {
      if ((await rest.call("GET", "export/")).state !== "queued") return location.reload();
    } catch (error) {
      if (error instanceof Refused && !error.temporary) return location.reload();
    }
  }
}

if ($("#export-state").dataset.state === "queued") wait();

document.querySelector("#deletion-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const button = $("[type=submit]", form);
  if (!button.dataset.asked) {
    // A second press on the same button: nothing is covered, and nothing is lost by a slip.
    button.dataset.asked = "yes";
    setText(button, "Erase it, really");
    say("Erase it, really? Press again.");
    return;
  }
  const data = new FormData(form);
  const confirmed = await change("#deletion-trouble", "POST", "auth/reauthenticate", { password: data.get("password") });
  if (confirmed === undefined) return;
  const code = data.get("code");
  if (code !== null && (await change("#deletion-trouble", "POST", "auth/2fa/reauthenticate", { code })) === undefined) return;
  if (await done("#deletion-trouble", rest.call("POST", "deletion/"))) location.reload();
});

document.querySelector("#keep")?.addEventListener("click", async () => {
  if (await done("#keep-trouble", rest.call("DELETE", "deletion/"))) location.reload();
});
