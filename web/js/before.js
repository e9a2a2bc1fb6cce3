// Before anything is drawn: the theme and the density of last time, so that the page does not flash.
(() => {
  try {
    const kept = JSON.parse(localStorage.getItem("messngr.settings") ?? "{}");
    if (kept.theme === "dark" || kept.theme === "light") document.documentElement.dataset.theme = kept.theme;
    if (kept.density === "compact") document.documentElement.dataset.density = "compact";
  } catch {
    // Nothing is kept where the browser allows none; the system's theme holds.
  }
})();
