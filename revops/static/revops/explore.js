"use strict";
// Charts of the explorers. The server makes the figure and its words; here is only when the renderer is fetched,
// which colours the theme has, and that a chart follows both. The same numbers stand in the table below.

(() => {
  const own = document.currentScript;
  const TOKEN = /^var\((--[a-z0-9-]+)\)$/;
  const CONFIG = {
    displayModeBar: false, displaylogo: false, responsive: true, scrollZoom: false, doubleClick: false,
    showSendToCloud: false, plotlyServerURL: "", locale: document.documentElement.lang === "ja" ? "ja" : "en-US",
  };
  const JAPANESE = {
    moduleType: "locale", name: "ja", dictionary: {},
    format: {
      days: ["日曜日", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日"], shortDays: ["日", "月", "火", "水", "木", "金", "土"],
      months: [...Array(12)].map((_, n) => `${n + 1}月`), shortMonths: [...Array(12)].map((_, n) => `${n + 1}月`),
      periods: ["午前", "午後"], date: "%Y/%m/%d", decimal: ".", thousands: ",",
    },
  };
  let fetched = null;

  function renderer() {
    fetched ||= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = own.dataset.plotly;
      script.nonce = own.nonce;
      script.onload = () => { window.Plotly.register(JAPANESE); resolve(window.Plotly); };
      script.onerror = reject;
      document.head.append(script);
    });
    return fetched;
  }

  // Figures name the colours of the design; what these are depends on the theme.
  function themed(part, style) {
    if (typeof part === "string") {
      const token = TOKEN.exec(part);
      return token ? style.getPropertyValue(token[1]).trim() || part : part;
    }
    if (Array.isArray(part)) return part.map((one) => themed(one, style));
    if (part && typeof part === "object") return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, themed(one, style)]));
    return part;
  }

  function chart(figure) {
    const box = figure.querySelector(".chart-box");
    const said = JSON.parse(document.getElementById(figure.dataset.figure).textContent);
    let drawn = false;

    async function draw() {
      try {
        const Plotly = await renderer();
        const style = getComputedStyle(document.documentElement);
        const { data, layout } = themed(said, style);
        layout.font = { ...layout.font, family: getComputedStyle(document.body).fontFamily };
        layout.autosize = true;
        await Plotly.react(box, data, layout, CONFIG);
        drawn = true;
        figure.dataset.drawn = style.getPropertyValue("--surface").trim();
      } catch (error) {
        box.hidden = true;
        figure.querySelector(".chart-failed").hidden = false;
        throw error;
      }
    }

    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      draw();
    }, { rootMargin: "100px" });
    seen.observe(box);

    const again = () => { if (drawn) draw(); };
    new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme:dark)").addEventListener("change", again);
  }

  document.querySelectorAll("figure.chart").forEach(chart);
})();
