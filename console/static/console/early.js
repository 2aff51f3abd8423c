// Runs before anything can be pressed, so it is no module. The modules come later, and a press must not be lost until then:
// a form without a method is for a script to send, and the browser would put what is in it, passwords too, into the address.
(() => {
  /** @type {Array<() => void>} what was pressed, in that order */
  const pressed = [];
  let isServed = false;

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || form.hasAttribute("method")) return;
      event.preventDefault();
      if (isServed) return;
      event.stopImmediatePropagation();
      const button = /** @type {SubmitEvent} */ (event).submitter;
      pressed.push(() => form.requestSubmit(button));
    },
    true,
  );
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (isServed || button?.type !== "button") return;
      event.stopImmediatePropagation();
      pressed.push(() => button.click());
    },
    true,
  );
  // Modules have run by then.
  document.addEventListener("DOMContentLoaded", () => {
    isServed = true;
    for (const again of pressed.splice(0)) again();
  });
})();
