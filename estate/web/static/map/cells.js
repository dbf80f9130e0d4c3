// The buildings of one square of a map of tiles, in a pop-up: of the cell that was clicked or, with the keyboard, of the
// square at the middle of the map. The page around the map knows them, see js/map_cells.js. Loaded before tiles.js.

const EstateCells = (() => {
  const PATIENCE_MS = 30000;
  // A tile has so many cells along a side; the keyboard takes squares of eight times eight of them.
  const ACROSS = 32;
  const [CELL_STEPS, MIDDLE_STEPS] = [5, 2];
  const waiting = new Map();
  addEventListener("message", ({ source, data }) => {
    if (source === parent && Array.isArray(data?.square)) waiting.get(data.square.join("/"))?.(data.found);
  });

  const ask = (square) => new Promise((resolve) => {
    const key = square.join("/");
    const answer = (found) => {
      clearTimeout(timer);
      waiting.delete(key);
      resolve(found);
    };
    const timer = setTimeout(() => answer(null), PATIENCE_MS);
    waiting.set(key, answer);
    if (parent === window) answer(null);
    else parent.postMessage({ square }, "*");
  });

  const make = (name, className, text = "") => Object.assign(document.createElement(name), { className, textContent: text });
  const link = (href, text) => {
    const made = make("a", "popup__link", text);
    // Only a page of our own.
    if (/^\/(?![/\\])/.test(href)) Object.assign(made, { href, target: "_top" });
    return made;
  };
  const number = (value) => value.toLocaleString("en-GB");

  // No larger than half the map, so that it fits above what it points at.
  const popupOf = (map) => L.popup({ maxWidth: 300, maxHeight: Math.max(120, map.getSize().y / 2 - 70) });

  const fill = (part, said, found) => {
    if (!found) {
      said.textContent = "Its buildings could not be listed. Zoom in, or use the table below the map.";
      return;
    }
    const { buildings, count } = found;
    const many = `${found.is_count_exact ? "" : "More than "}${number(count)} building${count === 1 ? "" : "s"}`;
    said.textContent = count ? `${many} in this square` : "No building in this square";
    if (!count) return;
    const list = make("ul", "cell-list__rows");
    for (const { name, line, href } of buildings) {
      const item = make("li", "");
      item.append(link(href, name), make("span", "cell-list__line", line));
      list.append(item);
    }
    part.append(list);
    const rest = count > buildings.length ? `First ${buildings.length} by name. Show all in the list` : "Show them in the list";
    part.append(link(found.href, rest));
  };

  const edgeOf = ([zoom, x, y]) => {
    const side = 2 ** zoom;
    const latitude = (row) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / side))) * 180) / Math.PI;
    const longitude = (column) => (column / side) * 360 - 180;
    return [[latitude(y), longitude(x)], [latitude(y + 1), longitude(x + 1)]];
  };

  // Lists what is in `square` at the end of `box`, which `popup` shows, and frames it on the map while that is open.
  const list = async (map, popup, box, square) => {
    const part = make("div", "cell-list");
    const said = make("p", "cell-list__head", "Looking for its buildings…");
    said.setAttribute("role", "status");
    part.append(said);
    box.append(part);
    const frame = L.rectangle(edgeOf(square), { color: "#14211f", weight: 2, fill: false, interactive: false }).addTo(map);
    popup.on("remove", () => frame.remove());
    popup.update();
    fill(part, said, await ask(square));
    if (popup.isOpen()) popup.update();
  };

  // The square of a cell that a tile drew: its corner is told in pixels of the tile.
  const squareOf = (layer) => {
    const { x, y, z } = layer._renderer.getCoord();
    const cell = 256 / ACROSS;
    const corner = (axis) => Math.round(Math.min(...layer._parts[0].map((point) => point[axis])) / cell);
    return [z + CELL_STEPS, x * ACROSS + corner("x"), y * ACROSS + corner("y")];
  };

  const middleOf = (map) => {
    const zoom = Math.round(map.getZoom()) + MIDDLE_STEPS;
    const side = 2 ** zoom;
    const { x, y } = map.project(map.getCenter(), zoom).divideBy(256);
    return [zoom, ...[x, y].map((part) => Math.max(0, Math.min(side - 1, Math.floor(part))))];
  };

  // Enter on the map lists what is at its middle, where a cross stands meanwhile.
  const watchKeys = (map) => {
    const container = map.getContainer();
    container.append(make("span", "map-middle"));
    container.addEventListener("keydown", async (event) => {
      if (event.key === "Escape" && event.target !== container && event.target.closest(".leaflet-popup")) {
        map.closePopup();
        container.focus();
      }
      if (event.key !== "Enter" || event.target !== container) return;
      const box = make("div", "popup");
      box.append(make("p", "popup__name", "At the middle of the map"));
      const popup = popupOf(map).setLatLng(map.getCenter()).setContent(box).openOn(map);
      await list(map, popup, box, middleOf(map));
      if (popup.isOpen() && document.activeElement === container) box.querySelector("a[href]")?.focus();
    });
  };

  return { list, popupOf, squareOf, watchKeys };
})();
