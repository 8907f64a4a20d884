// redoc.js: starts ReDoc on the service's own description.

// ReDoc shows its maker's logo from the maker's host. Images of other hosts are left out before they are asked for.
function isForeign(address) {
  const url = new URL(address, location.href);
  return url.protocol !== "data:" && url.host !== location.host;
}

const image = HTMLImageElement.prototype;
const setAttribute = image.setAttribute;
image.setAttribute = function (name, value) {
  if (name === "src" && isForeign(value)) {
    this.hidden = true;
  } else {
    setAttribute.call(this, name, value);
  }
};
Object.defineProperty(image, "src", {
  get() {
    return this.getAttribute("src") ?? "";
  },
  set(value) {
    this.setAttribute("src", String(value));
  },
});

const fonts = "system-ui, sans-serif";
Redoc.init("/openapi.json", {
  hideDownloadButtons: false,
  theme: { typography: { fontFamily: fonts, headings: { fontFamily: fonts }, code: { fontFamily: "monospace" } } },
}, document.getElementById("page"));
