(async () => {
  const preloaded = (rel) => document.querySelector(`link[rel=${rel}]`).href;
  const module = await import(preloaded("modulepreload"));
  await module.default({ module_or_path: preloaded("preload") });
  module.hydrate();
  const children = [];
  const walk = async (element) => {
    const island = element.localName === "leptos-island";
    const slot = element.localName === "leptos-children";
    if (island) {
      children.at(-1)?.();
      await module[element.dataset.component](element);
    } else if (slot) {
      children.push(element.$$on_hydrate);
    }
    for (const child of element.children) await walk(child);
    if (slot) children.pop();
  };
  await walk(document.body);
  document.documentElement.dataset.hydrated = "";
})();
