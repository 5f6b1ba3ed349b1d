// The page's parts, put together. The server writes every figure and every table; nothing here formats or computes them.

import { startChooser } from "./chooser.js";
import { startClassifying } from "./classify.js";
import { at } from "./parts.js";
import { listResults, loadHistory, startOpening, startSaving } from "./saved.js";
import { startTabs } from "./tabs.js";

const show = startTabs(document.querySelector("[role=tablist]"), (panel) => {
  if (panel.id === "panel-saved") listResults();
});
startClassifying(startChooser(() => show("panel-classify")), loadHistory);
startSaving();
startOpening();
loadHistory();
// What another tab has classified meanwhile.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") loadHistory();
});
