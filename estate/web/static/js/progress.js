// Asks how far a run is and shows its page anew once it has ended: `<div data-progress="/address/of/json">`.
// What a run has found by then is in `<div data-progress-results>`, which is read anew when there is more of it.
const EVERY_MS = 1500;

const showResults = async () => {
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-progress-results]");
  const shown = document.querySelector("[data-progress-results]");
  // Not while somebody is in it: their place would be lost.
  if (found && shown && !shown.contains(document.activeElement)) shown.replaceWith(found);
};

const watch = (box) => {
  let known = box.dataset.progressCount;
  const bar = box.querySelector("[data-progress-bar]");
  const message = box.querySelector("[data-progress-message]");
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const run = await answer.json();
        if (!run.is_at_work) {
          window.location.reload();
          return;
        }
        bar.value = run.percent;
        if (run.result_count !== undefined && String(run.result_count) !== known) {
          known = String(run.result_count);
          await showResults();
        }
        if (run.message && message.textContent !== run.message) message.textContent = run.message;
      }
    } catch {
      // The server may be restarting: ask again.
    }
    window.setTimeout(ask, EVERY_MS);
  };
  window.setTimeout(ask, EVERY_MS);
};

document.querySelectorAll("[data-progress]").forEach(watch);
