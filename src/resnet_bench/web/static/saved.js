// What was measured and kept: this session's classifications, and the result files.

import { at, drawFigures, swap, tell } from "./parts.js";
import { Refused, ask, text } from "./server.js";

// Runs `work`, and says at `place` what the server refused.
export async function telling(place, work) {
  try {
    await work();
    tell(place, null);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Refused)) throw error;
    tell(place, error);
  }
}

let asked = 0;

export function loadHistory() {
  const mine = ++asked;
  return telling(at("session-problem"), async () => {
    const html = await text("/history");
    if (mine !== asked) return; // a later one is asked for: an answer that was long on its way must not undo that
    swap(at("history"), html);
    at("session-actions").hidden = at("history").querySelector("table") === null;
    drawFigures();
  });
}

export function listResults() {
  return telling(at("results-problem"), async () => swap(at("results"), await text("/results")));
}

export function startSaving() {
  at("save").addEventListener("click", () =>
    telling(at("session-problem"), async () => {
      at("saved").textContent = "";
      const { name } = await (await ask("/results", { method: "POST" })).json();
      at("saved").textContent = `Saved as ${name}; it is among the saved results.`;
    }),
  );
}

export function startOpening() {
  const status = at("results-status");
  let opening = null;
  let name = "";

  at("results").addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-result]");
    if (button) open(button.dataset.result);
  });
  at("close").addEventListener("click", () => {
    close();
    document.querySelector(`button[data-result="${CSS.escape(name)}"]`)?.focus();
  });

  function close() {
    opening?.abort();
    at("opened").hidden = true;
    status.textContent = "";
    swap(at("report"), "");
  }

  async function open(chosen) {
    close();
    name = chosen;
    opening = new AbortController();
    const { signal } = opening;
    at("opened-title").textContent = name;
    at("opened").hidden = false;
    status.textContent = `${name} is being read and drawn. A large result takes many seconds.`;
    status.scrollIntoView();
    await telling(at("results-problem"), async () => {
      swap(at("report"), await text(`/results/${encodeURIComponent(name)}`, { signal }));
      await painted();
      if (signal.aborted) return;
      drawFigures();
      status.textContent = `Showing ${name}`;
    });
    if (!signal.aborted && at("report").childElementCount === 0) close();
  }
}

// After the words above are seen: drawing keeps the page busy.
function painted() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
