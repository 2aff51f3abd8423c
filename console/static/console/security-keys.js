/** Security keys, where the browser can turn WebAuthn's options and answers into JSON by itself (WebAuthn level 3). */

const Credential = /** @type {any} */ (globalThis.PublicKeyCredential);

export const canUseKeys = Boolean(Credential?.parseRequestOptionsFromJSON && Credential?.parseCreationOptionsFromJSON);

/** @param {any} options `{publicKey}` as JSON @returns {Promise<any>} the answer as JSON */
export async function askKey(options) {
  const publicKey = Credential.parseRequestOptionsFromJSON(options.publicKey);
  const answer = /** @type {any} */ (await navigator.credentials.get({ publicKey }));
  return answer.toJSON();
}

/** @param {any} options `{publicKey}` as JSON @returns {Promise<any>} the new key as JSON */
export async function makeKey(options) {
  const publicKey = Credential.parseCreationOptionsFromJSON(options.publicKey);
  const answer = /** @type {any} */ (await navigator.credentials.create({ publicKey }));
  return answer.toJSON();
}
