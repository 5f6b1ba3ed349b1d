// One press of Classify: the photograph goes up, then what is known of it comes as server-sent events.

import { at, drawFigures, picture, swap, tell } from "./parts.js";
import { Refused, ask, gone } from "./server.js";

// The browser and what is measured share this machine's CPUs: twice a second is seldom, and nothing here is animated.
const TICK_MS = 500;

// `chosen` gives a promise of the photograph, or of null; `done` is called when a classification has ended.
export function startClassifying(chosen, done) {
  const button = at("classify");
  const clock = startClock(at("elapsed"));
  let stream = null;

  at("chooser").addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = at("chooser-problem");
    button.disabled = true;
    at("status").textContent = "Reading the photograph";
    try {
      const image = await chosen();
      if (image === null) {
        at("status").textContent = "";
        // What was refused has said why, and that stands there still.
        if (problem.childElementCount > 0) return;
        throw new Refused("There is no photograph yet.", "Choose a file, or one of the samples.");
      }
      tell(problem, null);
      at("status").textContent = "Sending the photograph";
      const path = await send(image, at("cold")?.checked);
      stream?.close();
      begin(image);
      clock.start();
      stream = follow(path, seen, lost);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      at("status").textContent = "";
      tell(problem, error);
    } finally {
      button.disabled = false;
      if (document.activeElement === document.body) button.focus(); // a button loses it when it is disabled
    }
  });

  function seen({ image, state, status, problem, parts }) {
    at("asked-name").textContent = image; // numbered where another image of that name was here before
    at("status").textContent = status;
    tell(at("answer-problem"), problem);
    for (const [name, html] of Object.entries(parts)) swap(at(`part-${name}`), html);
    at("measuring").hidden = state === "tracing";
    drawFigures();
    if (state === "done") ended();
  }

  function lost(forGood) {
    if (forGood) {
      const words = "The server does not know this classification any more: it was started anew.";
      tell(at("answer-problem"), new Refused(words, "Press Classify again."));
      at("status").textContent = "";
      ended();
    } else {
      const { message, hint } = gone();
      tell(at("answer-problem"), new Refused(message, `${hint} This page goes on asking.`));
    }
  }

  function ended() {
    at("measuring").hidden = true;
    clock.stop();
    done();
  }
}

// Where the classification is to be found.
async function send({ blob, name, type }, cold) {
  const query = new URLSearchParams(cold ? { name, cold: "1" } : { name });
  const headers = { "Content-Type": type, Prefer: "respond-async" };
  const response = await ask(`/classify?${query}`, { method: "POST", headers, body: blob });
  return response.headers.get("Location");
}

// A broken stream is taken up again by the browser, and begins with how things stand.
function follow(path, seen, lost) {
  const stream = new EventSource(`${path}/events`);
  stream.addEventListener("view", ({ data }) => {
    const view = JSON.parse(data);
    if (view.state === "done") stream.close();
    seen(view);
  });
  stream.addEventListener("error", () => lost(stream.readyState === EventSource.CLOSED));
  return stream;
}

function begin({ blob, name }) {
  at("empty").hidden = true;
  at("asked").hidden = false;
  at("measuring").hidden = false;
  at("asked-name").textContent = name;
  picture(at("asked-image"), blob);
  tell(at("answer-problem"), null);
  for (const part of document.querySelectorAll("[id^=part-]")) swap(part, "");
}

function startClock(place) {
  let timer = 0;
  return {
    start() {
      this.stop();
      const from = performance.now();
      const show = () => {
        place.textContent = `${((performance.now() - from) / 1000).toFixed(1)} s`;
      };
      show();
      timer = setInterval(show, TICK_MS);
    },
    stop() {
      clearInterval(timer);
      place.textContent = "";
    },
  };
}
