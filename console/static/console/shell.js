/** What every page does: keeps the shell on the device, and clears a person's pages from it at sign-out. */

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/service-worker.js").catch((error) => console.info("No offline shell:", error.message));
}

for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", () => {
    // A tablet is shared by a shift: the next person must not find the last one's pages, positions or unsent commands.
    navigator.serviceWorker?.controller?.postMessage("forget-pages");
    try {
      sessionStorage.clear();
    } catch {
      // No storage, nothing to clear.
    }
  });
}

/** A menu closes when one leaves it. */
for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("focusout", (event) => {
    const next = /** @type {FocusEvent} */ (event).relatedTarget;
    if (next instanceof Node && !menu.contains(next)) menu.removeAttribute("open");
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.removeAttribute("open");
  });
  menu.addEventListener("keydown", (event) => {
    if (/** @type {KeyboardEvent} */ (event).key === "Escape") menu.removeAttribute("open");
  });
}
