"use strict";
// One stream for all pages of this browser: the tab that holds the lock listens and relays to the others.
// Calls back with ("frame", text), ("open"), ("resync") and ("loss"). Nobody listens while nobody looks.

(() => {
  const AGAIN = 15000;
  const SPREAD = 3000;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("revops-board") : null;
  const listeners = new Set();
  let source = null;
  let release = null;
  let waiting = null;
  let isOn = false;
  let latest = null;

  function hear(kind, data) {
    isOn = kind !== "loss";
    if (kind === "frame") latest = data;
    listeners.forEach((callback) => callback(kind, data));
  }
  function pass(kind, data) {
    if (channel) channel.postMessage({ kind, data });
    hear(kind, data);
  }

  function open() {
    source = new EventSource("/live/");
    source.addEventListener("open", () => pass("open"));
    source.addEventListener("frame", (event) => pass("frame", event.data));
    source.addEventListener("resync", () => pass("resync"));
    source.addEventListener("stale", () => pass("loss"));
    source.addEventListener("error", () => {
      pass("loss");
      // Refused for good: the browser does not come back by itself.
      if (source && source.readyState === EventSource.CLOSED) { const again = source; setTimeout(() => { if (source === again) { close(); open(); } }, AGAIN); }
    });
  }
  function close() { if (source) source.close(); source = null; }

  if (channel) {
    channel.onmessage = ({ data: { kind, data } }) => {
      if (source) { if (kind === "hello" && isOn) channel.postMessage({ kind: "open" }); return; }
      if (kind !== "hello") hear(kind, data);
    };
  }

  function lead() {
    if (!channel || !navigator.locks) { if (!source) open(); return; }
    if (release || waiting) return;
    waiting = new AbortController();
    navigator.locks.request("revops-board", { signal: waiting.signal }, () => {
      waiting = null;
      open();
      return new Promise((done) => { release = done; });
    }).catch(() => {});
    channel.postMessage({ kind: "hello" });
  }
  function follow() {
    close();
    isOn = false;
    latest = null;
    if (waiting) { waiting.abort(); waiting = null; }
    if (release) { release(); release = null; }
  }

  function listen(callback) {
    listeners.add(callback);
    if (latest) callback("frame", latest);
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden) follow(); else lead(); });
  window.addEventListener("pagehide", follow);
  window.addEventListener("pageshow", (event) => { if (event.persisted) lead(); });
  if (!document.hidden) lead();

  // The bell: a frame names the newest notice of whom something was told; whose it is asks for his number, a little
  // later. While frames come it does not ask by itself; a page without the stream goes on asking every minute or so.
  const bell = () => document.getElementById("bell-count");
  const isCounted = () => Boolean(bell() && bell().dataset.newest);
  let asking = 0;
  function ask() {
    if (asking || !isCounted()) return;
    asking = setTimeout(() => {
      asking = 0;
      if (bell()) htmx.ajax("GET", bell().getAttribute("hx-get"), { target: "#bell-count", swap: "outerHTML" }).catch(() => {});
    }, Math.random() * SPREAD);
  }
  listen((kind, data) => {
    if (kind !== "frame" || !isCounted()) return;
    const { bells } = JSON.parse(data);
    if (bells && bells[bell().dataset.member] > Number(bell().dataset.newest)) ask();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "bell-count" && isOn && isCounted()) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });

  window.revopsLive = { listen };
})();
