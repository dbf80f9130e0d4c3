import { initAll } from "../vendor/govuk-frontend/govuk-frontend.min.js";
import { makeFoldable } from "./foldable.js";
import { makePrepares } from "./prepares.js";
import { makeSortable } from "./sortable.js";
import { watchForms } from "./unsaved.js";

initAll();
watchForms();
document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
document.querySelectorAll("table[data-foldable]").forEach(makeFoldable);
document.querySelectorAll("a[data-prepares]").forEach(makePrepares);

// The filters panel is open on a laptop and one line on a phone.
const isNarrow = window.matchMedia("(max-width: 55.99em)");
const foldFilters = () => {
  document.querySelectorAll("details.filters-fold").forEach((fold) => { fold.open = !isNarrow.matches; });
};
foldFilters();
isNarrow.addEventListener("change", foldFilters);

// A select marked `data-submit` sends its form at once; its button stays for those without script.
document.querySelectorAll("select[data-submit]").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
});

// A form marked `data-submit-now` goes on by itself; its button stays for those without script.
document.querySelector("form[data-submit-now]")?.requestSubmit();
