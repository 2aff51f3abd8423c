import { $, setText, show } from "./dom.js";
import { say } from "./page.js";
import { Refused, Rest } from "./rest.js";

/**
 * An invitation is answered. What stands behind the `#` is the secret: it leaves the address at once, and is kept for
 * this tab alone, so that somebody who signs in first finds it again.
 */
const KEPT = "clustr.invitation";
const rest = new Rest({ base: "/api/v1/" });
const signIn = new Rest({ base: "/_allauth/browser/v1/" });
const me = $("#main").dataset.signedIn ?? "";
const form = /** @type {HTMLFormElement} */ ($("#new-me"));

const token = readToken();
let declined = false;

/** @returns {string} */
function readToken() {
  const given = location.hash.slice(1);
  try {
    if (given) sessionStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname);
    return given || sessionStorage.getItem(KEPT) || "";
  } catch {
    return given;
  }
}

function forget() {
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // No storage, nothing to forget.
  }
}

/** @param {string} why */
function gone(why) {
  forget();
  show($("#loading"), false);
  show($("#letter"), false);
  setText($("#gone-why"), why);
  show($("#gone"), true);
}

async function open() {
  if (!token) return gone("Open it by the whole link in the text or mail that you got.");
  try {
    draw(await rest.call("POST", "invitations/open/", { body: { token } }));
  } catch (error) {
    if (error instanceof Refused && !error.temporary) gone(`${error.message}.`);
    else setText($("#loading"), "The server does not answer. Try again in a moment.");
  }
}

/** @param {any} letter */
function draw(letter) {
  const where = letter.unit ? `to live in ${letter.unit} as ${letter.kind}` : "to join";
  const roles = letter.roles.length ? `with the role ${letter.roles.join(", ")}` : "";
  setText($("#letter-title"), letter.invited_by === letter.estate ? `${letter.estate} invites you` : `${letter.invited_by} invites you to ${letter.estate}`);
  setText($("#letter-what"), `${letter.name}, you are asked ${[where, roles].filter(Boolean).join(", ")}.`);
  setText($("#new-with"), letter.login);
  /** @type {HTMLInputElement} */ ($("#new-login")).value = letter.login;
  /** @type {HTMLInputElement} */ ($("#new-name")).value = letter.name;
  show($("#as-me"), Boolean(me));
  show($("#sign-in-first"), !me && letter.has_account);
  show(form, !me && !letter.has_account);
  show($("#loading"), false);
  show($("#letter"), true);
}

$("#accept").addEventListener("click", () => accept({}));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const data = new FormData(form);
  accept({ name: String(data.get("name")), password: String(data.get("password")) });
});

/** @param {{name?: string, password?: string}} who */
async function accept(who) {
  const answer = await send("accept", who);
  if (!answer) return;
  forget();
  const signedIn = !answer.login || (await enter(answer.login, who.password ?? ""));
  if (signedIn) return location.assign("/");
  finish("You belong now", "Sign in to see your estate.");
}

$("#decline").addEventListener("click", async () => {
  const button = $("#decline");
  if (!declined) {
    // A second press on the same button: nothing is covered, and nothing is lost by a slip.
    declined = true;
    setText(button, "Decline, really");
    return say("Decline, really. Press again.");
  }
  if ((await send("decline", {})) === undefined) return;
  forget();
  finish("You declined", "Nothing of you is kept. You can close this page.");
  show($("#done-on"), Boolean(me));
});

/**
 * @param {string} verb
 * @param {object} more
 * @returns {Promise<any>} the answer, or undefined where it failed
 */
async function send(verb, more) {
  show($("#trouble"), false);
  try {
    return await rest.call("POST", `invitations/${verb}/`, { body: { token, ...more } });
  } catch (error) {
    if (error instanceof Refused && error.code === "invitation_over") gone(`${error.message}.`);
    else if (error instanceof Refused && error.code === "account_exists") {
      show(form, false);
      show($("#sign-in-first"), true);
    } else {
      setText($("#trouble"), error instanceof Refused ? error.message : "The server does not answer. Nothing is changed as far as we know.");
      show($("#trouble"), true);
    }
    return undefined;
  }
}

/** @param {string} login @param {string} password */
async function enter(login, password) {
  try {
    await signIn.call("POST", "auth/login", { body: { [login.includes("@") ? "email" : "phone"]: login, password } });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} title @param {string} what */
function finish(title, what) {
  show($("#letter"), false);
  setText($("#done-title"), title);
  setText($("#done-what"), what);
  show($("#done"), true);
  $("#done-title").focus();
}

open();
