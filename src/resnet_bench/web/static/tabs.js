// https://www.w3.org/WAI/ARIA/apg/patterns/tabs/, where moving to a tab shows it.

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

// `shown` is told each panel that comes to be seen. Gives a function that shows a panel by its id.
export function startTabs(list, shown) {
  const tabs = Array.from(list.querySelectorAll("[role=tab]"));
  const panel = (tab) => document.getElementById(tab.getAttribute("aria-controls"));

  function select(chosen) {
    if (chosen.getAttribute("aria-selected") === "true") return;
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      panel(tab).hidden = tab !== chosen;
    }
    shown(panel(chosen));
  }

  list.addEventListener("click", ({ target }) => {
    if (tabs.includes(target)) select(target);
  });
  list.addEventListener("keydown", (event) => {
    const here = tabs.indexOf(document.activeElement);
    const ends = { Home: 0, End: tabs.length - 1 };
    const next = event.key in STEPS ? (here + STEPS[event.key] + tabs.length) % tabs.length : ends[event.key];
    if (next === undefined) return;
    event.preventDefault();
    tabs[next].focus();
    select(tabs[next]);
  });
  return (id) => select(tabs.find((tab) => panel(tab).id === id));
}
