// A pack that was opened once can be read without a network: the page, its papers and what it is drawn with are kept in
// this browser, for this person, until they sign out. Without this file the pack is read as any other page.
const say = document.querySelector('[data-offline]')
const person = document.body.dataset.person

async function keep() {
  await navigator.serviceWorker.register(say.dataset.offline, { scope: '/meetings/' })
  const worker = await navigator.serviceWorker.ready
  const cache = await caches.open(`jcb-reading-${person}`)
  const files = [...document.querySelectorAll('[data-offline-file]')].map((link) => link.href)
  const drawn = performance.getEntriesByType('resource').map((each) => each.name)
    .filter((name) => new URL(name).origin === location.origin && new URL(name).pathname.startsWith('/static/'))
  const wanted = [location.pathname, ...new Set(drawn), ...files]
  const kept = await Promise.all(wanted.map(async (address) => {
    const answer = await fetch(address, { credentials: 'same-origin' })
    if (!answer.ok || answer.redirected) return false
    await cache.put(address, answer)
    return true
  }))
  say.hidden = false
  say.textContent = kept.every(Boolean) && worker
    ? 'Kept in this browser: you can read it without a network, papers too. Signing out removes it.'
    : 'Part of it could not be kept in this browser, so it may not open without a network.'
}

if (say && person && 'serviceWorker' in navigator && 'caches' in window) {
  if (navigator.onLine) {
    keep().catch(() => { say.hidden = true })
  } else {
    say.hidden = false
    say.textContent = 'There is no network. This is the pack as it was when you last opened it.'
  }
}
