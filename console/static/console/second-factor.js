import { ask, change } from "./account.js";
import { $, h, setText, show } from "./dom.js";
import { canUseKeys, makeKey } from "./security-keys.js";

/** The second step when one signs in: setting it up, its recovery codes, switching it off. Each asks for the password. */
const TROUBLE = "#second-trouble";
const APP = "account/authenticators/totp";
const CODES = "account/authenticators/recovery-codes";
const KEYS = "account/authenticators/webauthn";

show($("#add-key"), canUseKeys);

/** @type {Record<string, () => Promise<void>>} */
const actions = {
  "set-up": setUp,
  "add-key": addKey,
  "show-codes": async () => showCodes(await change(TROUBLE, "GET", CODES)),
  "new-codes": async () => showCodes(await change(TROUBLE, "POST", CODES)),
  "switch-off": switchOff,
};

$("#second-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const button = /** @type {SubmitEvent} */ (event).submitter;
  const data = new FormData(form);
  if (data.has("password")) {
    const confirmed = await change(TROUBLE, "POST", "auth/reauthenticate", { password: data.get("password") });
    if (confirmed === undefined) return;
  }
  form.reset();
  await actions[button?.getAttribute("value") ?? ""]?.();
});

async function setUp() {
  // Nothing is set up yet, says the answer, and with which secret it can be.
  const { secret } = (await ask("GET", APP)).meta ?? {};
  if (!secret) return location.reload();
  /** @type {HTMLImageElement} */ ($("#app-code")).src = `/settings/authenticator.svg?${Date.now()}`;
  setText($("#app-secret"), secret.match(/.{1,4}/g).join(" "));
  show($("#second-form"), false);
  show($("#app-form"), true);
  $("#app-title").focus();
}

$("#app-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const code = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("code");
  if ((await change("#app-trouble", "POST", APP, { code })) === undefined) return;
  show($("#app-form"), false);
  showCodes(await change(TROUBLE, "GET", CODES));
});

async function addKey() {
  const begun = await change(TROUBLE, "GET", KEYS);
  if (begun === undefined) return;
  let credential;
  try {
    credential = await makeKey(begun.creation_options);
  } catch {
    setText($(TROUBLE), "No key answered. Nothing is changed.");
    show($(TROUBLE), true);
    return;
  }
  if ((await change(TROUBLE, "POST", KEYS, { credential })) !== undefined) showCodes(await change(TROUBLE, "GET", CODES));
}

/** @param {{unused_codes: string[]}|undefined} data */
function showCodes(data) {
  if (data === undefined) return;
  $("#codes-list").replaceChildren(...data.unused_codes.map((code) => h("li", {}, h("code", {}, code))));
  show($("#second-form"), false);
  show($("#codes"), true);
  $("#codes-title").focus();
}

$("#codes-done").addEventListener("click", () => location.reload());

async function switchOff() {
  const factors = await change(TROUBLE, "GET", "account/authenticators");
  if (factors === undefined) return;
  const authenticators = factors.filter((/** @type {any} */ one) => one.type === "webauthn").map((/** @type {any} */ one) => one.id);
  if (authenticators.length && (await change(TROUBLE, "DELETE", KEYS, { authenticators })) === undefined) return;
  if (factors.some((/** @type {any} */ one) => one.type === "totp") && (await change(TROUBLE, "DELETE", APP)) === undefined) return;
  location.reload();
}
