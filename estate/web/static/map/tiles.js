// A layer of vector tiles in a map document: how cells and buildings are drawn and what they say. The document is in a
// sandbox and can fetch nothing: the page around it brings each tile, see js/map_tiles.js. Loaded after map.js.

const EstateTiles = (() => {
  const PATIENCE_MS = 30000;
  const waiting = new Map();
  const isPage = window.parent !== window;

  // VectorGrid asks `fetch` for an address of three numbers; the page answers with the tile's bytes.
  const ask = (key) => window.parent.postMessage({ tile: key.split("/").map(Number) }, "*");
  window.fetch = (key) => new Promise((resolve) => {
    const answer = (content) => {
      clearTimeout(timer);
      waiting.delete(key);
      if (content === null) document.documentElement.dataset.tileFailed = "";
      resolve(content === null ? { ok: false } : { ok: true, blob: () => Promise.resolve(new Blob([content])) });
    };
    const timer = setTimeout(() => answer(null), PATIENCE_MS);
    waiting.set(key, answer);
    if (isPage) ask(key);
    else answer(null);
  });
  window.addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || !isPage) return;
    if (data.isHere) for (const key of waiting.keys()) ask(key);
    else if (Array.isArray(data.tile)) waiting.get(data.tile.join("/"))?.(data.content);
  });

  // Leaflet dropped this in 1.8; VectorGrid 1.3 still calls it.
  L.DomEvent.fakeStop ??= () => {};
  const Canvas = L.Canvas.Tile.extend({
    initialize(coords, size, options) {
      L.Canvas.Tile.prototype.initialize.call(this, coords, size, options);
      const sharp = Math.min(window.devicePixelRatio || 1, 2);
      this._container.width = size.x * sharp;
      this._container.height = size.y * sharp;
      this._ctx.scale(sharp, sharp);
    },
    _updateCircle(layer) {
      // It has no place of its own: else Leaflet would ask for it where somebody clicks.
      layer.getLatLng = undefined;
      EstateDraw.Renderer.prototype._updateCircle.call(this, layer);
    },
    _fillStroke: EstateDraw.Renderer.prototype._fillStroke,
  });

  const ratio = (over, under) => (over === undefined || !under ? undefined : over / under);
  const FIGURES = {
    n: ({ n }) => n ?? 1,
    cost: ({ cost }) => cost,
    cost_per_m2: ({ cost, area }) => ratio(cost, area),
    occupancy: ({ people, capacity }) => ratio(people, capacity),
  };

  const number = (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 0 });
  const money = (value) => (value < 1e6 ? `£${number(value)}` : `£${(value / 1e6).toLocaleString("en-GB", { maximumSignificantDigits: 4 })}m`);
  const known = (count, all) => (count === undefined ? "" : ` (${number(count)} of ${number(all)} known)`);

  // `known` counts of a cell are there only where they are not all of its buildings.
  const linesOf = (it, facts) => {
    const all = it.n ?? 1;
    const year = facts.year && ` ${facts.year}`;
    const lines = [];
    if (it.n === undefined) {
      const use = facts.names.use[it.use] ?? "Use unknown";
      lines.push(`${use}, ${facts.names.agency[it.agency] ?? "another agency"}`);
    }
    const estimated = it.is_estimate ? " (part estimated)" : "";
    lines.push(`Running cost${year}: ${it.cost === undefined ? "unknown" : money(it.cost) + estimated + known(it.cost_n, all)}`);
    lines.push(`Floor area: ${it.area === undefined ? "unknown" : `${number(it.area)} m² GIA${known(it.area_n, all)}`}`);
    if (it.capacity) {
      const from = all > 1 ? `, from counts of ${number(it.counted_n)} buildings` : "";
      lines.push(`Occupancy: ${Math.round((100 * it.people) / it.capacity)}% (${number(it.people)} people, room for ${number(it.capacity)})${from}`);
    }
    if (it.is_approximate) lines.push("Position only from its postcode");
    return lines;
  };
  const describe = (it, facts) => ({
    name: it.name ?? (it.n === 1 ? "1 building" : `${number(it.n)} buildings`),
    lines: linesOf(it, facts),
    href: it.id === undefined ? undefined : facts.href + it.id,
    link: facts.link,
  });

  const placeIn = ({ figure, upper, looks, unknown }, it) => {
    const value = FIGURES[figure](it);
    if (value === undefined) return unknown;
    const place = upper.findIndex((limit) => value <= limit);
    return looks[place < 0 ? upper.length : place];
  };
  const kindOf = ({ by, looks, others, unknown }, it) => (it[by] === undefined ? unknown : (looks[it[by]] ?? others));

  const options = (estate) => {
    const facts = estate.facts.tiles;
    const { map, styles } = estate;
    const cellStyle = (it) => ({ ...styles[placeIn(facts.cells, it)], weight: 0.5, color: "#ffffff", fill: true });
    const pointStyle = (it) => {
      const style = { ...styles[(facts.points.by ? kindOf : placeIn)(facts.points, it)], fill: true };
      const radius = map.getZoom() > 14 ? 6 : 4.5;
      return it.is_approximate ? { ...style, radius, color: style.fillColor, fillColor: "#ffffff", weight: 1.8 } : { ...style, radius };
    };
    // What is clicked is the sign of a building; its outline lies beneath it.
    const outlineStyle = () => ({ ...styles[facts.outlines], interactive: false });
    // The outlines of areas lie above the tiles, and are only looked at.
    map.getPane("overlayPane").style.pointerEvents = "none";
    requestAnimationFrame(() => watch(estate, facts));
    return {
      rendererFactory: (coords, size, all) => new Canvas(coords, size, all),
      vectorTileLayerStyles: { outlines: outlineStyle, cells: cellStyle, buildings: pointStyle, joined: pointStyle },
      interactive: true,
      minZoom: 0,
      maxZoom: 18,
      keepBuffer: 1,
      updateWhenZooming: false,
    };
  };

  // Popups, tooltips and legends, once the layer is on the map.
  const watch = (estate, facts) => {
    const { map } = estate;
    let grid;
    map.eachLayer((layer) => { if (layer instanceof L.VectorGrid) grid = layer; });
    const tip = L.tooltip({ opacity: 1, className: "tip-box", direction: "top", offset: [0, -8] });
    const whatOf = ({ layer }) => describe(layer.properties, facts);
    grid.on("click", (event) => {
      map.closeTooltip(tip);
      const box = estate.popup(whatOf(event));
      if (event.layer.properties.n > 1 && map.getZoom() < map.getMaxZoom()) {
        const closer = document.createElement("button");
        Object.assign(closer, { type: "button", className: "popup__link", textContent: "Zoom in here" });
        closer.addEventListener("click", () => map.closePopup().setView(event.latlng, map.getZoom() + 2));
        box.append(closer);
      }
      const popup = EstateCells.popupOf(map).setLatLng(event.latlng).setContent(box).openOn(map);
      if (event.layer.properties.n > 1) EstateCells.list(map, popup, box, EstateCells.squareOf(event.layer));
    });
    grid.on("mouseover", (event) => tip.setLatLng(event.latlng).setContent(estate.tooltip(whatOf(event))).addTo(map));
    grid.on("mouseout", () => map.closeTooltip(tip));
    EstateCells.watchKeys(map);
    const hasCells = () => Object.values(grid._dataLayerNames).length && grid._dataLayerNames.cells;
    estate.legendShown.cells = () => map.getZoom() < facts.points_from || hasCells();
    estate.legendShown.points = () => map.getZoom() >= facts.points_from;
    // Which layers its tiles had is asked anew at each zoom.
    map.on("zoomend", () => { grid._dataLayerNames = {}; estate.showLegends(); });
    const failed = document.createElement("p");
    Object.assign(failed, { className: "tiles-failed", hidden: true });
    failed.setAttribute("role", "status");
    failed.textContent = isPage
      ? "Part of the map could not be loaded. Move the map, or reload the page, to try again."
      : "This map is shown in its page: open the map of buildings.";
    map.getContainer().append(failed);
    grid.on("loading", () => { delete document.documentElement.dataset.tileFailed; });
    grid.on("load", () => {
      estate.showLegends();
      failed.hidden = document.documentElement.dataset.tileFailed === undefined;
      document.documentElement.dataset.tilesAt = String(Math.round(performance.now()));
    });
    estate.showLegends();
  };

  return { options, describe };
})();
