// Draws the figures of this page with Plotly.js, in the colours of the style sheet: light or dark as the reader's
// system is set, light on paper. Traces name their colours (`meta.color`); nothing here knows what a figure is about.
"use strict";
(() => {
  const PAPER_WIDTH = 680; // pixels of A4 and of US letter, at 96 an inch, inside the margins
  const HEIGHT = 340;
  const LEGEND_LINE = 19;
  const root = document.documentElement;
  const touched = matchMedia("(pointer: coarse)").matches;
  const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"] };

  const figures = Array.from(document.querySelectorAll("figure"), (figure) => ({
    figure,
    place: figure.querySelector(".plot"),
    data: JSON.parse(figure.querySelector("script").textContent),
  }));

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

  function painted(trace, colour) {
    const name = trace.meta && trace.meta.color;
    if (name === undefined) return trace;
    const ink = Array.isArray(name) ? name.map(colour) : colour(name);
    const one = Array.isArray(ink) ? ink[0] : ink;
    const marker = { color: ink };
    switch (trace.type) {
      case "bar":
        return under(trace, { marker: { ...marker, line: { color: colour("paper"), width: 1 } }, error_x: { color: colour("ink") }, error_y: { color: colour("ink") } });
      case "waterfall": {
        const totals = { marker: { color: colour(trace.meta.totals || name) } };
        const falling = { marker: { color: colour(trace.meta.decreasing || name) } };
        return under(trace, { increasing: { marker }, decreasing: falling, totals, connector: { line: { color: colour("muted"), width: 1 } } });
      }
      case "box":
      case "violin":
        return under(trace, { marker, line: { color: one }, fillcolor: `${one}22` });
      default:
        return under(trace, { marker, line: { color: one }, fillcolor: `${one}33`, error_x: { color: one }, error_y: { color: one } });
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
        colorway: ["part0", "part1", "part2", "part3", "part4", "part5", "part6", "part7"].map(colour),
        margin: { l: 8, r: 12, t: 30, b: 8 },
        xaxis: axis,
        yaxis: axis,
        legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", maxheight: 1, traceorder: "normal", bgcolor: "rgba(0,0,0,0)" },
        hoverlabel: { bgcolor: colour("tint"), bordercolor: colour("soft"), font: { color: colour("ink") }, align: "left" },
        modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("soft"), activecolor: colour("ink") },
        dragmode: touched ? false : "zoom", // a finger that scrolls the page must not zoom a plot
        shapedefaults: { line: { color: colour("muted") }, fillcolor: colour("muted") },
        annotationdefaults: { font: { color: colour("ink") }, arrowcolor: colour("muted") },
        barcornerradius: 0,
      },
    };
  }

  // Lines of the legend, which Plotly.js sets in columns as wide as its longest text and takes from the plot's height.
  function legendLines(data, width) {
    const names = data.layout.showlegend === false ? [] : data.traces.map((trace) => trace.name || "");
    const column = 48 + 7 * Math.max(0, ...names.map((name) => name.length));
    return Math.ceil(names.length / Math.max(1, Math.floor(width / column)));
  }

  function draw(width) {
    const colour = palette();
    for (const { figure, place, data } of figures) {
      const layout = { ...data.layout, template: template(colour) };
      const height = layout.height || HEIGHT;
      layout.height = height + LEGEND_LINE * legendLines(data, width || place.clientWidth);
      if (width) layout.width = width;
      try {
        Plotly.react(place, data.traces.map((trace) => painted(trace, colour)), layout, config);
        figure.classList.add("drawn");
      } catch (error) {
        console.error(figure.id, error); // its description stays in its place, and the other figures are drawn
      }
    }
  }

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
  addEventListener("beforeprint", () => {
    root.classList.add("paper");
    draw(PAPER_WIDTH);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("paper");
    draw();
  });
})();
