// Shows the first ten rows of a long table, and a button for all: `<table data-foldable>`. Sorting chooses which ten.
const FIRST = 10;
const SPARED = 2; // Nobody gains from a button that hides one row or two.

export const makeFoldable = (table, place) => {
  const count = table.tBodies[0].rows.length;
  if (count <= FIRST + SPARED) return;
  table.id ||= `foldable-${place + 1}`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button govuk-button--secondary button-small";
  button.setAttribute("aria-controls", table.id);
  const show = (isAll) => {
    table.classList.toggle("table--folded", !isAll);
    button.setAttribute("aria-expanded", String(isAll));
    button.textContent = isAll ? `Show the first ${FIRST} only` : `Show all ${count}`;
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") === "false"));
  show(false);
  table.closest(".table-box").after(button);
};
