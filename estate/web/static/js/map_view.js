// Keeps the part of the map that is seen in the address, so that a link brings it back: `#map=zoom/latitude/longitude`.
// The frame is in a sandbox and knows no address: it says three numbers, and is told three.
(() => {
  const frame = document.querySelector("iframe.map-view__frame");
  if (!frame) return;
  const found = () => {
    const parts = /^#map=(\d{1,2}(?:\.\d{1,2})?)\/(-?\d{1,2}(?:\.\d{1,6})?)\/(-?\d{1,3}(?:\.\d{1,6})?)$/.exec(location.hash);
    return parts && parts.slice(1).map(Number);
  };
  const tell = () => found() && frame.contentWindow.postMessage({ view: found() }, "*");
  addEventListener("message", ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    if (data?.asksView === true) tell();
    const view = data?.view;
    if (!Array.isArray(view) || view.length !== 3 || !view.every(Number.isFinite)) return;
    const [zoom, latitude, longitude] = view;
    const hash = `#map=${Number(zoom.toFixed(2))}/${latitude.toFixed(5)}/${longitude.toFixed(5)}`;
    history.replaceState(history.state, "", hash);
  });
  addEventListener("hashchange", tell);
  // The frame may have asked before this script ran.
  tell();

  const button = document.querySelector("[data-copies-link]");
  if (!button) return;
  button.hidden = false;
  const said = document.querySelector("[data-copied]");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = "Copied.";
    } catch {
      said.textContent = "Copy it from the address bar of your browser.";
    }
  });
})();
