// Signs in by a window of its own. Without this script, or where windows are blocked, the link opens the login in place.

// In the page: open the window, and load again once it says that somebody signed in.
for (const link of document.querySelectorAll("a[data-popup]")) {
  link.addEventListener("click", (event) => {
    if (window.open(`${link.href}?popup=1`, "login", "width=520,height=720")) event.preventDefault();
  });
}
addEventListener("message", (event) => {
  // Any page may send messages here.
  if (event.origin === location.origin && event.data === "signed-in") location.reload();
});

// In the window, at the end.
if (document.querySelector("[data-signed-in]") && window.opener) {
  // The target origin: nobody else gets the message, whatever the opener shows by now.
  window.opener.postMessage("signed-in", location.origin);
  window.close();
}
