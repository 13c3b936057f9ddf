// On the page that says that nothing could be saved: what the browser keeps of typed words is offered back on the form,
// whatever else that page says was saved; unless it is sent again from here.
const kept = Object.keys(localStorage).filter((key) => key.startsWith('jcb:'))
  .map((key) => [key, JSON.parse(localStorage.getItem(key))]).filter(([, each]) => each && each.submitted)
const mark = (submitted) => {
  for (const [key, each] of kept) localStorage.setItem(key, JSON.stringify({ ...each, submitted }))
}
mark(false)
document.querySelector('[data-again]')?.addEventListener('submit', () => mark(true))
