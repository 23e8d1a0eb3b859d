"use strict";
// To play with: the plane with a line on it, the z = 1 slider, ten digits by size, the chain.
(() => {
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const at = (id) => document.getElementById(id);
  const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
  const say = (en, zh) => (document.documentElement.lang.startsWith("zh") ? zh : en);
  const load = (sheet) => new Promise((done) => { const image = new Image(); image.onload = () => done(image); image.src = sheet.src; });
  const make = (tag, ...content) => { const e = document.createElement(tag); e.append(...content); return e; };
  const picture = () => { const e = make("canvas"); e.setAttribute("aria-hidden", "true"); return e; };  // named below it
  // Cells of a sheet, pixel for pixel: the style sheet enlarges them crisply.
  function cut(canvas, sheet, cell, x, y, columns = 1) {
    if (canvas.width !== cell * columns || canvas.height !== cell) { canvas.width = cell * columns; canvas.height = cell; }
    canvas.getContext("2d").drawImage(sheet, x * cell, y * cell, cell * columns, cell, 0, 0, cell * columns, cell);
  }
  // A part: its choice of models, and showing again when the language changes.
  function part(all, id, choose, show) {
    at(`${id}-choice`)?.addEventListener("change", (event) => choose(all[Number(event.target.value)]));
    document.addEventListener("language", show);
    choose(all[0]);
  }

  function plane(all) {
    const FRAMES = 11, map = at("plane"), text = at("plane-text"), strip = at("plane-strip");
    const ends = [{ handle: at("end-a"), z: [-2, 0] }, { handle: at("end-b"), z: [2, 0] }];
    const dots = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#bbbbbb", "#bcbd22", "#17becf"];
    const frames = Array.from({ length: FRAMES }, () => {
      const frame = make("div", picture(), make("span"));
      strip.append(frame);
      return frame;
    });
    let one, sheet;
    const share = (v) => (v / one.extent + 1) / 2;
    const cellOf = (z) => [z[0], -z[1]].map((v) => clamp(Math.round(share(v) * (one.steps - 1)), 0, one.steps - 1));
    const seen = ([x, y]) => (one.seen.length ? one.class_names[one.seen[y * one.steps + x]] : "–");
    function background() {
      const draw = map.getContext("2d"), size = map.width, step = 2, count = Math.ceil(one.steps / step), width = size / count;
      draw.imageSmoothingEnabled = false;
      for (let y = 0; y < count; y += 1) for (let x = 0; x < count; x += 1)
        draw.drawImage(sheet, x * step * one.cell, y * step * one.cell, one.cell, one.cell, x * width, y * width, width, width);
      const place = (v) => width / 2 + share(v) * (size - width);  // the middle of a cell is its z
      if (at("plane-points").checked) for (const [x, y, label] of one.points) {
        draw.fillStyle = dots[label % 10];
        draw.beginPath(); draw.arc(place(x), place(-y), 3.5, 0, 7); draw.fill();
      }
      draw.font = "bold 15px system-ui, sans-serif"; draw.lineWidth = 3; draw.strokeStyle = "#000"; draw.fillStyle = "#fff";
      for (let v = -Math.floor(one.extent); v <= one.extent; v += 1) for (const [label, x, y] of [[v, place(v) - 6, size - 5], [v, 3, place(-v) + 5]]) { draw.strokeText(label, x, y); draw.fillText(label, x, y); }
      draw.strokeText("z1 →", size - 40, size - 24); draw.fillText("z1 →", size - 40, size - 24);
      draw.strokeText("z2 ↑", 5, 18); draw.fillText("z2 ↑", 5, 18);
      draw.strokeStyle = "#fff"; draw.lineWidth = 5;
      for (const [colour, wide] of [["#fff", 6], ["#c32b2b", 3]]) {
        draw.strokeStyle = colour; draw.lineWidth = wide;
        draw.beginPath(); draw.moveTo(place(ends[0].z[0]), place(-ends[0].z[1])); draw.lineTo(place(ends[1].z[0]), place(-ends[1].z[1])); draw.stroke();
      }
      for (const { handle, z } of ends) { handle.style.left = `${100 * place(z[0]) / size}%`; handle.style.top = `${100 * place(-z[1]) / size}%`; }
    }
    function show() {
      if (!sheet) return;
      background();
      const [a, b] = ends.map((end) => end.z), path = frames.map((_, i) => a.map((v, k) => v + (b[k] - v) * i / (FRAMES - 1)));
      path.map(cellOf).forEach((place, i) => {
        cut(frames[i].firstChild, sheet, one.cell, ...place);
        frames[i].lastChild.textContent = seen(place);
      });
      const end = (z) => `(${z.map((v) => v.toFixed(2)).join(", ")})`;
      text.textContent = say(`A ${end(a)}: ${seen(cellOf(a))}; B ${end(b)}: ${seen(cellOf(b))}`, `A ${end(a)}：${seen(cellOf(a))}；B ${end(b)}：${seen(cellOf(b))}`);
    }
    function move(end, x, y) { end.z = [x, y].map((v) => clamp(v, -one.extent, one.extent)); show(); }
    const zOf = (event) => {
      const box = map.getBoundingClientRect(), half = 0.5 / Math.ceil(one.steps / 2);
      const v = (far, length) => ((far / length - half) / (1 - 2 * half) * 2 - 1) * one.extent;
      return [v(event.clientX - box.left, box.width), -v(event.clientY - box.top, box.height)];
    };
    for (const end of ends) {
      end.handle.addEventListener("pointerdown", (event) => { end.handle.setPointerCapture(event.pointerId); });
      end.handle.addEventListener("pointermove", (event) => { if (end.handle.hasPointerCapture(event.pointerId)) move(end, ...zOf(event)); });
      end.handle.addEventListener("keydown", (event) => {
        const step = 2 * one.extent / (one.steps - 1) * (event.shiftKey ? 5 : 1);
        const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
        if (event.key === "Home") { event.preventDefault(); move(end, 0, 0); }
        if (way) { event.preventDefault(); move(end, end.z[0] + way[0], end.z[1] + way[1]); }
      });
    }
    map.addEventListener("click", (event) => {  // the nearer end comes
      const z = zOf(event), far = (end) => Math.hypot(end.z[0] - z[0], end.z[1] - z[1]);
      move(far(ends[0]) < far(ends[1]) ? ends[0] : ends[1], ...z);
    });
    at("plane-points").addEventListener("change", show);
    part(all, "plane", async (chosen) => {
      sheet = null;
      const image = await load(chosen.sheet);
      [one, sheet] = [chosen, image];
      at("plane-legend").replaceChildren(...one.class_names.map((name, i) => {
        const dot = make("i");
        dot.style.background = dots[i % 10];
        return make("span", dot, name);
      }));
      show();
    }, show);
  }

  function line(all) {
    const slider = at("line"), text = at("line-text");
    let one, sheet;
    function show() {
      if (!sheet) return;
      const place = Number(slider.value), z = one.z[place].toFixed(2);
      cut(at("line-image"), sheet, one.cell, place, 0);
      const name = one.seen.length ? one.class_names[one.seen[place]] : "–";
      text.textContent = say(`z = ${z}: the classifier sees ${name}`, `z = ${z}：分类器判定为 ${name}`);
    }
    slider.addEventListener("input", show);
    part(all, "line", async (chosen) => {
      sheet = null;
      const image = await load(chosen.sheet);
      [one, sheet] = [chosen, image];
      const last = one.z.length - 1;
      slider.max = last; slider.value = Math.round(last / 2);
      at("line-marks").replaceChildren(...data.reported.map(([z, digits]) => {
        const mark = make("span", digits);
        mark.title = `z = ${z}`;
        mark.style.left = `${100 * (z - one.z[0]) / (one.z[last] - one.z[0])}%`;
        return mark;
      }));
      show();
    }, show);
  }

  function tens(all) {
    let one, sheets, chosen;
    function show() {
      if (!sheets) return;
      [0, 1, 2].forEach((row) => cut(at(`ten-${row}`), sheets[chosen], one.cell, 0, row, one.names.length));
      [...at("ten-sizes").children].forEach((b, i) => b.setAttribute("aria-pressed", String(i === chosen)));
    }
    part(all, "ten", async (next) => {
      sheets = null;
      const found = await Promise.all(next.sheets.map(load));
      [one, sheets, chosen] = [next, found, 0];
      at("ten-sizes").replaceChildren(...one.sizes.map((z, i) => {
        const button = make("button", `z = ${z}`);
        button.type = "button";
        button.addEventListener("click", () => { chosen = i; show(); });
        return button;
      }));
      show();
    }, show);
  }

  function chain(all) {
    const slider = at("chain"), play = at("chain-play"), text = at("chain-text"), box = at("chain-images");
    let one, sheet, timer = null;
    function show() {
      play.textContent = timer ? say("pause", "暂停") : say("play", "播放");
      if (!sheet) return;
      const frame = Number(slider.value), done = one.steps[frame], last = one.steps[one.steps.length - 1];
      [...box.children].forEach((item, row) => cut(item.firstChild, sheet, one.cell, frame, row));
      text.textContent = say(`${done} of ${last} steps done (${one.sampler.toUpperCase()})`, `已完成 ${done} / ${last} 步（${one.sampler.toUpperCase()}）`);
    }
    function stop() { clearInterval(timer); timer = null; show(); }
    play.addEventListener("click", () => {
      if (timer) { stop(); return; }
      if (slider.value === slider.max) slider.value = 0;
      timer = setInterval(() => { slider.value = Number(slider.value) + 1; show(); if (slider.value === slider.max) stop(); }, 120);
      show();
    });
    slider.addEventListener("input", stop);
    part(all, "chain", async (chosen) => {
      stop();
      sheet = null;
      const image = await load(chosen.sheet);
      [one, sheet] = [chosen, image];
      box.replaceChildren(...one.rows.map((name) => make("div", picture(), make("span", name))));
      slider.max = one.steps.length - 1; slider.value = slider.max;
      show();
    }, show);
  }

  if (data.planes.length) plane(data.planes);
  if (data.lines.length) line(data.lines);
  if (data.tens.length) tens(data.tens);
  if (data.chains.length) chain(data.chains);
})();
