// The reason for changes made one after the other in the list: asked once, kept in this tab while somebody goes on
// editing, forgotten half an hour after the last change or when another person signs in.
const STORE = "estate.list.reason";
const KEPT_MS = 30 * 60 * 1000;

export const makeReason = (bar) => {
  const user = bar.dataset.user;
  const box = bar.querySelector("[data-reason-shown]");
  const text = bar.querySelector("[data-reason-text]");
  let inMemory = null;
  const read = () => {
    try { return JSON.parse(sessionStorage.getItem(STORE)) ?? inMemory; } catch { return inMemory; }
  };
  const kept = () => {
    const found = read();
    return found && found.user === user && Date.now() - found.at < KEPT_MS ? found.reason : "";
  };
  const show = () => {
    text.textContent = kept();
    box.hidden = !kept();
  };
  const keep = (reason) => {
    inMemory = { user, reason, at: Date.now() };
    try { sessionStorage.setItem(STORE, JSON.stringify(inMemory)); } catch { /* kept for this page only */ }
    show();
  };
  bar.querySelector("[data-reason-end]").addEventListener("click", () => {
    keep("");
    bar.querySelector("[data-edit-status]").textContent = "The next change asks for a reason.";
  });
  show();
  return { kept, keep };
};
