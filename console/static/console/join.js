import { serveForms } from "./rest-forms.js";
import { Rest } from "./rest.js";

/** Somebody asks to join. While a request waits, the page looks now and then what became of it. */
serveForms(new Rest({ base: "/api/v1/" }));

const EVERY_MS = 10_000;
const list = document.querySelector("#asked");

async function look() {
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#asked");
    if (!list || !fresh || fresh.hasAttribute("data-waiting")) return;
    list.replaceChildren(...fresh.childNodes);
    list.removeAttribute("data-waiting");
  } catch {
    // The network is gone; the next look asks again.
  }
}

setInterval(() => {
  if (list?.hasAttribute("data-waiting") && document.visibilityState === "visible") look();
}, EVERY_MS);
