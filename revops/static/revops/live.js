"use strict";
// One stream for all pages of this browser: the tab that holds the lock listens and relays to the others.
// Boards and queues share the one connection.

(() => {
  const AGAIN = 15000;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("revops-board") : null;
  let source = null;
  let release = null;
  let waiting = null;
  let heard = () => {};

  const tell = (kind, data) => { if (channel) channel.postMessage({ kind, data }); };

  function open() {
    source = new EventSource("/live/");
    source.addEventListener("open", () => { tell("open"); heard("open"); });
    source.addEventListener("frame", (event) => { tell("frame", event.data); heard("frame", event.data); });
    source.addEventListener("resync", () => { tell("resync"); heard("resync"); });
    source.addEventListener("stale", () => { tell("loss"); heard("loss"); });
    source.addEventListener("error", () => {
      tell("loss");
      heard("loss");
      // Refused for good: the browser does not come back by itself.
      if (source && source.readyState === EventSource.CLOSED) { const again = source; setTimeout(() => { if (source === again) { close(); open(); } }, AGAIN); }
    });
  }

  function close() { if (source) source.close(); source = null; }

  if (channel) {
    channel.onmessage = ({ data: { kind, data } }) => {
      if (source) { if (kind === "hello") tell("open"); return; }
      if (kind !== "hello") heard(kind, data);
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
    tell("hello");
  }

  function follow() {
    close();
    if (waiting) { waiting.abort(); waiting = null; }
    if (release) { release(); release = null; }
  }

  // Calls back with ("frame", text), ("open"), ("resync") and ("loss"); stops while nobody looks.
  function listen(callback) {
    heard = callback;
    document.addEventListener("visibilitychange", () => { if (document.hidden) follow(); else lead(); });
    window.addEventListener("pagehide", follow);
    window.addEventListener("pageshow", (event) => { if (event.persisted) lead(); });
    if (!document.hidden) lead();
  }

  window.revopsLive = { listen };
})();
