"use strict";
// The latent explorer: a plane of sprites with points, and a chain from noise to image.
(() => {
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const at = (id) => document.getElementById(id);
  const colours = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"];
  const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
  const chinese = () => document.documentElement.lang.startsWith("zh");
  const load = (sheet, done) => { const image = new Image(); image.onload = () => done(image); image.src = sheet.src; };

  function plane(all) {
    const map = at("plane"), out = at("decoded"), text = at("plane-text"), legend = at("plane-legend");
    let one, sheet, z = [0, 0];
    const pixel = (v) => (v / one.extent + 1) / 2 * map.width;
    function decoded() {
      const place = (v) => clamp(Math.round((v / one.extent + 1) / 2 * (one.steps - 1)), 0, one.steps - 1);
      const draw = out.getContext("2d");
      draw.imageSmoothingEnabled = false;
      draw.drawImage(sheet, place(z[0]) * one.cell, place(-z[1]) * one.cell, one.cell, one.cell, 0, 0, out.width, out.height);
    }
    function nearest() {
      let best = null, least = Infinity;
      for (const p of one.points) { const d = (p[0] - z[0]) ** 2 + (p[1] - z[1]) ** 2; if (d < least) { least = d; best = p; } }
      return best;
    }
    function points() {
      const draw = map.getContext("2d"), size = map.width;
      draw.fillStyle = "#fff"; draw.fillRect(0, 0, size, size);
      draw.strokeStyle = "#ccc"; draw.lineWidth = 1; draw.fillStyle = "#777"; draw.font = "15px system-ui, sans-serif";
      for (let v = Math.ceil(-one.extent); v <= one.extent; v += 1) {
        draw.globalAlpha = v === 0 ? 1 : .35;
        draw.beginPath(); draw.moveTo(pixel(v), 0); draw.lineTo(pixel(v), size); draw.moveTo(0, pixel(v)); draw.lineTo(size, pixel(v)); draw.stroke();
        draw.globalAlpha = 1;
        if (v !== 0 && Math.abs(v) < one.extent) { draw.fillText(v, pixel(v) + 3, size - 5); draw.fillText(v, 4, pixel(-v) - 3); }
      }
      draw.fillText("z1", size - 24, pixel(0) - 6); draw.fillText("z2", pixel(0) + 6, 16);
      draw.globalAlpha = .75;
      for (const [x, y, label] of one.points) {
        draw.fillStyle = colours[label % 10];
        draw.beginPath(); draw.arc(pixel(x), pixel(-y), 4, 0, 7); draw.fill();
      }
      draw.globalAlpha = 1;
      draw.strokeStyle = "#000"; draw.lineWidth = 2;
      draw.beginPath(); draw.arc(pixel(z[0]), pixel(-z[1]), 9, 0, 7); draw.moveTo(pixel(z[0]) - 15, pixel(-z[1])); draw.lineTo(pixel(z[0]) + 15, pixel(-z[1]));
      draw.moveTo(pixel(z[0]), pixel(-z[1]) - 15); draw.lineTo(pixel(z[0]), pixel(-z[1]) + 15); draw.stroke();
    }
    function show() {
      if (!sheet) return;
      points(); decoded();
      const near = nearest(), name = near ? one.class_names[near[2]] : "–";
      text.textContent = `z = (${z[0].toFixed(2)}, ${z[1].toFixed(2)}); ` + (chinese() ? `最近的测试点：${name}` : `nearest test point: ${name}`);
    }
    function choose(index) {
      one = all[index];
      sheet = null;
      legend.replaceChildren(...one.class_names.map((name, i) => {
        const item = document.createElement("span"), dot = document.createElement("i");
        dot.style.background = colours[i % 10];
        item.append(dot, name);
        return item;
      }));
      load(one.sheet, (image) => { sheet = image; show(); });
    }
    function move(x, y) { z = [clamp(x, -one.extent, one.extent), clamp(y, -one.extent, one.extent)]; show(); }
    map.addEventListener("pointermove", (event) => {
      const box = map.getBoundingClientRect();
      move(((event.clientX - box.left) / box.width * 2 - 1) * one.extent, (1 - (event.clientY - box.top) / box.height * 2) * one.extent);
    });
    map.addEventListener("pointerdown", (event) => { map.setPointerCapture(event.pointerId); map.focus({ preventScroll: true }); });
    map.addEventListener("keydown", (event) => {
      const step = 2 * one.extent / (one.steps - 1) * (event.shiftKey ? 5 : 1);
      const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
      if (event.key === "Home") { event.preventDefault(); move(0, 0); }
      if (way) { event.preventDefault(); move(z[0] + way[0], z[1] + way[1]); }
    });
    at("plane-choice")?.addEventListener("change", (event) => choose(Number(event.target.value)));
    document.addEventListener("language", show);
    choose(0);
  }

  function chain(all) {
    const slider = at("chain"), out = at("chain-image"), text = at("chain-text");
    let one, sheet, timer = null;
    function show() {
      if (!sheet) return;
      const frame = Number(slider.value), columns = Math.min(one.rows.length, 5), cell = 140, gap = 26;
      const lines = Math.ceil(one.rows.length / columns), draw = out.getContext("2d");
      out.width = columns * (cell + 8); out.height = lines * (cell + gap);
      draw.imageSmoothingEnabled = false;
      draw.font = "15px system-ui, sans-serif"; draw.fillStyle = "#333"; draw.textAlign = "center";
      one.rows.forEach((name, row) => {
        const x = (row % columns) * (cell + 8) + 4, y = Math.floor(row / columns) * (cell + gap);
        draw.drawImage(sheet, frame * one.cell, row * one.cell, one.cell, one.cell, x, y, cell, cell);
        draw.fillText(name, x + cell / 2, y + cell + 18);
      });
      const done = one.steps[frame], last = one.steps[one.steps.length - 1];
      text.textContent = chinese() ? `已完成 ${done} / ${last} 步（${one.sampler.toUpperCase()}）` : `${done} of ${last} steps done (${one.sampler.toUpperCase()})`;
    }
    function choose(index) {
      one = all[index];
      sheet = null;
      slider.max = one.steps.length - 1;
      slider.value = slider.max;
      load(one.sheet, (image) => { sheet = image; show(); });
    }
    function stop() { clearInterval(timer); timer = null; }
    at("chain-play").addEventListener("click", () => {
      if (timer) { stop(); return; }
      slider.value = 0; show();
      timer = setInterval(() => { slider.value = Number(slider.value) + 1; show(); if (slider.value === slider.max) stop(); }, 120);
    });
    slider.addEventListener("input", () => { stop(); show(); });
    at("chain-choice")?.addEventListener("change", (event) => { stop(); choose(Number(event.target.value)); });
    document.addEventListener("language", show);
    choose(0);
  }

  if (data.planes.length) plane(data.planes);
  if (data.chains.length) chain(data.chains);
})();
