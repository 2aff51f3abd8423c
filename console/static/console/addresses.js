import { change } from "./account.js";
import { $, show } from "./dom.js";

/**
 * One's own phone and email: another one counts once its code has been typed.
 *
 * @typedef {object} Address
 * @property {string} kind begins the names of its elements, and is the name of its field
 * @property {string} path where another one is given
 * @property {string} verify where its code is given
 * @property {string} key the code's name there
 */

/** @type {Address[]} */
const addresses = [
  { kind: "email", path: "account/email", verify: "auth/email/verify", key: "key" },
  { kind: "phone", path: "account/phone", verify: "auth/phone/verify", key: "code" },
];

for (const address of addresses) listen(address);

/** @param {Address} address */
function listen({ kind, path, verify, key }) {
  const asked = $(`#${kind}-form`);
  const coded = $(`#${kind}-code-form`);
  asked.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const trouble = `#${kind}-trouble`;
    if (data.has("password")) {
      const confirmed = await change(trouble, "POST", "auth/reauthenticate", { password: data.get("password") });
      if (confirmed === undefined) return;
    }
    if ((await change(trouble, "POST", path, { [kind]: data.get(kind) })) === undefined) return;
    show(asked, false);
    show(coded, true);
    $(`#${kind}-code`).focus();
  });
  coded.addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("code");
    if ((await change(`#${kind}-code-trouble`, "POST", verify, { [key]: code })) !== undefined) location.reload();
  });
}
