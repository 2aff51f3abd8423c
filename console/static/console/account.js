import { $, setText, show } from "./dom.js";
import { signInAgain } from "./page.js";
import { Refused, Rest } from "./rest.js";

/** allauth's API, with the session's cookie. */
const rest = new Rest({ base: "/_allauth/browser/v1/" });

/**
 * One change of one's own account; what went wrong is said at `trouble`.
 *
 * @param {string} trouble selector of the place for what went wrong
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>} the answer's `data`, or undefined where it failed
 */
export async function change(trouble, method, path, body) {
  show($(trouble), false);
  try {
    const answer = await rest.call(method, path, { body });
    return answer?.data ?? null;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signInAgain();
    setText($(trouble), wordsOf(error));
    show($(trouble), true);
    return undefined;
  }
}

/**
 * A question whose answer may be a refusal that says something, such as "not set up yet".
 *
 * @param {string} method
 * @param {string} path
 * @returns {Promise<any>} the whole answer
 */
export async function ask(method, path) {
  try {
    return await rest.call(method, path);
  } catch (error) {
    if (error instanceof Refused) return error.problem ?? {};
    throw error;
  }
}

/** @param {unknown} error */
function wordsOf(error) {
  if (!(error instanceof Refused)) return "The server does not answer. Nothing is changed as far as we know; try again.";
  if (error.status === 429) return "Too many tries. Wait a few minutes, then try again.";
  const said = error.fields.map((/** @type {{message?: string}} */ one) => one.message).filter(Boolean);
  return said.length ? said.join(" ") : error.message;
}
