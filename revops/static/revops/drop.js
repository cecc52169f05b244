"use strict";
// A file dropped onto the frame lands in the field inside it and is named; without this the field works as it is.

for (const frame of document.querySelectorAll("[data-drop]")) {
  const field = frame.querySelector("input[type=file]");
  const name = frame.querySelector("[data-drop-name]");
  const refusal = frame.querySelector("[data-drop-refusal]");
  const send = frame.closest("form").querySelector("[type=submit]:not([disabled])");
  const empty = name ? name.textContent : "";
  const tell = () => {
    const chosen = field.files[0];
    frame.classList.toggle("filled", Boolean(chosen));
    const large = Boolean(chosen) && chosen.size > Number(frame.dataset.dropLimit);
    // What would be refused at the other end is not sent there first.
    if (refusal) refusal.hidden = !large;
    if (send) send.disabled = large;
    if (name) name.textContent = chosen ? `${chosen.name} (${(chosen.size / 1048576).toFixed(1)} MB)` : empty;
  };
  field.addEventListener("change", tell);
  for (const kind of ["dragenter", "dragover"]) {
    frame.addEventListener(kind, (event) => { event.preventDefault(); frame.classList.add("over"); });
  }
  frame.addEventListener("dragleave", (event) => { if (!frame.contains(event.relatedTarget)) frame.classList.remove("over"); });
  frame.addEventListener("drop", (event) => {
    event.preventDefault();
    frame.classList.remove("over");
    if (event.dataTransfer.files.length) { field.files = event.dataTransfer.files; tell(); }
  });
}
