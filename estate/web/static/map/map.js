// A map document's behaviour: how features look, what they say, labels, legend. The document that Folium makes calls
// `EstateMap.start(map, facts)`, gives its layers `estate.style`, `estate.point` and `estate.describe.*`, and ends with
// `estate.finish()`. Names come from people: every one is put in as text, never as HTML.

const EstateMap = (() => {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const options = {
    renderer: new EstateDraw.Renderer({ padding: 0.25, tolerance: 4 }),
    zoomSnap: 0.25,
    zoomDelta: 0.75,
    wheelPxPerZoomLevel: 90,
    scrollWheelZoom: false,
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
    inertia: !isStill,
  };
  const INK = "#14211f";

  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const styleOf = (look) => {
    if (look.shape === "line") return { color: look.colour, weight: 2, opacity: 0.85, isArrow: true };
    if (look.pattern === "ring") return { color: look.colour, weight: 2.5, fill: false, dashArray: "7 5" };
    if (look.shape === "area") {
      const isOutline = look.pattern === "outline";
      return {
        color: isOutline ? "#8b9a96" : "#4d5c59",
        weight: isOutline ? 1 : 0.8,
        fillColor: look.colour,
        fill: !isOutline,
        fillOpacity: 0.92,
        pattern: look.pattern,
      };
    }
    return {
      shape: look.shape,
      color: look.is_hollow ? look.colour : "#ffffff",
      weight: look.is_hollow ? 1.8 : 1,
      fillColor: look.is_hollow ? "#ffffff" : look.colour,
      fillOpacity: look.is_hollow ? 0.85 : 0.95,
    };
  };

  // Only a page of our own: a path, neither a scheme nor another host.
  const isOurs = (href) => /^\/(?![/\\])/.test(href);

  // The areas of `estate/gis/maps/packed.py` as GeoJSON again.
  const ringOf = (steps, scale) => {
    const ring = new Array(steps.length / 2 + 1);
    let [x, y] = [0, 0];
    for (let place = 0; place < steps.length; place += 2) {
      x += steps[place];
      y += steps[place + 1];
      ring[place / 2] = [x / scale, y / scale];
    }
    ring[steps.length / 2] = ring[0];
    return ring;
  };
  const unpack = ({ scale, names, looks, shapes, lines, labels, href, link }) => ({
    type: "FeatureCollection",
    features: names.map((name, place) => ({
      type: "Feature",
      properties: {
        name,
        look: looks[place],
        lines: lines?.[place],
        label_at: labels?.[place],
        href: href && href[0] + href[1][place],
        link,
      },
      geometry: {
        type: "MultiPolygon",
        coordinates: shapes[place].map((rings) => rings.map((steps) => ringOf(steps, scale))),
      },
    })),
  });

  const popup = ({ name, lines = [], href, link }) => {
    const box = element("div", "popup");
    box.append(element("p", "popup__name", name));
    for (const line of lines) box.append(element("p", "popup__line", line));
    if (href && isOurs(href)) {
      const anchor = element("a", "popup__link", link);
      anchor.href = href;
      anchor.target = "_top";
      box.append(anchor);
    }
    return box;
  };

  const tooltip = ({ name, lines = [] }) => {
    const box = element("div", "tip");
    box.append(element("strong", "", name));
    if (lines.length) box.append(element("span", "tip__line", lines[0]));
    return box;
  };

  const legendOf = (legend, looks) => {
    const details = element("details", "legend");
    details.open = innerWidth > 640;
    details.dataset.role = legend.role;
    details.append(element("summary", "legend__title", legend.title));
    const list = element("ul", "legend__entries");
    for (const { text, count, look } of legend.entries) {
      const item = element("li", "legend__entry");
      const label = element("span", "legend__text", text);
      item.append(EstateDraw.swatch(looks[look]), label);
      if (count !== null) item.append(element("span", "legend__count", `(${count.toLocaleString("en-GB")})`));
      list.append(item);
    }
    details.append(list);
    if (legend.note) details.append(element("p", "legend__note", legend.note));
    return details;
  };

  // On a narrow screen the foot line is as wide as the map: the scale bar stands above it.
  const liftScale = (map) => {
    const foot = map.attributionControl.getContainer();
    const corner = map.getContainer().querySelector(".leaflet-bottom.leaflet-left");
    const lift = () => {
      const meets = foot.offsetWidth + corner.offsetWidth > map.getSize().x;
      corner.style.bottom = meets ? `${foot.offsetHeight}px` : "";
    };
    new ResizeObserver(lift).observe(foot);
    map.on("resize zoomend", lift);
  };

  const start = (map, facts) => {
    const styles = facts.looks.map(styleOf);
    // Tiles are drawn for whole zooms.
    if (facts.tiles) Object.assign(map.options, { zoomSnap: 1, zoomDelta: 1, wheelPxPerZoomLevel: 120 });
    const roomy = facts.point_count > 600 ? 4 : facts.point_count > 150 ? 5 : facts.point_count > 1 ? 6.5 : 9;
    const radius = innerWidth < 500 && facts.point_count > 20 ? roomy * 0.75 : roomy;
    // The view comes first, so that layers are drawn once.
    const bounds = facts.bounds && L.latLngBounds(facts.bounds);
    let isOurView = true;
    const fit = () => {
      isOurView = true;
      if (!bounds) map.setView([54, -2.5], 6, { animate: false });
      else if (bounds.getNorthEast().equals(bounds.getSouthWest())) map.setView(bounds.getCenter(), 14, { animate: false });
      else map.fitBounds(bounds, { paddingTopLeft: [12, 12], paddingBottomRight: [12, 30], animate: false });
    };
    fit();
    if (bounds) map.setMinZoom(map.getZoom() - 1.5).setMaxBounds(bounds.pad(0.6));
    // Another size, such as paper, gets the whole view again, unless the reader has chosen a part.
    map.on("dragstart", () => { isOurView = false; });
    map.getContainer().addEventListener("pointerdown", () => { isOurView = false; });
    map.getContainer().addEventListener("keydown", () => { isOurView = false; });
    map.on("resize", () => isOurView && fit());
    // Paper is laid out without asking scripts again, so the map takes the size of its print before.
    const takeSize = (isPrinted) => {
      map.getContainer().classList.toggle("is-printed", isPrinted);
      map.invalidateSize({ animate: false });
    };
    addEventListener("beforeprint", () => takeSize(true));
    addEventListener("afterprint", () => takeSize(false));
    // A legend below the map takes room from it when it is opened.
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    // Leaflet takes the focus at each press of the mouse. The page around must not move then: the press would be a drag.
    const container = map.getContainer();
    container.focus = () => HTMLElement.prototype.focus.call(container, { preventScroll: true });
    const groups = {};
    const kept = {};
    // Legends that follow something else than the layers of their role.
    const legendShown = {};
    const labels = [];

    const remember = (role) => (feature, layer) => {
      (groups[role] ??= []).push(layer);
      if (feature.properties.label_at) labels.push({ feature, layer });
    };

    // One name per area that is wide enough for it at this zoom.
    const ruler = document.createElement("canvas").getContext("2d");
    ruler.font = "600 12px system-ui, sans-serif";
    const names = L.layerGroup();
    // Where areas are the ground and not the subject, their names lie below the buildings.
    map.createPane("ground-names").style.zIndex = 350;
    const drawLabels = () => {
      names.clearLayers();
      const scale = map.options.crs.scale(map.getZoom());
      for (const { feature, layer } of labels) {
        if (!map.hasLayer(layer)) continue;
        const bounds = layer.getBounds();
        const width = ((bounds.getEast() - bounds.getWest()) / 360) * scale;
        const { name, label_at: at } = feature.properties;
        if (ruler.measureText(name).width > width * 0.95) continue;
        const html = element("span", "area-label__text", name);
        const isGround = layer.options.pattern === "outline";
        const icon = L.divIcon({ html, className: isGround ? "area-label area-label--ground" : "area-label", iconSize: null });
        const pane = isGround ? "ground-names" : "markerPane";
        names.addLayer(L.marker([at[1], at[0]], { icon, pane, interactive: false, keyboard: false }));
      }
    };

    const sayOn = (role) => {
      const group = kept[role];
      group.bindPopup((layer) => popup(layer.feature.properties), { maxWidth: 300 });
      group.bindTooltip((layer) => tooltip(layer.feature.properties), { sticky: true, opacity: 1, className: "tip-box" });
      group.on("popupopen", () => group.closeTooltip());
      group.on("mouseover", ({ layer }) => layer.setStyle({ weight: role === "area" ? 2.5 : 3, color: INK }));
      group.on("mouseout", ({ layer }) => layer.setStyle(styles[layer.feature.properties.look]));
    };

    // A legend stands while its layer does.
    const showLegends = () => {
      for (const box of document.querySelectorAll(".legend")) {
        if (box.dataset.role in legendShown) box.hidden = !legendShown[box.dataset.role]();
        else box.hidden = !(groups[box.dataset.role] ?? []).some((layer) => map.hasLayer(layer));
      }
    };

    // Outlines of buildings mean something only close up.
    const showFootprints = () => {
      if (!kept.footprint) return;
      if (map.getZoom() >= 15) kept.footprint.addTo(map).bringToBack();
      else kept.footprint.remove();
    };

    // The page around keeps the view that the reader chose, and may ask for one: see js/map_view.js.
    const keepView = () => {
      if (parent === window) return;
      addEventListener("message", ({ source, data }) => {
        const view = data?.view;
        if (source !== parent || !Array.isArray(view) || view.length !== 3 || !view.every(Number.isFinite)) return;
        isOurView = false;
        map.setView([view[1], view[2]], view[0], { animate: false });
      });
      map.on("moveend", () => {
        if (isOurView) return;
        const { lat, lng } = map.getCenter();
        parent.postMessage({ view: [map.getZoom(), lat, lng] }, "*");
      });
      parent.postMessage({ asksView: true }, "*");
    };

    const finish = () => {
      for (const role of ["area", "move", "building"]) if (groups[role]) sayOn(role);
      const raise = () => {
        for (const role of ["move", "building"]) groups[role]?.forEach((it) => map.hasLayer(it) && it.bringToFront());
      };
      map.on("overlayadd", raise);
      map.on("overlayadd overlayremove", showLegends);
      map.on("overlayadd overlayremove zoomend", drawLabels);
      map.on("focus click", () => map.scrollWheelZoom.enable());
      map.on("blur mouseout", () => map.scrollWheelZoom.disable());

      map.setMaxZoom(18);
      showFootprints();
      map.on("zoomend", showFootprints);
      EstateSpread.around(map, groups.building ?? []);
      L.control.scale({ imperial: false }).addTo(map);
      map.attributionControl.setPrefix(false);
      const foot = element("span", "", facts.foot ? `${facts.foot}. Drawn with Leaflet.` : "Drawn with Leaflet.");
      map.attributionControl.addAttribution(foot.innerHTML);
      liftScale(map);
      for (const legend of facts.legends) document.querySelector(".legends").append(legendOf(legend, facts.looks));
      showLegends();
      names.addTo(map);
      drawLabels();
      keepView();
      requestAnimationFrame(() => requestAnimationFrame(() => {
        document.documentElement.dataset.readyAt = String(Math.round(performance.now()));
      }));
    };

    return {
      style: (feature) => styles[feature.properties.look],
      point: (feature, at) => L.circleMarker(at, { radius }),
      describe: {
        area: remember("area"),
        outline: (feature, layer) => {
          layer.options.interactive = false;
          remember("outline")(feature, layer);
        },
        move: remember("move"),
        footprint: (feature, layer) => { layer.options.interactive = false; },
        ring: (feature, layer) => { layer.options.interactive = false; },
        building: remember("building"),
      },
      keep: (role, group) => { kept[role] = group; },
      finish,
      map,
      facts,
      styles,
      popup,
      tooltip,
      legendShown,
      showLegends,
    };
  };

  return { options, start, unpack };
})();
