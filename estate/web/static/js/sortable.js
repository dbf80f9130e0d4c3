// Sorts a table in the page: `<table data-sortable>`; a cell's `data-value` is what it sorts by, else its text.
// Unknown (an empty `data-value`) comes last in both directions.

const valueOf = (cell) => {
  const raw = cell.dataset.value ?? cell.textContent.trim();
  if (raw === "") return null;
  const figure = Number(raw);
  return Number.isNaN(figure) ? raw.toLowerCase() : figure;
};

const compare = (first, second) => {
  if (typeof first === "number" && typeof second === "number") return first - second;
  return String(first).localeCompare(String(second), "en");
};

const sortBy = (table, column, direction) => {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, value: valueOf(row.cells[column]) }));
  rows.sort((first, second) => {
    if (first.value === null || second.value === null) return (first.value === null) - (second.value === null);
    return direction * compare(first.value, second.value);
  });
  body.append(...rows.map(({ row }) => row));
};

export const makeSortable = (table) => {
  const headings = [...table.tHead.rows[0].cells];
  const status = document.createElement("p");
  status.className = "govuk-visually-hidden";
  status.setAttribute("role", "status");
  table.after(status);
  headings.forEach((heading, column) => {
    if (heading.hasAttribute("data-unsorted")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    heading.append(button);
    if (!heading.hasAttribute("aria-sort")) heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const isAscending = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.hasAttribute("aria-sort") && other.setAttribute("aria-sort", "none"));
      heading.setAttribute("aria-sort", isAscending ? "descending" : "ascending");
      sortBy(table, column, isAscending ? -1 : 1);
      status.textContent = `Sorted by ${button.textContent.trim()}, ${isAscending ? "descending" : "ascending"}`;
    });
  });
};
