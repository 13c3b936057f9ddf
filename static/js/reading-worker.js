// Answers from what was kept when there is no network, and never otherwise. `reading.js` keeps; signing out removes.
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return
  event.respondWith(fetch(event.request).catch(async (problem) => {
    const kept = await caches.match(event.request, { ignoreVary: true })
    if (kept) return kept
    throw problem
  }))
})
