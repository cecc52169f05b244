"use strict";
// A block copied out of a spreadsheet fills the sheet from the field it is pasted into; one value stays an ordinary
// paste. A line that begins with the name of a KPI fills that KPI's row.
document.addEventListener("paste", (event) => {
  const field = event.target.closest && event.target.closest("[data-sheet] input[data-row]");
  const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
  if (!field || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const rows = text.replace(/\r/g, "").split("\n").filter((line) => line.trim());
  const named = new Map();
  field.form.querySelectorAll("tr[data-names]").forEach((row) => {
    const at = Number(row.querySelector("[data-row]").dataset.row);
    row.dataset.names.split("|").forEach((name) => named.set(name, at));
  });
  rows.forEach((line, down) => {
    let cells = line.split("\t"), row = Number(field.dataset.row) + down, column = Number(field.dataset.column);
    const known = named.get(cells[0].trim().toLowerCase());
    if (known !== undefined) { cells = cells.slice(1); row = known; column = 0; }
    cells.forEach((value, right) => {
      const into = field.form.querySelector(`input[data-row="${row}"][data-column="${column + right}"]`);
      if (into) into.value = value.trim();
    });
  });
});
