/** Times on a page of no estate, in the reader's own zone and words. @param {ParentNode} [within] */
export function localMoments(within = document) {
  const chosen = document.documentElement.dataset.dates || "en";
  // Alone it would be the American way.
  const format = new Intl.DateTimeFormat(chosen === "en" ? "en-GB" : chosen, { dateStyle: "medium", timeStyle: "short" });
  for (const place of within.querySelectorAll("time[data-moment]")) {
    const at = new Date(place.getAttribute("datetime") ?? "");
    if (!Number.isNaN(at.getTime())) place.textContent = format.format(at);
  }
}
