// Copies the sample below a button.
for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", async () => {
    // Without a secure context there is no clipboard to ask.
    await navigator.clipboard?.writeText(button.closest(".block-head").nextElementSibling.textContent);
    const say = (words) => {
      button.classList.toggle("copied", words !== "");
      button.lastElementChild.textContent = words;
    };
    if (isSecureContext) say("Copied");
    setTimeout(say, 1600, "");
  });
}
