// A deed is said once: opening the page again, or its bookmark, does not say it again.
const here = new URL(location.href);
here.searchParams.delete("done");
history.replaceState(null, "", here);
