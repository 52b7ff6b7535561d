// Draws the recorded traces of a page, with Mermaid from this very site. Where that can't be, their text stays.

const figures = [...document.querySelectorAll("figure.trace")]

if (figures.length) draw()

async function draw() {
  const { default: mermaid } = await import(new URL("mermaid/mermaid.esm.min.mjs", import.meta.url))
  if (!mermaid) return
  const fontFamily = getComputedStyle(document.body).getPropertyValue("--ui-font").trim()
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: "base", look: "classic", fontFamily })
  for (const [number, figure] of figures.entries()) await drawOne(mermaid, figure, number)
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView()
}

async function drawOne(mermaid, figure, number) {
  const source = figure.querySelector("script").textContent.replaceAll("<\\/", "</")
  const { svg } = await mermaid.render(`trace-${number + 1}`, source)
  const picture = document.createElement("div")
  picture.className = "picture"
  picture.innerHTML = svg
  picture.firstElementChild.setAttribute("role", "img")
  picture.firstElementChild.setAttribute("aria-label", figure.dataset.alt)
  for (const name of ["aria-roledescription", "aria-describedby", "aria-labelledby"])
    picture.firstElementChild.removeAttribute(name)
  figure.prepend(picture)
  figure.querySelector("details").open = false
  if (picture.scrollWidth > picture.clientWidth) picture.tabIndex = 0
}
