"use strict";
// What every page shares: one submission per click, toasts that leave, menus that close.

const LEAVE_AFTER = 10000;

// A second click while the first is on its way sends nothing; the server refuses a repeat as well.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // A download leaves the page as it is: its form must work again.
  if (form.matches("[data-download]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "1";
  if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
}, true);

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest ? event.target.closest("form") : null;
  if (form) release(form);
});

// Coming back by the browser's own button finds the page as it was left: forms must work again.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

function letLeave(root) {
  for (const toast of root.querySelectorAll(".toast:not([data-leaving])")) {
    toast.dataset.leaving = "1";
    setTimeout(() => {
      const hasWords = [...toast.querySelectorAll("input:not([type=hidden])")].some((field) => field.value.trim());
      if (hasWords || toast.matches(":hover, :focus-within")) {
        delete toast.dataset.leaving;
        letLeave(document);
      } else {
        toast.remove();
      }
    }, LEAVE_AFTER);
  }
}

// A form that came back begins where something is wrong in it.
const wrong = [...document.querySelectorAll("main form.form [aria-invalid=true], main form.form [data-wrong] button")]
  .find((field) => field.checkVisibility());
if (wrong) wrong.focus();

letLeave(document);
document.addEventListener("htmx:oobAfterSwap", () => letLeave(document));
document.addEventListener("htmx:afterSwap", () => letLeave(document));

// A form opened in a row closes where it was opened, and the hand is back in its row.
function fold(slot) {
  slot.replaceChildren();
  const row = slot.closest(".row");
  if (row) row.focus();
}

document.addEventListener("click", (event) => {
  const closing = event.target.closest("[data-close]");
  const slot = closing && closing.closest(".slot");
  if (slot) { event.preventDefault(); fold(slot); }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
});

// Says to a person on a dead line what happened; what was typed stays in the form. What asks by itself just asks again.
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, ({ detail: { elt } }) => {
    if (/\b(every|load)\b/.test(elt.getAttribute("hx-trigger") || "")) return;
    const said = document.getElementById("line-down");
    if (said) document.getElementById("toasts").replaceChildren(said.content.cloneNode(true));
    letLeave(document);
  });
}

// A strip of tabs that is wider than the screen begins with the one you are on.
for (const here of document.querySelectorAll(".ways [aria-current], .pills [aria-current], .views [aria-current]")) {
  const strip = here.parentElement;
  if (strip.scrollWidth > strip.clientWidth) strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
}

// The browser writes a day its own way; beside it stands the same day as every page writes it, with its weekday.
const isJapanese = document.documentElement.lang.startsWith("ja");
function sayDay(field) {
  let said = field.nextElementSibling;
  if (!said || !said.matches(".said-day")) {
    said = document.createElement("output");
    said.className = "said-day num";
    field.after(said);
  }
  const day = field.value ? new Date(`${field.value.slice(0, 10)}T00:00`) : null;
  const year = day && day.getFullYear() > 999;
  said.textContent = !year ? "" : isJapanese
    ? day.toLocaleDateString("ja-JP", { year: "numeric", month: "long", day: "numeric", weekday: "short" })
    : day.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" }).replace(",", "");
}

const DAYS = "input[type=date], input[type=datetime-local]";
document.querySelectorAll(DAYS).forEach(sayDay);
document.addEventListener("input", (event) => { if (event.target.matches(DAYS)) sayDay(event.target); });
document.addEventListener("htmx:load", (event) => event.target.querySelectorAll(DAYS).forEach(sayDay));
