/** Times on a page of no estate, in the reader's own zone and words. @param {ParentNode} [within] */
export function localMoments(within = document) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const place of within.querySelectorAll("time[data-moment]")) {
    const at = new Date(place.getAttribute("datetime") ?? "");
    if (!Number.isNaN(at.getTime())) place.textContent = format.format(at);
  }
}
