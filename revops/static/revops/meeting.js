"use strict";
// A meeting's screen: follows the room over the stream, moves it by keys, counts the shared timer, keeps what is typed.

(() => {
  const follow = document.getElementById("follow");
  if (!follow) return;

  const POLL = 5000;
  const bar = () => document.getElementById("meeting-bar");
  const head = () => document.getElementById("slide-head");
  const draft = `revops:decision:${follow.dataset.member}:${follow.dataset.meeting}`;
  let newest = Number(bar().dataset.version);
  let isOn = false;

  // A frame names the version of every meeting that runs: what is other than here is fetched, what is typed stays.
  function refresh() { htmx.trigger(follow, "changed"); }
  function hear(kind, data) {
    if (kind === "loss") { isOn = false; return; }
    if (kind === "resync") { refresh(); return; }
    if (kind !== "frame") return;
    isOn = true;
    const version = (JSON.parse(data).meetings || {})[follow.dataset.meeting];
    if (version !== undefined && version > Math.max(newest, Number(bar().dataset.version))) {
      newest = version;
      refresh();
    }
  }
  if (window.revopsLive) window.revopsLive.listen(hear);
  setInterval(() => { if (!isOn && !document.hidden && navigator.onLine) refresh(); }, POLL);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });

  // Who may move the room moves it with the links of the agenda; others look at the slide by themselves.
  function show(slide) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    htmx.ajax("POST", follow.dataset.show, { source: follow, swap: "none", selectOOB: follow.getAttribute("hx-select-oob"), values: { slide, csrfmiddlewaretoken: token } });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("#agenda-rail a");
    if (!link || !follow.dataset.show || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(new URL(link.href).searchParams.get("slide"));
  });

  // Space is the timer and Escape leaves, unless something has the keys for itself.
  const isTyping = (element) => element.matches("input, textarea, select, button, a, summary, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && event.target.matches("input")) { event.target.blur(); return; }
    const pressed = { " ": "Space", Escape: "Escape" }[event.key];
    if (!pressed || isTyping(event.target)) return;
    const target = document.querySelector(`[data-key="${pressed}"]`);
    if (target) { event.preventDefault(); target.click(); }
  });

  // The timer: minutes as the server says them, counted on here.
  let since = performance.now();
  function tick() {
    const timer = bar().querySelector(".timer");
    if (!timer || !("runs" in timer.dataset)) return;
    const left = Number(timer.dataset.left) - Math.floor((performance.now() - since) / 1000);
    const minutes = Math.floor(Math.abs(left) / 60);
    const words = left < 0 ? timer.dataset.wordsOver : timer.dataset.wordsLeft;
    const text = words.replace("{n}", minutes);
    if (timer.textContent !== text) timer.textContent = text;
    timer.classList.toggle("bad", left < 0);
  }
  setInterval(tick, 1000);
  document.addEventListener("htmx:oobAfterSwap", () => { since = performance.now(); });

  // Nothing typed is ever lost: a decision waits here until it was taken. Then the keys are the room's again.
  const line = () => document.getElementById("decision");
  if (line()) {
    const sent = `${draft}:sent`;
    const kept = localStorage.getItem(draft);
    const what = (kept || "").normalize("NFKC").split("@")[0].replace(/\s+/g, " ").trim();
    // Taken once it stands in the list; sent and not there, it waits here still.
    if (localStorage.getItem(sent) && what && document.getElementById("decided").textContent.includes(what)) localStorage.removeItem(draft);
    else if (kept && !line().value) line().value = kept;
    localStorage.removeItem(sent);
    document.addEventListener("input", (event) => {
      if (event.target !== line()) return;
      line().removeAttribute("aria-invalid");
      localStorage.setItem(draft, line().value);
    });
    line().form.addEventListener("submit", () => localStorage.setItem(sent, "1"));
    document.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.elt !== line().form || !event.detail.xhr) return;
      localStorage.removeItem(sent);
      if (event.detail.xhr.status === 422) line().setAttribute("aria-invalid", "true");
      if (event.detail.xhr.status !== 200) return;
      localStorage.removeItem(draft);
      line().value = "";
      line().blur();
    });
  }
})();
