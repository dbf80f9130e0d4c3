// The base map that the reader chose: tiles of another host beneath the map. The document's policy lets pictures come
// from that host alone. Where they do not come, the map says so and works on. Loaded after map.js.

const EstateBase = (() => {
  const PATIENCE_MS = 10000;

  const start = ({ map, facts, styles }) => {
    const base = facts.base;
    // What covers the ground lets it shine through.
    for (const style of styles) if (style.fill) style.fillOpacity = Math.min(style.fillOpacity, 0.65);

    // Beneath everything, and gone on paper.
    map.createPane("base").style.zIndex = 100;
    const whose = document.createElement("span");
    whose.className = "base-whose";
    whose.textContent = `Base map: ${base.attribution}`;
    const onPaper = document.createElement("span");
    onPaper.className = "base-on-paper";
    onPaper.textContent = "The base map is left out on paper.";
    map.attributionControl.addAttribution(whose.outerHTML + onPaper.outerHTML);

    const says = document.createElement("p");
    says.className = "base-says";
    says.setAttribute("role", "status");
    map.getContainer().append(says);
    const say = (sentence) => { if (says.textContent !== sentence) says.textContent = sentence; };

    const layer = L.tileLayer(base.address, {
      pane: "base",
      minZoom: base.minimum_zoom,
      maxNativeZoom: base.maximum_zoom,
      maxZoom: 22,
      referrerPolicy: "no-referrer",
    });
    let came = 0;
    let timer;
    const show = (isThere) => map.getContainer().classList.toggle("has-base", isThere);
    const missing = () => {
      if (came || Math.round(map.getZoom()) < base.minimum_zoom) return;
      show(false);
      say(`The base map does not come: ${base.host} does not answer. The map works without it.`);
    };
    layer.on("loading", () => {
      came = 0;
      clearTimeout(timer);
      timer = setTimeout(missing, PATIENCE_MS);
    });
    layer.on("tileload", () => {
      came += 1;
      show(true);
      say("");
    });
    layer.on("load", () => {
      clearTimeout(timer);
      missing();
    });
    const tooFar = () => {
      if (Math.round(map.getZoom()) >= base.minimum_zoom) return;
      clearTimeout(timer);
      show(false);
      say("The base map begins closer: zoom in to see it.");
    };
    map.on("zoomend", tooFar);
    layer.addTo(map);
    tooFar();
  };

  return { start };
})();
