"use strict";
(() => {
  const root = document.documentElement;
  const rows = [...document.querySelectorAll(".row")];
  const sections = [...document.querySelectorAll("section[data-list]")];
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const toggles = [...document.querySelectorAll("button[data-filter]")];
  const texts = new WeakMap();
  root.classList.add("js");

  const text = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  const pressed = (filter) =>
    new Set(toggles.filter((one) => one.dataset.filter === filter && one.getAttribute("aria-pressed") === "true")
      .map((one) => one.value));
  const visible = () => rows.filter((row) => !row.hidden && row.offsetParent !== null);

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = pressed("verdict");
    const stages = pressed("stage");
    let count = 0;
    for (const row of rows) {
      const here = row.dataset.stages.split(" ");
      row.hidden = !(
        (!verdicts.size || verdicts.has(row.dataset.verdict)) &&
        (!stages.size || row.dataset.stages === "" || here.some((stage) => stages.has(stage))) &&
        words.every((word) => text(row).includes(word))
      );
      count += row.hidden ? 0 : 1;
    }
    for (const section of sections) section.hidden = !section.querySelector(".row:not([hidden])");
    shown.textContent = count === rows.length ? `${count} entries` : `${count} of ${rows.length} entries`;
  }

  let waiting = 0;
  search.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(filter);
  });
  for (const toggle of toggles) {
    toggle.addEventListener("click", () => {
      toggle.setAttribute("aria-pressed", String(toggle.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }

  const open = (all) => {
    for (const row of all ? visible() : rows) if ("open" in row) row.open = all;
  };
  document.getElementById("expand").addEventListener("click", () => open(true));
  document.getElementById("collapse").addEventListener("click", () => open(false));

  const theme = document.getElementById("theme");
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => theme.setAttribute("aria-label", dark() ? "Light page" : "Dark page");
  // A page that is opened from a file may not be allowed to keep anything.
  const kept = (use) => { try { return use(localStorage); } catch { return null; } };
  const before = kept((store) => store.getItem("shardwell-review-theme"));
  if (before === "dark" || before === "light") root.dataset.theme = before;
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    kept((store) => store.setItem("shardwell-review-theme", root.dataset.theme));
    name();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();

  const handle = (row) => row.querySelector("summary") || row;
  function move(step) {
    const all = visible();
    if (!all.length) return;
    const now = all.findIndex((row) => row.contains(document.activeElement));
    const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + step, 0), all.length - 1);
    handle(all[next]).focus();
    handle(all[next]).scrollIntoView({ block: "nearest" });
  }
  function escape() {
    if (search.value || toggles.some((one) => one.getAttribute("aria-pressed") === "true")) {
      search.value = "";
      for (const toggle of toggles) toggle.setAttribute("aria-pressed", "false");
      filter();
    } else {
      const row = document.activeElement && document.activeElement.closest(".row");
      if (row && row.open) { row.open = false; handle(row).focus(); return; }
    }
    if (document.activeElement === search) search.blur();
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = document.activeElement === search;
    const row = document.activeElement && document.activeElement.closest(".row");
    const keys = {
      Escape: escape,
      ArrowDown: () => move(1),
      ...(typing ? {} : {
        "/": () => { search.focus(); search.select(); },
        j: () => move(1),
        k: () => move(-1),
        ArrowUp: () => move(-1),
        ...(row && "open" in row ? { ArrowRight: () => { row.open = true; }, ArrowLeft: () => { row.open = false; } } : {}),
      }),
    };
    // In what is open, the arrows scroll.
    const inside = document.activeElement && document.activeElement.closest(".body");
    if (!Object.hasOwn(keys, event.key) || (inside && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    keys[event.key]();
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = visible().filter((row) => row.open === false);
    for (const row of closed) row.open = true;
  });
  addEventListener("afterprint", () => { for (const row of closed) row.open = false; });
  filter();
})();
