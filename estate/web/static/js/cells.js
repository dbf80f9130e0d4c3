// Editing in the list: each value that may be changed gets a button. Tab reaches the first, arrows go on from there,
// Enter opens and saves, Escape leaves the value as it was. One value is saved at a time, with the version shown.
import { makeReason } from "./reason.js";

const MODE = "estate.list.editing";
const WENT_WRONG = "The server did not answer, or you were signed out. Nothing was saved: try again.";

const element = (name, attributes = {}, text = "") => {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.textContent = text;
  return made;
};

const inputFor = (cell) => {
  const choices = document.querySelector(`template[data-choices="${cell.dataset.field}"]`);
  const input = choices ? element("select", { class: "govuk-select" }) : element("input", { class: "govuk-input", type: "text", autocomplete: "off" });
  if (choices) input.append(choices.content.cloneNode(true));
  input.value = cell.dataset.value;
  return input;
};

export const makeEditable = (table, bar) => {
  const toggle = bar.querySelector("[data-edit-toggle]");
  const status = bar.querySelector("[data-edit-status]");
  const token = bar.querySelector("[data-token]").value;
  const reason = makeReason(bar);
  const cells = [...table.querySelectorAll("tr[data-building] [data-field]")];
  let open = null;

  const buttonOf = (cell) => cell.querySelector(".cell-edit");
  const nameButton = (cell) => {
    const shown = cell.querySelector(".cell-value").textContent.trim();
    buttonOf(cell).setAttribute("aria-label", `Change ${cell.dataset.title} of ${cell.closest("tr").dataset.name}: ${shown}`);
  };
  const rove = (cell) => {
    cells.forEach((one) => { buttonOf(one).tabIndex = one === cell ? 0 : -1; });
  };
  const say = (text) => { status.textContent = text; };

  const close = (cell) => {
    cell.querySelector(".cell-form")?.remove();
    cell.classList.remove("cell--open", "cell--changed");
    open = null;
    const button = buttonOf(cell);
    button.hidden = false;
    button.focus();
  };

  const refuse = (cell, text) => {
    const form = cell.querySelector(".cell-form");
    form.querySelector(".cell-form__error").textContent = text;
    form.querySelectorAll("button").forEach((one) => { one.disabled = false; });
    const field = form.querySelector("[data-input]");
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };

  const save = async (cell) => {
    const row = cell.closest("tr");
    const form = cell.querySelector(".cell-form");
    const input = form.querySelector("[data-input]");
    const asked = form.querySelector("[data-asked]");
    const why = asked ? asked.value.trim() : reason.kept();
    if (input.value === cell.dataset.value) { close(cell); say("Nothing changed."); return; }
    if (!why) { refuse(cell, "Say why you make this change"); (asked ?? input).focus(); return; }
    form.querySelectorAll("button").forEach((one) => { one.disabled = true; });
    const body = new FormData();
    Object.entries({ csrf_token: token, field: cell.dataset.field, value: input.value, version: row.dataset.version, reason: why }).forEach(([key, value]) => body.append(key, value));
    try {
      const answer = await fetch(row.dataset.building, { method: "POST", body, headers: { Accept: "application/json" } });
      const said = await answer.json();
      if (said.version) row.dataset.version = said.version;
      if (!answer.ok) { refuse(cell, said.message); return; }
      reason.keep(why);
      cell.querySelector(".cell-value").innerHTML = said.shown;
      cell.dataset.value = said.value;
      if (cell.dataset.field === "name") row.dataset.name = said.value;
      row.querySelectorAll("[data-field]").forEach(nameButton);
      close(cell);
      say(said.message);
    } catch {
      refuse(cell, WENT_WRONG);
    }
  };

  const edit = (cell) => {
    if (open) return;
    open = cell;
    cell.classList.add("cell--open");
    buttonOf(cell).hidden = true;
    const form = element("div", { class: "cell-form", role: "group", "aria-label": `${cell.dataset.title} of ${cell.closest("tr").dataset.name}` });
    const input = inputFor(cell);
    input.dataset.input = "";
    input.id = "cell-input";
    input.setAttribute("aria-describedby", "cell-error");
    form.append(element("label", { class: "cell-form__label", for: "cell-input" }, cell.dataset.title), input);
    if (!reason.kept()) {
      const asked = element("input", { class: "govuk-input", type: "text", id: "cell-reason", maxlength: "2000", "data-asked": "" });
      form.append(element("label", { class: "cell-form__label", for: "cell-reason" }, "Reason, kept for your next changes"), asked);
    }
    form.append(element("p", { class: "cell-form__error", id: "cell-error", role: "alert" }));
    const buttons = element("div", { class: "cell-form__buttons" });
    const yes = element("button", { type: "button", class: "govuk-button button-small" }, "Save");
    const no = element("button", { type: "button", class: "govuk-button govuk-button--secondary button-small" }, "Cancel");
    yes.addEventListener("click", () => save(cell));
    no.addEventListener("click", () => { close(cell); say("Left as it was."); });
    buttons.append(yes, no);
    form.append(buttons);
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); close(cell); say("Left as it was."); }
      if (event.key === "Enter" && !event.target.matches("button")) { event.preventDefault(); save(cell); }
      event.stopPropagation();
    });
    form.addEventListener("input", () => cell.classList.toggle("cell--changed", input.value !== cell.dataset.value));
    cell.append(form);
    input.focus();
    input.select?.();
  };

  const neighbour = (cell, key) => {
    const rows = [...table.querySelectorAll("tr[data-building]")];
    const row = cell.closest("tr");
    const own = [...row.querySelectorAll("[data-field]")];
    if (key === "ArrowLeft" || key === "ArrowRight") return own[own.indexOf(cell) + (key === "ArrowLeft" ? -1 : 1)];
    const next = rows[rows.indexOf(row) + (key === "ArrowUp" ? -1 : 1)];
    return next?.querySelector(`[data-field="${cell.dataset.field}"]`);
  };

  cells.forEach((cell) => {
    const button = element("button", { type: "button", class: "cell-edit", tabindex: "-1" });
    button.hidden = true;
    button.addEventListener("click", () => { rove(cell); edit(cell); });
    button.addEventListener("keydown", (event) => {
      if (!event.key.startsWith("Arrow")) return;
      const next = neighbour(cell, event.key);
      event.preventDefault();
      if (next) { rove(next); buttonOf(next).focus(); }
    });
    cell.append(button);
    nameButton(cell);
  });

  const setMode = (isOn) => {
    if (open && !isOn) close(open);
    toggle.setAttribute("aria-pressed", String(isOn));
    table.classList.toggle("table--editing", isOn);
    cells.forEach((cell) => { buttonOf(cell).hidden = !isOn; });
    if (isOn && cells.length) rove(cells[0]);
    try { sessionStorage.setItem(MODE, isOn ? "on" : "off"); } catch { /* the mode holds for this page only */ }
  };
  toggle.addEventListener("click", () => {
    const isOn = toggle.getAttribute("aria-pressed") !== "true";
    setMode(isOn);
    if (!isOn) say("Editing ended.");
    else if (!cells.length) say("Nothing on this page is yours to change.");
    else {
      say("Editing. Arrow keys go from value to value, Enter changes one.");
      buttonOf(cells[0]).focus();
    }
  });
  let isKept = false;
  try { isKept = sessionStorage.getItem(MODE) === "on"; } catch { /* off */ }
  setMode(isKept);
};
