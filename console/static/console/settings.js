import { change } from "./account.js";
import { $, setText, show } from "./dom.js";
import { localMoments } from "./moments.js";
import { say } from "./page.js";

/** Your account: devices and password. */
localMoments();

/** @returns {HTMLElement[]} */
const others = () => [...document.querySelectorAll("[data-session]")].filter((row) => row instanceof HTMLElement);

/** @param {HTMLElement[]} rows */
async function end(rows) {
  const sessions = rows.map((row) => Number(row.dataset.session));
  if ((await change("#sessions-trouble", "DELETE", "auth/sessions", { sessions })) === undefined) return;
  forget(rows);
  say("Signed out.");
  $("#sessions-title").focus();
}

/** @param {HTMLElement[]} rows */
function forget(rows) {
  for (const row of rows) row.remove();
  show($("#sessions-none"), others().length === 0);
  show($("#end-others"), others().length > 0);
}

$("#sessions").addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-end]") : null;
  const row = button?.closest("[data-session]");
  if (row instanceof HTMLElement) end([row]);
});

$("#end-others").addEventListener("click", () => {
  const button = $("#end-others");
  // A second press on the same button: nothing is covered, and nothing is lost by a slip.
  if (button.dataset.asked) end(others());
  else {
    button.dataset.asked = "yes";
    setText(button, "Sign out everywhere else, really");
    say("Press again to sign out everywhere else.");
  }
});

$("#password-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target instanceof HTMLFormElement ? event.target : null;
  if (!form) return;
  show($("#password-done"), false);
  const data = new FormData(form);
  // Whoever has no password yet is not asked for one.
  const had = data.has("current_password");
  const body = { ...(had && { current_password: data.get("current_password") }), new_password: data.get("new_password") };
  if ((await change("#password-trouble", "POST", "account/password/change", body)) === undefined) return;
  if (!had) location.reload();
  form.reset();
  show($("#password-done"), true);
  forget(others());
});
