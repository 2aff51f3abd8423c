/**
 * A button that must be held. By finger, by mouse, by Enter or Space. A screen reader's double tap cannot hold: it
 * presses twice instead.
 *
 * @param {HTMLElement} button
 * @param {{holdMs: number, onStart: () => void, onProgress: (part: number) => void, onCancel: () => void,
 *   onHeld: () => void, onAskAgain: () => void}} calls
 */
export function holdable(button, { holdMs, onStart, onProgress, onCancel, onHeld, onAskAgain }) {
  let startedAt = 0;
  let frame = 0;
  let endedAt = -Infinity;
  let askedAt = -Infinity;

  const step = () => {
    const part = Math.min(1, (performance.now() - startedAt) / holdMs);
    onProgress(part);
    if (part < 1) {
      frame = requestAnimationFrame(step);
      return;
    }
    stop();
    onHeld();
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    startedAt = 0;
    endedAt = performance.now();
    button.classList.remove("is-held");
  };
  const start = () => {
    if (startedAt) return;
    startedAt = performance.now();
    button.classList.add("is-held");
    onStart();
    frame = requestAnimationFrame(step);
  };
  const release = () => {
    if (!startedAt) return;
    stop();
    onProgress(0);
    onCancel();
  };

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture?.(event.pointerId);
    start();
  });
  // A frightened thumb slides: leaving the button does not let go of it, lifting the finger does.
  for (const name of ["pointerup", "pointercancel"]) button.addEventListener(name, release);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (!event.repeat) start();
  });
  button.addEventListener("keyup", (event) => {
    if (event.key === "Enter" || event.key === " ") release();
  });
  button.addEventListener("blur", release);
  button.addEventListener("click", () => {
    if (performance.now() - endedAt < 700) return;
    if (performance.now() - askedAt < 5000) {
      askedAt = -Infinity;
      onHeld();
      return;
    }
    askedAt = performance.now();
    onAskAgain();
  });
}
