import { setText, show } from "./dom.js";
import { readPage, say } from "./page.js";
import { Refused, Rest } from "./rest.js";

/**
 * The banner of who of the platform is in the estate. The server draws it; when somebody enters or leaves, the same page is
 * asked for again and its banner exchanged.
 */
const place = document.querySelector("[data-supporters]");
const page = document.querySelector("#page") ? readPage() : null;

if (place && page) {
  const rest = new Rest({ base: `/api/v1/estates/${page.estate.id}/` });

  document.addEventListener("clustr:support", async () => {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-supporters]");
      if (!fresh) return;
      place.replaceChildren(...fresh.children);
      say(place.textContent?.trim() ? (place.querySelector("p")?.textContent ?? "") : "Support access has ended.");
    } catch {
      // The network is gone; the next page shows it.
    }
  });

  place.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-end-support]") : null;
    if (!(button instanceof HTMLElement)) return;
    if (!button.dataset.asked) {
      button.dataset.asked = "yes";
      setText(button, "End it, really");
      return;
    }
    button.setAttribute("disabled", "");
    try {
      await rest.call("DELETE", `support/${button.dataset.endSupport}/`);
      // Who ended his own is out, and finds nothing here any more.
      if (page.me.kind === "support") location.assign("/");
      else location.reload();
    } catch (error) {
      button.removeAttribute("disabled");
      setText(button, error instanceof Refused ? error.message : "The server does not answer. Try again");
      show(button, true);
    }
  });
}
