// Draws the figures of this page with Plotly.js, in the colours of the style sheet: light or dark as the reader's
// system is set, light on paper. Traces name their colours (`meta.color`); nothing here knows what a figure is about.
// A page whose figures come and go says so by the event `resnet-bench:figures` on `document`.
"use strict";
(() => {
  const PAPER_WIDTH = 680; // pixels of A4 and of US letter, at 96 an inch, inside the margins
  const HEIGHT = 340;
  const LEGEND_LINE = 19;
  const SETTLED_MS = 100; // while a window is dragged wider its plots are left as they are
  const CLEAR = "rgba(0,0,0,0)";
  const root = document.documentElement;
  const touched = matchMedia("(pointer: coarse)").matches;
  const config = {
    displaylogo: false,
    // A button of Plotly.js's own would send the chart, with all its figures, to its makers.
    showSendToCloud: false,
    plotlyServerURL: "",
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
  };

  let figures = []; // each as {figure, place, data, width}; the width for which it was drawn

  function palette() {
    const style = getComputedStyle(root);
    return (name) => style.getPropertyValue(`--${name}`).trim();
  }

  // A second set of values beneath the figure's own: `{marker: {size: 5}}` onto `{marker: {color: c}}`.
  function under(own, more) {
    const made = { ...more, ...own };
    for (const key of Object.keys(more)) {
      if (own[key] !== undefined && more[key] !== null && typeof more[key] === "object" && !Array.isArray(more[key])) {
        made[key] = under(own[key], more[key]);
      }
    }
    return made;
  }

  // Black or white, whichever stands out more: on any colour one of them has a contrast of 4.5 at least, by
  // https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
  function readable(ink) {
    const [red, green, blue] = ink.match(/[0-9a-f]{2}/gi).map((digits) => {
      const part = parseInt(digits, 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
  }

  function painted(trace, colour) {
    const name = trace.meta && trace.meta.color;
    if (name === undefined) return trace;
    const inks = Array.isArray(name) ? name.map(colour) : colour(name);
    const ink = Array.isArray(inks) ? inks[0] : inks;
    const error = { color: trace.type === "bar" ? colour("ink") : ink };
    const errors = { error_x: error, error_y: error };
    switch (trace.type) {
      case "bar":
        return under(trace, {
          marker: { color: inks, line: { color: colour("paper"), width: 1 } },
          insidetextfont: { color: Array.isArray(inks) ? inks.map(readable) : readable(inks) },
          ...errors,
        });
      case "waterfall":
        return under(trace, {
          increasing: { marker: { color: ink } },
          decreasing: { marker: { color: colour(trace.meta.decreasing || name) } },
          totals: { marker: { color: colour(trace.meta.totals || name) } },
          connector: { line: { color: colour("muted"), width: 1 } },
        });
      case "box":
      case "violin":
        return under(trace, { marker: { color: ink }, line: { color: ink }, fillcolor: `${ink}22` });
      default:
        return under(trace, { marker: { color: inks }, line: { color: ink }, fillcolor: `${ink}33`, ...errors });
    }
  }

  function template(colour) {
    const axis = {
      automargin: true,
      separatethousands: true,
      ticklabelstandoff: 4,
      gridcolor: colour("line"),
      linecolor: colour("line"),
      zerolinecolor: colour("soft"),
      title: { font: { size: 12, color: colour("soft") }, standoff: 8 },
    };
    return {
      layout: {
        font: { color: colour("ink"), size: 12, family: getComputedStyle(document.body).fontFamily },
        paper_bgcolor: colour("paper"),
        plot_bgcolor: colour("paper"),
        margin: { l: 8, r: 12, t: 30, b: 8 },
        xaxis: axis,
        yaxis: axis,
        legend: {
          orientation: "h",
          traceorder: "normal",
          x: 0,
          xanchor: "left",
          y: 1.02,
          yanchor: "bottom",
          maxheight: 1,
          bgcolor: CLEAR,
        },
        hoverlabel: {
          bgcolor: colour("tint"),
          bordercolor: colour("soft"),
          font: { color: colour("ink") },
          align: "left",
        },
        modebar: { bgcolor: CLEAR, color: colour("soft"), activecolor: colour("ink") },
        dragmode: touched ? false : "zoom", // a finger that scrolls the page must not zoom a plot
        shapedefaults: { line: { color: colour("muted") }, fillcolor: colour("muted") },
        annotationdefaults: { font: { color: colour("ink") }, arrowcolor: colour("muted") },
      },
    };
  }

  // Lines of the legend, which Plotly.js sets in columns as wide as its longest text and takes from the plot's height.
  function legendLines(data, width) {
    const names = data.layout.showlegend === false ? [] : data.traces.map((trace) => trace.name || "");
    const column = 48 + 7 * Math.max(0, ...names.map((name) => name.length));
    return Math.ceil(names.length / Math.max(1, Math.floor(width / column)));
  }

  function draw(known, paper) {
    const { figure, place, data } = known;
    if (!window.Plotly || !place.clientWidth) return; // not loaded yet; or hidden, and drawn when it is shown
    known.width = place.clientWidth;
    try {
      const colour = palette();
      const width = paper || known.width;
      const height = (data.layout.height || HEIGHT) + LEGEND_LINE * legendLines(data, width);
      // uirevision: what the reader has zoomed or switched off stays so when the colours change.
      const layout = { ...data.layout, width, height, template: template(colour), uirevision: 1 };
      Plotly.react(place, data.traces.map((trace) => painted(trace, colour)), layout, config);
      // Read out are the description and the plot's buttons, not the digits along its axes.
      for (const svg of place.querySelectorAll("svg.main-svg")) svg.setAttribute("aria-hidden", "true");
      figure.classList.add("drawn");
    } catch (error) {
      console.error(figure.id, error); // its description stays in its place, and the other figures are drawn
    }
  }

  function drawAll(paper) {
    for (const known of figures) {
      known.width = null; // what is hidden now is drawn anew when it is shown
      draw(known, paper);
    }
  }

  // Those that are new, were hidden, or have got another width.
  function drawChanged() {
    if (root.classList.contains("paper")) return;
    for (const known of figures) if (known.place.clientWidth !== known.width) draw(known);
  }

  let waiting;
  const observer = new ResizeObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(drawChanged, SETTLED_MS);
  });

  function adopted(figure) {
    const place = figure.querySelector(".plot");
    observer.observe(place);
    return { figure, place, data: JSON.parse(figure.querySelector("script").textContent), width: null };
  }

  function forget({ place }) {
    observer.unobserve(place);
    if (window.Plotly) Plotly.purge(place);
  }

  function update() {
    const found = Array.from(document.querySelectorAll("figure:has(> .plot)"));
    const known = new Map(figures.map((each) => [each.figure, each]));
    figures.filter((each) => !each.figure.isConnected).forEach(forget);
    figures = found.map((figure) => known.get(figure) || adopted(figure));
    drawChanged();
  }

  update();
  document.addEventListener("resnet-bench:figures", update);
  addEventListener("load", update); // where this script was the first to be loaded
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
  addEventListener("beforeprint", () => {
    root.classList.add("paper");
    drawAll(PAPER_WIDTH);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("paper");
    drawAll();
  });
})();
