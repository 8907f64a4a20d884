// redoc.js: starts ReDoc on the service's own description.

// ReDoc shows its maker's logo from the maker's host. Images of other hosts are left out before they are asked for.
const setAttribute = HTMLImageElement.prototype.setAttribute;
HTMLImageElement.prototype.setAttribute = function (name, value) {
  const isForeign = name === "src" && new URL(value, location.href).host !== location.host && !value.startsWith("data:");
  if (isForeign) {
    this.hidden = true;
  } else {
    setAttribute.call(this, name, value);
  }
};

const fonts = "system-ui, sans-serif";
Redoc.init("/openapi.json", {
  hideDownloadButtons: false,
  theme: { typography: { fontFamily: fonts, headings: { fontFamily: fonts }, code: { fontFamily: "monospace" } } },
}, document.getElementById("page"));
