"use strict";
// Keeps the numbers of the board current: frames of the stream, else its own numbers every 15 seconds.
// A frame carries numbers and names only; this page words them in its own language.

(() => {
  const board = document.getElementById("board");
  const live = document.getElementById("live");
  if (!board || !live) return;

  const POLL = 15000;
  const STALE = 10000;
  const SPREAD = 8000;
  const language = document.documentElement.lang.startsWith("ja") ? "ja" : "en";
  const numbers = JSON.parse(document.getElementById("board-numbers").textContent);
  const words = JSON.parse(document.getElementById("board-words").textContent);
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: board.dataset.zone });

  // The same words as the server's; the tests compare them.
  const plain = (value) => value.toLocaleString("en-US");
  const trimmed = (value, decimals) => {
    const text = value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
  };
  const span = (hours) => {
    const minutes = Math.max(0, Math.floor(hours * 60 + 1e-6));
    const long = minutes >= 2880;
    const whole = Math.floor(minutes / 60);
    const parts = long ? [Math.floor(whole / 24), whole % 24, 0] : [0, whole, minutes % 60];
    const units = language === "ja" ? ["日", "時間", "分"] : [" d", " h", " min"];
    const said = parts.map((n, i) => (n ? `${n}${units[i]}` : "")).filter(Boolean);
    return said.join(language === "ja" ? "" : " ") || `0${units[2]}`;
  };
  const yen = (value) => {
    if (language === "ja") {
      if (value >= 1e8) return `${trimmed(value / 1e8, 1)}億円`;
      return value >= 1e4 ? `${trimmed(value / 1e4, 0)}万円` : `${trimmed(value, 0)}円`;
    }
    if (value >= 1e6) return `¥${trimmed(value / 1e6, 2)}M`;
    return value >= 1000 ? `¥${trimmed(value / 1000, 0)}K` : `¥${trimmed(value, 0)}`;
  };
  const SHAPES = {
    count: plain,
    signed: (value) => (value === 0 ? "±0" : value > 0 ? `+${plain(value)}` : `\u2212${plain(-value)}`),
    share: (value) => `${(value * 100).toFixed(1)}%`,
    percent: (value) => `${value}%`,
    goal: (value) => `${(Math.round(value * 1000) / 10).toFixed(1).replace(/\.0$/, "")}%`,
    tenths: (value) => `+${value.toFixed(1)}`,
    "more-yen": (value) => `+${yen(value)}`,
    hours: span,
    days: (value) => span(value * 24),
    yen,
  };

  // The figures the board is set beside stand still; what changes is how far those of now are from them.
  const besides = [...board.querySelectorAll("[data-beside]")].map((element) => {
    const { beside: name, then, as } = element.dataset;
    return { element, name, as, then: then === "" ? null : Number(then) };
  });
  const moved = (by) => (by === 0 ? "±0pt" : `${by > 0 ? "+" : "\u2212"}${Math.abs(by).toFixed(1).replace(/\.0$/, "")}pt`);
  function setBeside({ element, name, as, then }) {
    const now = numbers[name];
    const unknown = now == null || then == null;
    const text = unknown ? "–" : as === "moved" ? moved(Math.floor((now - then) * 1000 + 0.5) / 10) : SHAPES.signed(now - then);
    if (text !== element.textContent) element.textContent = text;
    if (!name.startsWith("stage:")) return;
    const stage = name.slice("stage:".length);
    const percent = then ? Math.round((now * 100) / then) : now ? 100 : 0;
    Object.assign(numbers, { [`pct:${stage}`]: percent, [`bar:${stage}`]: Math.min(125, percent), [`missing:${stage}`]: null, [`gap:${stage}`]: null, [`tone:${stage}`]: "" });
  }

  function interval(element) {
    const [low, high] = [numbers[element.dataset.n], numbers[element.dataset.high]];
    return low == null || high == null ? "\u00a0" : `${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)}%`;
  }

  function write(element) {
    const { n, as } = element.dataset;
    if (as === "bar") {
      const height = numbers[n] ?? 0;
      element.setAttribute("height", height);
      element.setAttribute("y", 125 - height);
      return;
    }
    if (as === "width") { element.setAttribute("width", numbers[n] ?? 0); return; }
    if (!(n in numbers)) return;
    const value = numbers[n];
    const text = as === "interval" ? interval(element) : value == null ? "–" : SHAPES[as](value);
    if (text === element.textContent) return;
    element.textContent = text;
    element.classList.remove("changed");
    void element.offsetWidth;
    element.classList.add("changed");
  }

  // What follows from the numbers beside their digits: words of standing, the warm box, the lines. The server draws the
  // same (templatetags/figures.py, drawing.py); a test holds the two together.
  const TONES = ["ahead", "on_pace", "behind", "worst", "starved"];
  const tone = (element, name) => TONES.forEach((each) => element.classList.toggle(each, each === name));
  function stand(element) {
    const name = element.dataset.stand;
    const said = numbers[`tone:${name}`] || "";
    const gap = numbers[`gap:${name}`];
    tone(element, said);
    const text = gap == null ? words[said] : words[said].replace("{n}", plain(Math.abs(gap)));
    if (text !== element.textContent) element.textContent = text;
  }
  function pipe() {
    board.querySelectorAll("[data-stand]").forEach(stand);
    board.querySelectorAll("[data-miss]").forEach((element) => {
      element.hidden = numbers[`missing:${element.dataset.miss}`] == null || numbers[`bar:${element.dataset.miss}`] >= 100;
      tone(element, numbers[`tone:${element.dataset.miss}`]);
    });
    board.querySelectorAll("[data-hatch]").forEach((element) => {
      const name = element.dataset.hatch;
      element.setAttribute("height", numbers[`missing:${name}`] == null ? 0 : Math.max(0, 100 - numbers[`bar:${name}`]));
      tone(element, numbers[`tone:${name}`]);
    });
    board.querySelectorAll("[data-band]").forEach((element) => {
      const n = Number(element.dataset.at);
      const [start, end] = [n * 100 + 72, (n + 1) * 100 + 28];
      const middle = Math.floor((start + end) / 2);
      const [high, low] = [125 - numbers[`bar:${element.dataset.band}`], 125 - numbers[`bar:${element.dataset.to}`]];
      element.setAttribute("d", `M${start} ${high}C${middle} ${high} ${middle} ${low} ${end} ${low}V125H${start}Z`);
    });
  }
  // What takes another place by what it says is laid out anew in one go: nothing is seen to move, no focus is lost.
  function renew(element) {
    element.style.display = "none";
    void element.offsetWidth;
    element.style.display = "";
  }
  function verdict() {
    const box = document.getElementById("bottleneck");
    if (!box) return;
    const said = () => [box.dataset.verdict, box.dataset.named, box.dataset.judged].join("|");
    const before = said();
    box.dataset.verdict = numbers.bottleneck;
    box.dataset.named = numbers.named;
    box.dataset.judged = numbers.judged;
    const warm = !numbers.judged && ["found", "tie"].includes(numbers.bottleneck) ? numbers.named.split(" ") : [];
    board.querySelectorAll("[data-gate]").forEach((element) => {
      const isNamed = warm.includes(element.dataset.gate);
      if (element.classList.contains("named") === isNamed) return;
      element.classList.toggle("named", isNamed);
      renew(element);
    });
    // What is judged may be the last whole period: then its rows are meant.
    const [from, to] = numbers.judged ? [numbers.judged, numbers["judged-to"]] : [board.dataset.from, board.dataset.to];
    box.querySelectorAll("[data-rows]").forEach((link) => {
      const address = new URL(link.href);
      address.searchParams.set("from", from);
      address.searchParams.set("to", to);
      link.href = address.pathname + address.search;
    });
    box.querySelectorAll("[data-window]").forEach((element) => { element.hidden = element.dataset.window !== numbers.judged; });
    if (said() !== before) box.querySelectorAll(".claim, .gain, .acts").forEach(renew);
    board.querySelectorAll("[data-case]").forEach((element) => {
      const name = element.dataset.case;
      element.hidden = element.dataset.is !== (numbers[`${name}-step`] || numbers[name]);
    });
    const least = Number(board.dataset.least);
    board.dataset.why = numbers["n:in-time"] >= least && numbers["n:late"] >= least ? "1" : "";
    board.querySelectorAll("[data-shown]").forEach((element) => {
      const { shown, unless } = element.dataset;
      element.hidden = numbers[shown] == null || (unless !== undefined && numbers[unless] != null);
    });
    board.querySelectorAll("[data-below]").forEach((element) => {
      const [rate, goal] = [numbers[`rate:${element.dataset.below}`], numbers[element.dataset.goal]];
      element.classList.toggle("below", rate != null && goal != null && rate < goal);
    });
  }
  function drawCourse() {
    const chart = document.getElementById("course");
    if (!chart || !numbers.course) return;
    const [passed, whole] = [numbers["days:passed"], numbers["days:whole"] || 1];
    const { landing, bookings } = numbers;
    const target = numbers["target:bookings"];
    const most = Math.max(landing ?? 0, target ?? 0, bookings, 1);
    const x = (day) => 40 + Math.floor((336 * day) / whole);
    const y = (amount) => 94 - Math.trunc((82 * amount) / most);
    const set = (name, values) => {
      const element = chart.querySelector(`[data-draw="${name}"]`);
      for (const [key, value] of Object.entries(values)) {
        if (value === null) element.removeAttribute(key); else element.setAttribute(key, value);
      }
    };
    const steps = numbers.course.map(([day, total]) => `H${x(day)}V${y(total)}`).join("");
    const isAhead = landing != null ? null : "hidden";
    set("actual", { d: `M40 94${steps}H${x(passed)}` });
    set("aim", { d: target ? `M40 94L376 ${y(target)}` : "" });
    set("ahead", { d: landing != null ? `M${x(passed)} ${y(bookings)}L376 ${y(landing)}` : "" });
    set("today", { d: `M${x(passed)} 6V96` });
    set("now", { cx: x(passed), cy: y(bookings) });
    set("end", { cy: y(landing ?? 0), visibility: isAhead });
    set("word", { x: x(passed) });
    set("label", { y: y(landing ?? 0), visibility: isAhead });
  }

  function show() {
    besides.forEach(setBeside);
    board.querySelectorAll("[data-n]").forEach(write);
    pipe();
    verdict();
    drawCourse();
    board.querySelectorAll("[data-alarm]").forEach((element) => {
      const bad = numbers[element.dataset.alarm] > 0;
      element.classList.toggle("bad", bad);
      element.classList.toggle("fine", !bad);
    });
    board.querySelectorAll("[data-few]").forEach((element) => element.classList.toggle("few", numbers[element.dataset.few] < 30));
  }

  // Frames hold the current standard periods of the whole company. Says whether the frame held all that is shown.
  const CHANNEL_STAGES = ["visitor", "lead", "mql", "sql", "won"];
  const shownChannels = [...board.querySelectorAll('[data-n^="stage:lead@"]')].map((element) => element.dataset.n.slice("stage:lead@".length));
  function applyFrame(frame) {
    const period = frame.periods[board.dataset.period];
    if (!period || period.from !== board.dataset.from || period.to !== board.dataset.to) return false;
    // A frame from before these numbers were read: another follows for whatever was recorded since.
    if (Date.parse(frame.as_of) < Date.parse(numbers.as_of)) return true;
    for (const [stage, count] of Object.entries(period.stages)) {
      const before = period.before[stage];
      numbers[`stage:${stage}`] = count;
      numbers[`before:${stage}`] = before;
      numbers[`change:${stage}`] = count - before;
    }
    for (const [target, [k, n]] of Object.entries(period.rates)) {
      numbers[`k:${target}`] = k;
      numbers[`n:${target}`] = n;
      numbers[`rate:${target}`] = n ? k / n : null;
      [numbers[`low:${target}`], numbers[`high:${target}`]] = period.bounds[target];
    }
    // What is read from rows comes with a later frame, and those of this one may be older than the page's.
    const rowsAreNew = frame.rows_as_of && Date.parse(frame.rows_as_of) >= Date.parse(numbers.rows_as_of ?? numbers.as_of);
    if (rowsAreNew) for (const [boundary, lane] of Object.entries(period.lanes ?? {})) {
      for (const [name, count] of Object.entries(lane)) numbers[`${name}:lane-${boundary}`] = count;
      const due = lane.kept + lane.kept_late + lane.missed;
      numbers[`rate:lane-${boundary}`] = due ? lane.kept / due : null;
    }
    for (const [channel, counts] of Object.entries(period.channels)) {
      CHANNEL_STAGES.forEach((stage, i) => {
        numbers[`stage:${stage}@${channel}`] = counts[i];
        if (i > 1) numbers[`rate:${stage}@${channel}`] = counts[i - 1] ? counts[i] / counts[i - 1] : null;
      });
    }
    if (rowsAreNew) {
      Object.assign(numbers, period.others, period.outlook);
      numbers.rows_as_of = frame.rows_as_of;
    } else {
      numbers.rows_as_of ??= numbers.as_of;
    }
    numbers.as_of = frame.as_of;
    show();
    return shownChannels.every((channel) => channel in period.channels);
  }

  function say(state) {
    live.classList.toggle("on", state === "live" || state === "polling");
    live.classList.toggle("late", state === "stale");
    live.querySelector("[data-state]").textContent = live.dataset[state];
    const time = live.querySelector("time");
    time.dateTime = numbers.as_of;
    time.textContent = clock.format(new Date(numbers.as_of));
  }

  let fetching = null;
  async function fetchNumbers() {
    if (fetching) return fetching;
    fetching = (async () => {
      const answer = await fetch(board.dataset.fetch, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      // Signed out meanwhile: the page itself says so.
      if (answer.redirected || answer.status === 401 || answer.status === 403) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = await answer.json();
      // A new day, or a new period, has another frame: the address decides which.
      if (fresh.today !== numbers.today && board.dataset.rolls) { location.reload(); return; }
      Object.assign(numbers, fresh, { rows_as_of: fresh.as_of });
      show();
    })();
    try { await fetching; } finally { fetching = null; }
  }

  // What no frame carries is fetched a little later, not by every board at the same moment.
  let later = 0;
  function fetchLater() {
    if (later) return;
    later = setTimeout(() => { later = 0; fetchNumbers().then(() => say(heard ? "live" : "polling")).catch(() => {}); }, 1000 + Math.random() * SPREAD);
  }

  // A stream begins with a frame: only boards that no frame is made for have missed anything.
  function fetchUnframed() { if (!board.dataset.period) fetchLater(); }

  let polling = 0;
  let heard = false;
  async function poll() {
    try { await fetchNumbers(); if (!heard) say("polling"); } catch { say("stale"); }
  }
  function startPolling() {
    if (!polling) { polling = setInterval(poll, POLL); poll(); }
  }
  function stopPolling() { clearInterval(polling); polling = 0; }

  function onFrame(text) {
    heard = true;
    stopPolling();
    clearTimeout(lost);
    lost = 0;
    const frame = JSON.parse(text);
    if (frame.today && frame.today !== numbers.today && board.dataset.rolls) { location.reload(); return; }
    const whole = applyFrame(frame);
    say("live");
    if (!whole) fetchLater();
  }

  let lost = 0;
  function onLoss() {
    heard = false;
    if (!lost) lost = setTimeout(() => { lost = 0; say("stale"); startPolling(); }, STALE);
  }

  function onOpen() { heard = true; clearTimeout(lost); lost = 0; stopPolling(); say("live"); fetchUnframed(); }

  window.revopsLive.listen((kind, data) => {
    if (kind === "frame") onFrame(data);
    else if (kind === "open") onOpen();
    else if (kind === "resync") fetchUnframed();
    else if (kind === "loss") onLoss();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { stopPolling(); clearTimeout(lost); lost = 0; } else { fetchNumbers().catch(() => {}); onLoss(); }
  });
  if (!document.hidden) onLoss();
})();
