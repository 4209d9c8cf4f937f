// Keys: / searches, j and k walk the rows, x chooses one, ? helps. A row is walked to by its first link, so Enter opens it; one that can
// only be chosen by itself, and Enter does nothing there. Rows in which there is nothing to open or to choose are passed over.
const help = document.getElementById("shortcuts");
const single = help.querySelector("input");
const kept = "signet-keys";
single.checked = localStorage.getItem(kept) !== "off";
single.addEventListener("change", () => localStorage.setItem(kept, single.checked ? "on" : "off"));
const opener = document.querySelector("[data-keys]");
opener.hidden = false;
opener.addEventListener("click", () => help.showModal());

const stop = (row) => row.querySelector("a[href]:not(.danger)") ?? (row.querySelector(".pick input") && row);

const walk = (step) => {
  const rows = [...document.querySelectorAll("main tbody tr")].filter(stop);
  const here = rows.indexOf(document.activeElement.closest("tbody tr"));
  const row = rows[here < 0 ? (step > 0 ? 0 : rows.length - 1) : here + step];
  const target = row && stop(row);
  if (target === row) row?.setAttribute("tabindex", "-1");
  target?.focus();
  row?.scrollIntoView({ block: "nearest" });
};

const search = () => {
  const filter = "main input[type=search], main [role=search] input:not([type=hidden])";
  const field = document.querySelector(filter) ?? document.querySelector(".top .search");
  field.select ? (field.focus(), field.select()) : field.click();
};

const keys = {
  "/": search,
  j: () => walk(1),
  k: () => walk(-1),
  x: () => document.activeElement.closest("tbody tr")?.querySelector(".pick input")?.click(),
  "?": () => help.showModal(),
};

const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const act = Object.hasOwn(keys, event.key) && keys[event.key];
  const isOther = event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented;
  if (!act || isOther || !single.checked || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  act();
});

// A box over the boxes of a table, and the number of those that are ticked.
for (const head of document.querySelectorAll("thead td:first-child")) {
  const table = head.closest("table");
  const boxes = [...table.querySelectorAll("tbody .pick input")];
  if (!boxes.length) continue;
  const all = Object.assign(document.createElement("input"), { type: "checkbox", ariaLabel: "Choose all rows of this page" });
  const said = head.closest("form").querySelector("[data-ticked]");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
    said.textContent = `${ticked || "None"} ticked on this page:`;
  };
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  table.addEventListener("change", count);
  addEventListener("pageshow", count);
  head.classList.add("pick");
  head.append(all);
}
