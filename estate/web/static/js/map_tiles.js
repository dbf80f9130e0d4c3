// Brings vector tiles to the map in its frame. The frame is in a sandbox and has neither cookies nor the right to fetch
// anything: it names a tile by three numbers, and gets its bytes. What else an address says stands in this page.
(() => {
  const frame = document.querySelector("iframe[data-tiles]");
  if (!frame) return;
  const bring = async (tile) => {
    const [z, x, y] = tile;
    const address = frame.dataset.tiles.replace("/0/0/0.mvt", `/${z}/${x}/${y}.mvt`);
    let content = null;
    try {
      const answer = await fetch(address);
      // Who was signed out is sent to another page.
      if (answer.ok && !answer.redirected) content = await answer.arrayBuffer();
    } catch {
      // The network is away: the map says so.
    }
    frame.contentWindow.postMessage({ tile, content }, "*", content ? [content] : []);
  };
  window.addEventListener("message", ({ source, data }) => {
    const tile = data?.tile;
    if (source !== frame.contentWindow || !Array.isArray(tile) || tile.length !== 3) return;
    if (tile.every((part) => Number.isInteger(part) && part >= 0)) bring(tile);
  });
  // The frame may have asked before this script ran.
  frame.contentWindow.postMessage({ isHere: true }, "*");
})();
