// Single keys: a control with `data-key` is pressed by its key. They can be switched off, and the choice is kept in this
// browser (WCAG 2.1.4). They never act while somebody types or a dialog is open.
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";

// `toggle` is the checkbox that switches them, `store` the name of the choice; `isOnce`: after one key the page goes on.
export const startKeys = (toggle, store, isOnce = false) => {
  const keyed = new Map([...document.querySelectorAll("[data-key]")].map((control) => [control.dataset.key, control]));
  const showKeys = () => {
    document.body.classList.toggle("keys-off", !toggle.checked);
    keyed.forEach((control, key) => {
      if (toggle.checked) control.setAttribute("aria-keyshortcuts", key);
      else control.removeAttribute("aria-keyshortcuts");
    });
  };
  try { toggle.checked = localStorage.getItem(store) !== "off"; } catch { toggle.checked = true; }
  toggle.closest("[hidden]")?.removeAttribute("hidden");
  showKeys();
  toggle.addEventListener("change", () => {
    try { localStorage.setItem(store, toggle.checked ? "on" : "off"); } catch { /* the choice holds for this page only */ }
    showKeys();
  });
  let isSent = false;
  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || isSent || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches(TYPING) || document.querySelector("dialog[open]")) return;
    const control = keyed.get(event.key.toLowerCase());
    if (!control) return;
    event.preventDefault();
    isSent = isOnce;
    if (control.matches(TYPING)) control.focus();
    else control.click();
  });
};
