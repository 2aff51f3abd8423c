import { openEmergencyFeed } from "./commands.js";
import { $, setText, show } from "./dom.js";
import { readPage, say, showConnection } from "./page.js";
import { story } from "./words.js";

/** Guard posts at the desk: each form is one post, and what is sent goes through the same door as everybody's. */
const page = readPage();
const feed = openEmergencyFeed(page);

document.addEventListener("submit", (event) => {
  const form = event.target instanceof HTMLFormElement ? event.target : null;
  if (!form?.classList.contains("post")) return;
  event.preventDefault();
  const data = new FormData(form);
  const body = {
    name: String(data.get("name")),
    dark_after_s: Number(data.get("dark_after_s")),
    dark_sms_after_s: Number(data.get("dark_sms_after_s")),
  };
  const id = form.dataset.post;
  run(id ? feed.rest.call("PATCH", `posts/${id}/`, { body }) : feed.rest.call("POST", "posts/", { body }));
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-archive]") : null;
  const form = button?.closest("form");
  if (!(button instanceof HTMLElement) || !form?.dataset.post) return;
  // A second press on the same button: nothing is covered, and nothing is lost by a slip.
  if (button.dataset.asked) run(feed.rest.call("DELETE", `posts/${form.dataset.post}/`));
  else {
    button.dataset.asked = "yes";
    setText(button, "Archive, really");
    say("Press again to archive.");
  }
});

/** @param {Promise<any>} sent */
async function run(sent) {
  show($("#trouble"), false);
  try {
    await sent;
    location.reload();
  } catch (error) {
    setText($("#trouble"), error instanceof Error ? error.message : String(error));
    show($("#trouble"), true);
  }
}

feed.on("event", (frame, { isReplay }) => {
  const line = story(frame.event, frame.data ?? {});
  if (line && !isReplay) say(line, frame.event === "emergency.alert.raised" ? "now" : "soon");
});
showConnection(page, feed);
feed.start();
