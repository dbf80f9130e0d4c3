// Signs of buildings that stand at one place: close up they are drawn in rings around it, each with a thin line to where
// it is. The order is that of the document, so the same buildings always lie the same way. Loaded before map.js.

const EstateSpread = (() => {
  const FROM_ZOOM = 16;
  // Closer than so many pixels at the closest zoom, two signs can't be told apart.
  const CLOSEST_ZOOM = 18;
  const TOUCH = 8;
  const RING = 22;
  const IN_FIRST_RING = 8;

  // Pixels from the place to the sign at `place` of `count`: the k-th ring holds k times as many as the first.
  const offset = (place, count) => {
    let [ring, before] = [1, 0];
    while (place >= before + IN_FIRST_RING * ring) before += IN_FIRST_RING * ring++;
    const angle = (2 * Math.PI * (place - before)) / Math.min(IN_FIRST_RING * ring, count - before) - Math.PI / 2;
    return L.point(Math.cos(angle), Math.sin(angle)).multiplyBy(RING * ring);
  };

  // Groups of two or more layers that touch, one through another: squares of `TOUCH` pixels find the neighbours.
  const groupsOf = (map, layers) => {
    const squares = new Map();
    const leader = layers.map((_, at) => at);
    const find = (at) => (leader[at] === at ? at : (leader[at] = find(leader[at])));
    const points = layers.map((layer) => map.project(layer.getLatLng(), CLOSEST_ZOOM));
    points.forEach((point, at) => {
      const [column, row] = [Math.floor(point.x / TOUCH), Math.floor(point.y / TOUCH)];
      for (let x = column - 1; x <= column + 1; x++) {
        for (let y = row - 1; y <= row + 1; y++) {
          for (const other of squares.get(`${x} ${y}`) ?? []) {
            if (points[other].distanceTo(point) < TOUCH) leader[find(at)] = find(other);
          }
        }
      }
      const key = `${column} ${row}`;
      squares.set(key, [...(squares.get(key) ?? []), at]);
    });
    const groups = new Map();
    layers.forEach((layer, at) => groups.set(find(at), [...(groups.get(find(at)) ?? []), layer]));
    return [...groups.values()].filter((group) => group.length > 1);
  };

  const tell = () => {
    const note = document.createElement("p");
    note.className = "legend__note";
    note.textContent = "Signs at the end of a thin line stand at one place: close up they are drawn around it.";
    document.querySelector('.legend[data-role="building"]')?.append(note);
  };

  const around = (map, layers) => {
    const groups = groupsOf(map, layers);
    if (!groups.length) return;
    const lines = L.layerGroup();
    const places = new Map();
    for (const group of groups) {
      const others = group.length - 1;
      for (const layer of group) {
        places.set(layer, layer.getLatLng());
        const { properties } = layer.feature;
        const text = `At one place with ${others.toLocaleString("en-GB")} other${others === 1 ? "" : "s"}; close up, drawn beside it`;
        properties.lines = [...(properties.lines ?? []), text];
      }
    }
    const place = () => {
      lines.clearLayers().remove();
      const isClose = map.getZoom() >= FROM_ZOOM;
      for (const group of groups) {
        const middle = map.project(places.get(group[0]));
        group.forEach((layer, at) => {
          const there = places.get(layer);
          const sign = isClose ? map.unproject(middle.add(offset(at, group.length))) : there;
          layer.setLatLng(sign);
          if (isClose && map.hasLayer(layer)) {
            lines.addLayer(L.polyline([there, sign], { color: "#14211f", weight: 1, opacity: 0.7, interactive: false }));
          }
        });
      }
      if (!isClose) return;
      lines.addTo(map);
      for (const group of groups) for (const layer of group) if (map.hasLayer(layer)) layer.bringToFront();
    };
    map.on("zoomend overlayadd overlayremove", place);
    place();
    requestAnimationFrame(tell);
  };

  return { around };
})();
