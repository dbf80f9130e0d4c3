// The list of buildings: ticking all, editing in place, and its keys.
import { makeEditable } from "./cells.js";
import { startKeys } from "./keys.js";

const boxes = [...document.querySelectorAll("input[name=id].tick__box")];
const all = document.querySelector("[data-tick-all]");
if (all && boxes.length) {
  const show = () => {
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };
  all.hidden = false;
  all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); });
  boxes.forEach((box) => box.addEventListener("change", show));
  show();
}

const bar = document.querySelector("[data-edit-bar]");
const table = document.querySelector("#buildings");
if (bar && table) {
  bar.hidden = false;
  makeEditable(table, bar);
}

const dialog = document.querySelector("#list-keys");
document.querySelector("[data-keys-open]")?.addEventListener("click", () => dialog.showModal());
dialog?.querySelector("[data-keys-close]").addEventListener("click", () => dialog.close());
const toggle = document.querySelector("#keys-on");
if (toggle) startKeys(toggle, "estate.list.keys");
