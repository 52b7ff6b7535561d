// Finds the symptoms that a pasted text shows, as `sessionlab explain` does: see src/sessionlab/symptoms/match.py.

const enough = 0.7 // of the weight of a symptom's words
const differs = /\(Background on this error at: [^)]*\)|^\s*\[(?:SQL|parameters): .*|<[^<>\n]{1,80}>|https?:\/\/\S+/gm
const word = /(?<!\w)[A-Za-z_]\w*(?:\.\w+)*/g

const form = document.querySelector("form.explain")
if (form) begin(form)

function begin(form) {
  const find = matcher([...document.querySelectorAll(".symptom")])
  const say = form.querySelector("[role=status]")
  form.hidden = false
  form.addEventListener("submit", (event) => event.preventDefault())
  form.querySelector("textarea").addEventListener("input", (event) => tell(say, find(event.target.value)))
}

function matcher(headings) {
  const symptoms = headings.map((heading) => ({ heading, known: words(heading.querySelector("code").textContent) }))
  const counts = new Map()
  for (const { known } of symptoms) for (const one of new Set(known)) counts.set(one, (counts.get(one) ?? 0) + 1)
  const weigh = (some) => some.reduce((sum, one) => sum + 1 + Math.log(symptoms.length / counts.get(one)), 0)
  return (text) => {
    const shown = words(text)
    return symptoms
      .map((symptom) => match(symptom, shown, weigh))
      .filter(({ weight }) => weight)
      .sort((a, b) => b.is - a.is || (a.is ? b.weight - a.weight : b.share - a.share))
  }
}

function match({ heading, known }, shown, weigh) {
  const wanted = [...new Set(known)]
  let weight = 0
  shown.forEach((one, at) => {
    if (!wanted.includes(one)) return
    const near = new Set(shown.slice(at, at + 2 * known.length + 6))
    weight = Math.max(weight, weigh(wanted.filter((other) => near.has(other))))
  })
  const share = weight / Math.max(weigh(wanted), 1)
  return { heading, weight, share, is: share >= enough }
}

function words(text) {
  return (text.replace(differs, " ").match(word) ?? []).map((found) => found.split(".").at(-1).toLowerCase())
}

function tell(say, matches) {
  const found = matches.filter((match) => match.is).slice(0, 3)
  const shown = found.length ? found : matches.slice(0, 1)
  const before = found.length ? "It is: " : matches.length ? "No symptom here says that. The nearest: " : ""
  say.replaceChildren(before, ...shown.flatMap((match, at) => (at ? [" · ", link(match)] : [link(match)])))
}

function link({ heading }) {
  const made = document.createElement("a")
  made.href = `#${heading.id}`
  made.textContent = heading.querySelector("code").textContent
  return made
}
