// What is wider than the page can be scrolled by keyboard, too. The theme wraps tables once the page is there.

const look = () => {
  for (const region of document.querySelectorAll(".md-typeset__scrollwrap, .picture"))
    if (region.scrollWidth > region.clientWidth) region.tabIndex = 0
}

window.addEventListener("load", () => requestAnimationFrame(look))
window.addEventListener("resize", look)
