// Asks how far a run is and shows its page anew once it has ended: `<div data-progress="/address/of/json">`.
const EVERY_MS = 1500;

const watch = (box) => {
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
