// Single keys for the review of pairs. They can be switched off, and the choice is kept in this browser (WCAG 2.1.4).
const STORE = "estate.review.keys";
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const toggle = document.querySelector("#review-keys");
const keyed = new Map([...document.querySelectorAll("[data-key]")].map((control) => [control.dataset.key, control]));

const isOn = () => toggle.checked;
const showKeys = () => {
  document.body.classList.toggle("keys-off", !isOn());
  keyed.forEach((control, key) => {
    if (isOn()) control.setAttribute("aria-keyshortcuts", key);
    else control.removeAttribute("aria-keyshortcuts");
  });
};

if (toggle) {
  try { toggle.checked = localStorage.getItem(STORE) !== "off"; } catch { toggle.checked = true; }
  toggle.closest("[hidden]")?.removeAttribute("hidden");
  showKeys();
  toggle.addEventListener("change", () => {
    try { localStorage.setItem(STORE, isOn() ? "on" : "off"); } catch { /* the choice holds for this page only */ }
    showKeys();
  });
  let isSent = false;
  document.addEventListener("keydown", (event) => {
    if (!isOn() || isSent || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches(TYPING)) return;
    const control = keyed.get(event.key.toLowerCase());
    if (!control) return;
    event.preventDefault();
    isSent = true;
    control.click();
  });
}
