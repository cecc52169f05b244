"use strict";
// The composer: Enter saves, Shift+Enter is a new line, and what was typed stays until the server has it.

(() => {
  const key = (form) => `draft:${form.dataset.draft}`;
  const field = (form) => form.querySelector("textarea");

  // A browser that keeps nothing (private windows) still lets one write.
  function keep(form, text) {
    try {
      if (text) sessionStorage.setItem(key(form), text); else sessionStorage.removeItem(key(form));
    } catch { /* nothing to keep it in */ }
  }

  function kept(form) {
    try { return sessionStorage.getItem(key(form)) || ""; } catch { return ""; }
  }

  function recall(root) {
    for (const form of root.querySelectorAll("form[data-draft]")) {
      const text = field(form);
      if (!text.value) text.value = kept(form);
    }
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form && event.target === field(form)) keep(form, event.target.value);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest && event.target.closest("form[data-draft]");
    if (!form || event.target !== field(form) || event.key !== "Enter" || event.shiftKey) return;
    // The Enter that confirms a conversion belongs to the input method.
    if (event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (event.target.value.trim()) form.querySelector("[data-enter]").click();
  });

  // A refusal is said beside the text; the page around it stays.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const sender = event.detail.requestConfig && event.detail.requestConfig.elt;
    const form = sender && sender.closest("form[data-draft]");
    if (!form) return;
    const page = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
    if (page.getElementById("record")) {
      keep(form, "");
      return;
    }
    event.detail.shouldSwap = false;
    const said = page.querySelector(".error-summary, .error");
    const slot = form.querySelector(".error");
    slot.textContent = said ? said.textContent.trim() : "";
    slot.hidden = !said;
  });

  // The hand stays where it wrote.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target && event.detail.target.id === "record") {
      recall(document);
      const written = document.getElementById("note");
      if (written) written.focus({ preventScroll: true });
    }
  });

  recall(document);
})();
