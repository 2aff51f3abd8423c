import { change } from "./account.js";
import { $, show } from "./dom.js";

/** One's own telephone number: it counts once its code has been typed. */
$("#phone-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const confirmed = await change("#phone-trouble", "POST", "auth/reauthenticate", { password: data.get("password") });
  if (confirmed === undefined) return;
  if ((await change("#phone-trouble", "POST", "account/phone", { phone: data.get("phone") })) === undefined) return;
  show($("#phone-form"), false);
  show($("#phone-code-form"), true);
  $("#phone-code").focus();
});

$("#phone-code-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const code = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("code");
  if ((await change("#phone-code-trouble", "POST", "auth/phone/verify", { code })) !== undefined) location.reload();
});
