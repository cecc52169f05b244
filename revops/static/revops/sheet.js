"use strict";
// A block copied out of a spreadsheet fills the sheet from the field it is pasted into; one value stays an ordinary paste.
document.addEventListener("paste", (event) => {
  const field = event.target.closest && event.target.closest("[data-sheet] input[data-row]");
  const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
  if (!field || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const rows = text.replace(/\r/g, "").split("\n").filter((line) => line.trim());
  rows.forEach((line, down) => line.split("\t").forEach((value, right) => {
    const into = field.form.querySelector(`input[data-row="${Number(field.dataset.row) + down}"][data-column="${Number(field.dataset.column) + right}"]`);
    if (into) into.value = value.trim();
  }));
});
