// Puts what the server has written into the page, and words of this page's own.

export const at = (id) => document.getElementById(id);

const shown = new WeakMap();
const focusable = (place) => Array.from(place.querySelectorAll("a, button, [tabindex]"));

// `html` is always a fragment of this page's own server, which escapes every text in it. What is the same stays as it
// is: a plot keeps its zoom. Whoever stands inside with the keyboard stands there still.
export function swap(place, html) {
  if (shown.get(place) === html) return;
  const standing = focusable(place).indexOf(document.activeElement);
  place.innerHTML = html;
  shown.set(place, html);
  focusable(place)[standing]?.focus({ preventScroll: true });
}

export function drawFigures() {
  document.dispatchEvent(new Event("resnet-bench:figures"));
}

// An error where it happened, as text; nothing takes it away.
export function tell(place, error) {
  if (error === null) {
    place.replaceChildren();
    return;
  }
  const lines = [error.message, error.hint].filter(Boolean).map((words) => {
    const line = document.createElement("p");
    line.textContent = words;
    return line;
  });
  place.replaceChildren(...lines);
}

// The picture of a blob; the one before is let go.
export function picture(image, blob) {
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
}
