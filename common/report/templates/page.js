"use strict";
// Folds that open for a link, pictures that grow, commands that are copied.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    const tab = document.querySelector(`.tabs input[value="${target.id}"]`);
    if (tab) tab.checked = true;
    if (target.id === "compare") document.getElementById("models").open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  document.addEventListener("click", (event) => {  // the same link once more: no hashchange
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) open();
  });
  open();
  const fold = (state) => all("main details").forEach((d) => { d.open = state; });
  document.getElementById("open-all").addEventListener("click", () => fold(true));
  document.getElementById("close-all").addEventListener("click", () => fold(false));

  addEventListener("beforeprint", () => all("img").forEach((image) => { image.loading = "eager"; }));

  const dialog = document.getElementById("large"), large = dialog.querySelector("img");
  let wide = 1;  // times the size at which the whole picture fits
  const size = () => {
    const fit = Math.min(dialog.clientWidth / large.naturalWidth, dialog.clientHeight / large.naturalHeight);
    large.style.width = `${large.naturalWidth * fit * wide}px`;
    large.style.cursor = wide > 1 ? "zoom-out" : "zoom-in";
  };
  all("button.zoom").forEach((button) => button.addEventListener("click", () => {
    const from = button.querySelector("img");
    large.src = from.src; large.alt = from.alt; wide = 1;
    dialog.showModal();
    large.decode().then(size, size);
  }));
  large.addEventListener("click", () => { wide = wide > 1 ? 1 : 2; size(); });
  addEventListener("resize", () => { if (dialog.open) size(); });
  dialog.addEventListener("click", (event) => { if (event.target !== large) dialog.close(); });

  all("button.copy").forEach((button) => button.addEventListener("click", async () => {
    const text = button.parentElement.querySelector("code");
    try { await navigator.clipboard.writeText(text.textContent); } catch { getSelection().selectAllChildren(text); }
    button.classList.add("done");
  }));
})();
