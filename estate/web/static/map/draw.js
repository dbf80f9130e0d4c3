// Drawing on canvas: patterns over areas, shapes for points, arrows on lines. Leaflet's own canvas draws plain fills.
// Needs Leaflet 1.9; loaded before map.js.

const EstateDraw = (() => {
  const SHAPES = {
    circle: (context, x, y, r) => context.arc(x, y, r, 0, Math.PI * 2),
    square: (context, x, y, r) => context.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
    triangle: (context, x, y, r) => trace(context, [[x, y - r * 1.15], [x + r * 1.1, y + r * 0.85], [x - r * 1.1, y + r * 0.85]]),
    diamond: (context, x, y, r) => trace(context, [[x, y - r * 1.25], [x + r * 1.25, y], [x, y + r * 1.25], [x - r * 1.25, y]]),
    cross: (context, x, y, r) => trace(context, CROSS.map(([right, down]) => [x + right * r * 1.2, y + down * r * 1.2])),
  };
  const CROSS = [
    [-1, -0.5], [-0.5, -1], [0, -0.5], [0.5, -1], [1, -0.5], [0.5, 0],
    [1, 0.5], [0.5, 1], [0, 0.5], [-0.5, 1], [-1, 0.5], [-0.5, 0],
  ];

  const trace = (context, corners) => {
    corners.forEach(([x, y], place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
  };

  const tile = (size, paint) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    paint(canvas.getContext("2d"));
    return canvas;
  };
  const TILES = {
    hatch: tile(8, (context) => {
      context.fillStyle = "#eef1f0";
      context.fillRect(0, 0, 8, 8);
      context.strokeStyle = "#7c8783";
      context.lineWidth = 1.4;
      for (const from of [-8, 0, 8]) {
        context.moveTo(from - 1, 9);
        context.lineTo(from + 9, -1);
      }
      context.stroke();
    }),
    dots: tile(7, (context) => {
      for (const [style, radius] of [["#ffffff", 1.7], ["#14211f", 1.1]]) {
        context.fillStyle = style;
        context.beginPath();
        context.arc(3.5, 3.5, radius, 0, Math.PI * 2);
        context.fill();
      }
    }),
  };

  const overlay = (context, name) => {
    context.globalAlpha = 1;
    context.fillStyle = context.createPattern(TILES[name], "repeat");
    context.fill("evenodd");
  };

  const arrow = (context, from, to) => {
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    if (length < 18) return;
    const [right, down] = [(to.x - from.x) / length, (to.y - from.y) / length];
    const tip = { x: from.x + right * length * 0.62 + right * 5, y: from.y + down * length * 0.62 + down * 5 };
    const back = { x: tip.x - right * 11, y: tip.y - down * 11 };
    context.beginPath();
    trace(context, [[tip.x, tip.y], [back.x - down * 5, back.y + right * 5], [back.x + down * 5, back.y - right * 5]]);
    context.fill();
  };

  const Renderer = L.Canvas.extend({
    _fillStroke(context, layer) {
      const { options } = layer;
      if (!TILES[options.pattern]) return L.Canvas.prototype._fillStroke.call(this, context, layer);
      if (options.pattern === "dots") {
        context.globalAlpha = options.fillOpacity;
        context.fillStyle = options.fillColor;
        context.fill("evenodd");
      }
      overlay(context, options.pattern);
      layer.options = { ...options, fill: false };
      L.Canvas.prototype._fillStroke.call(this, context, layer);
      layer.options = options;
    },

    _updateCircle(layer) {
      if (!this._drawing || layer._empty()) return;
      this._ctx.beginPath();
      SHAPES[layer.options.shape ?? "circle"](this._ctx, layer._point.x, layer._point.y, layer._radius);
      this._fillStroke(this._ctx, layer);
    },

    _updatePoly(layer, closed) {
      L.Canvas.prototype._updatePoly.call(this, layer, closed);
      if (!this._drawing || !layer.options.isArrow) return;
      this._ctx.globalAlpha = 1;
      this._ctx.fillStyle = layer.options.color;
      for (const part of layer._parts) arrow(this._ctx, part[0], part[part.length - 1]);
    },
  });

  // The legend's sample of a look, drawn by the same hand as the map.
  const swatch = (look) => {
    const canvas = document.createElement("canvas");
    const [width, height, scale] = [26, 18, 2];
    Object.assign(canvas, { width: width * scale, height: height * scale, className: "legend__swatch" });
    canvas.setAttribute("aria-hidden", "true");
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    context.lineWidth = 1;
    context.beginPath();
    if (look.shape === "area") context.rect(0.5, 0.5, width - 1, height - 1);
    else SHAPES[look.shape](context, width / 2, height / 2, 6);
    context.fillStyle = look.is_hollow ? "#ffffff" : look.colour;
    context.fill();
    if (TILES[look.pattern]) overlay(context, look.pattern);
    context.lineWidth = look.is_hollow ? 2 : 1;
    context.strokeStyle = look.is_hollow ? look.colour : "#4d5c59";
    context.stroke();
    return canvas;
  };

  return { Renderer, swatch };
})();
