import { openEmergencyFeed } from "./commands.js";
import { readPage, say, showConnection } from "./page.js";
import { serveForms } from "./rest-forms.js";
import { story } from "./words.js";

/** A page of the desk whose forms change something: it goes on hearing of alerts meanwhile. */
const page = readPage();
const feed = openEmergencyFeed(page);

serveForms(feed.rest);
feed.on("event", (frame, { isReplay }) => {
  const line = story(frame.event, frame.data ?? {});
  if (line && !isReplay) say(line, frame.event === "emergency.alert.raised" ? "now" : "soon");
});
showConnection(page, feed);
feed.start();
