// The photograph to classify: from a file, dropped, pasted, or one of the samples. All go the same way.

import { examined, size } from "./image.js";
import { at, picture, tell } from "./parts.js";
import { Refused, ask } from "./server.js";

// `touched` is called when something comes that may be chosen. Gives a function for what is chosen: a promise of it, as
// it may still be on its way, or of null where nothing is, or nothing that can be classified.
export function startChooser(touched) {
  const problem = at("chooser-problem");
  const limitBytes = Number(at("limit").dataset.bytes);
  const samples = document.querySelectorAll("button[data-sample]");
  let chosen = Promise.resolve(null);
  let last = 0;

  // `fetched` gives the blob. What comes later wins, however long each takes: what was chosen before is chosen no more.
  function choose(name, fetched, sample = null) {
    const mine = ++last;
    touched();
    press(sample);
    chosen = (async () => {
      try {
        const image = await examined(await fetched(), name, limitBytes);
        if (mine === last) {
          tell(problem, null);
          show(image);
        }
        return image;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (mine === last) {
          at("preview").hidden = true;
          press(null);
          tell(problem, error);
        }
        return null;
      }
    })();
  }

  function press(sample) {
    for (const each of samples) each.setAttribute("aria-pressed", String(each === sample));
  }

  function file(files) {
    const [one] = files;
    if (one) choose(one.name, async () => one);
  }

  at("file").addEventListener("change", ({ target }) => {
    file(target.files);
    target.value = ""; // so that the same file can be chosen again, mended
  });
  for (const sample of samples) {
    const name = sample.dataset.sample;
    const fetched = async () => (await ask(`/samples/${encodeURIComponent(name)}`)).blob();
    sample.addEventListener("click", () => choose(name, fetched, sample));
  }
  document.addEventListener("paste", ({ clipboardData }) => file(clipboardData.files));
  startDropping(file);
  return () => chosen;
}

function show({ blob, name, width, height }) {
  picture(at("preview-image"), blob);
  at("preview-name").textContent = name;
  at("preview-facts").textContent = `${width} x ${height} pixels, ${size(blob.size)}`;
  at("preview").hidden = false;
}

// Anywhere on the page: a browser would otherwise leave the page for what misses a small target.
function startDropping(dropped) {
  const root = document.documentElement;
  const files = ({ dataTransfer }) => dataTransfer.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    root.classList.add("dragging");
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) root.classList.remove("dragging");
  });
  document.addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    root.classList.remove("dragging");
    dropped(event.dataTransfer.files);
  });
}
