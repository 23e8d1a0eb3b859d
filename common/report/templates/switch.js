"use strict";
// Language: the two buttons, #zh or #en in the address, the last choice, else the browser's.
(() => {
  const buttons = document.querySelectorAll("[data-language]");
  const recall = () => { try { return localStorage.getItem("language"); } catch { return null; } };
  const keep = (name) => { try { localStorage.setItem("language", name); } catch { /* file:// in some browsers */ } };
  const show = (name) => {
    document.documentElement.lang = name === "zh" ? "zh-CN" : "en";
    buttons.forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.language === name)));
    document.querySelectorAll("img[data-alt-zh]").forEach((img) => {
      img.dataset.altEn = img.dataset.altEn || img.alt;
      img.alt = name === "zh" ? img.dataset.altZh : img.dataset.altEn;
    });
    document.dispatchEvent(new Event("language"));
  };
  buttons.forEach((b) => b.addEventListener("click", () => { keep(b.dataset.language); show(b.dataset.language); }));
  const wanted = location.hash.slice(1);
  const first = ["en", "zh"].includes(wanted) ? wanted : recall() || (navigator.language.startsWith("zh") ? "zh" : "en");
  show(first === "zh" ? "zh" : "en");
  // Pictures in full size.
  const dialog = document.getElementById("large");
  document.querySelectorAll("button.zoom").forEach((b) => {
    b.setAttribute("aria-label", "enlarge / 放大");
    b.addEventListener("click", () => {
      const from = b.querySelector("img"), to = dialog.querySelector("img");
      to.src = from.src; to.alt = from.alt;
      dialog.showModal();
    });
  });
  dialog.addEventListener("click", () => dialog.close());
  // What is folded in is printed, too.
  const folded = () => document.querySelectorAll("details:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => { opened = [...folded()]; opened.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => { opened.forEach((d) => { d.open = false; }); });
})();
