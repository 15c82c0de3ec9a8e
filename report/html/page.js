"use strict";
// Everything here is an addition: the page is complete without it.
(() => {
  const texts = {
    bytes: v => v >= 1 << 20 ? (v / (1 << 20)).toFixed(0) + "M" : v >= 1024 ? (v / 1024).toFixed(0) + "K" : v.toFixed(0) + "B",
    seconds: v => v >= 10 ? v.toFixed(0) + "s" : v >= 1 ? v.toFixed(1) + "s" : v >= .01 ? (v * 1e3).toFixed(0) + "ms" : (v * 1e3).toFixed(1) + "ms",
    share: v => +(v * 100).toPrecision(3) + " %",
    rate: v => +v.toPrecision(3) + "/s",
  };
  const text = (unit, v) => (texts[unit] || (v => "" + +v.toPrecision(3)))(v);
  // scale reads "min max from to log", as package chart writes it.
  const scale = words => {
    const [min, max, from, to, log] = words.split(" ");
    const low = +min, high = +max, a = +from, b = +to;
    return p => { const share = (p - a) / (b - a); return log === "true" ? low * Math.pow(high / low, share) : low + share * (high - low); };
  };
  const box = document.createElement("div");
  box.className = "values";
  box.hidden = true;
  document.body.append(box);
  const cursors = new Map();
  const clear = () => { box.hidden = true; for (const line of cursors.values()) line.remove(); cursors.clear(); };
  const draw = (svg, x) => {
    let line = cursors.get(svg);
    if (!line) {
      line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      line.setAttribute("class", "cursor");
      line.setAttribute("y1", 24);
      line.setAttribute("y2", svg.viewBox.baseVal.height - 38);
      svg.append(line);
      cursors.set(svg, line);
    }
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
  };
  // values of all lines of a chart at the point that is nearest to a pixel.
  const values = (svg, x) => {
    const rows = [];
    for (const panel of svg.querySelectorAll(".panel")) {
      const y = scale(panel.dataset.y);
      if (!rows.length) rows.push(text(panel.dataset.xUnit, scale(panel.dataset.x)(x)));
      for (const series of panel.querySelectorAll("[data-name]")) {
        let best = null, distance = 12;
        for (const line of series.querySelectorAll("polyline")) {
          for (const point of line.points) {
            const d = Math.abs(point.x - x);
            if (d < distance) { distance = d; best = point.y; }
          }
        }
        if (best !== null) rows.push(series.dataset.name + " " + text(panel.dataset.unit, y(best)));
      }
    }
    return rows;
  };
  document.addEventListener("pointermove", event => {
    const svg = event.target.closest && event.target.closest("svg.chart");
    if (!svg || !svg.querySelector(".panel")) { clear(); return; }
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const [, , from, to] = svg.querySelector(".panel").dataset.x.split(" ").map(Number);
    if (at.x < from || at.x > to) { clear(); return; }
    draw(svg, at.x);
    const rows = values(svg, at.x);
    box.textContent = rows.join("\n");
    box.hidden = rows.length < 2;
    box.style.left = Math.min(event.clientX + 16, innerWidth - box.offsetWidth - 8) + "px";
    box.style.top = Math.min(event.clientY + 16, innerHeight - box.offsetHeight - 8) + "px";
  });
  for (const figure of document.querySelectorAll(".picture")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Enlarge";
    button.setAttribute("aria-label", "Enlarge " + figure.querySelector("svg > title").textContent);
    button.addEventListener("click", () => {
      const dialog = document.createElement("dialog"), close = document.createElement("button");
      close.type = "button";
      close.textContent = "Close";
      close.addEventListener("click", () => dialog.close());
      dialog.append(close, figure.querySelector("svg").cloneNode(true));
      dialog.addEventListener("close", () => dialog.remove());
      document.body.append(dialog);
      dialog.showModal();
    });
    figure.append(button);
  }
  const open = () => { const it = location.hash && document.getElementById(location.hash.slice(1)); if (it && it.tagName === "DETAILS") it.open = true; };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => { for (const it of document.querySelectorAll("details")) it.open = true; });
})();
