// Counts the events of a file while it comes. The links load it without this script, too.
const said = document.querySelector("[data-taken]");
const all = said.dataset.taken;
const number = new Intl.NumberFormat("en");
let going;

const save = (parts, name) => {
  const url = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
  const a = Object.assign(document.createElement("a"), { href: url, download: name });
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
};

const take = async (link, signal) => {
  const response = await fetch(link.href, { signal });
  if (!response.ok || response.redirected) return location.assign(link.href);
  const parts = [];
  let lines = link.dataset.file === "csv" ? -1 : 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    for (const byte of value) lines += byte === 10;
    said.textContent = `${number.format(Math.max(lines, 0))} of ${all} taken …`;
  }
  save(parts, /filename="(.+?)"/.exec(response.headers.get("content-disposition"))?.[1] ?? "signet-activity");
  said.textContent = `${number.format(lines)} taken.`;
};

for (const link of document.querySelectorAll("a[data-file]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    going?.abort();
    going = new AbortController();
    said.textContent = "…";
    try {
      await take(link, going.signal);
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = "It broke off. Try again.";
    }
  });
}
