// New events go on top of the list while the page is in sight.
const bar = document.querySelector("[data-live]");
const [button, status] = bar.children;
const most = 200;
let list = document.querySelector("table tbody");
let source;
let count = 0;

const stop = () => {
  source?.close();
  source = undefined;
};

const since = document.querySelector("[data-since]");
const say = (words = count ? `${count} new` : "") => {
  status.textContent = words;
  since.textContent = count ? `, and ${count} since` : "";
};

const put = ({ data }) => {
  // Where nothing was there is no table yet.
  if (!list) return location.reload();
  const template = document.createElement("template");
  template.innerHTML = data;
  const rows = [...template.content.children].filter((row) => !document.getElementById(row.id));
  list.prepend(...rows);
  while (list.rows.length > most) list.lastElementChild.remove();
  count += rows.length;
  say();
};

const start = () => {
  stop();
  say();
  const url = new URL(button.formAction);
  if (list) url.searchParams.set("last", list.rows[0]?.id ?? "");
  source = new EventSource(url);
  source.onmessage = put;
  source.onerror = () => {
    // Anything else than a connection that broke: signed out, or too many of them.
    if (source?.readyState !== EventSource.CLOSED) return;
    stop();
    button.setAttribute("aria-pressed", "false");
    say("Off. Reload the page to go on.");
  };
};

const isWanted = () => button.getAttribute("aria-pressed") === "true";

button.addEventListener("click", () => {
  button.setAttribute("aria-pressed", String(!isWanted()));
  isWanted() ? start() : stop();
});
document.addEventListener("visibilitychange", () => (document.hidden || !isWanted() ? stop() : start()));
bar.hidden = false;
if (!document.hidden) start();
