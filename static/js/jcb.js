// Enhancement only: every page works without this file.
import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

// What was typed is kept in this browser until the server says it was saved, so that an expired sign-in, a lost network
// or a closed tab loses nothing. Kept per person and page; signing out clears it.
const person = document.body.dataset.person
const prefix = `jcb:${person}:`
const fields = () => document.querySelectorAll('form [data-keep]')
const keyOf = (field) => `${prefix}${location.pathname}:${field.id}`

// Where rows were answered one by one, each says for itself whether it was saved; elsewhere the page's message does.
function wasSaved(field) {
  if (field.closest('[data-told-by-row]')) return field.closest('fieldset[data-saved]')
  return document.querySelector('.jcb-notice[data-saved]')
}

function say(message, onTake, onDrop) {
  const note = document.createElement('div')
  note.className = 'jcb-notice jcb-notice--info jcb-kept'
  note.setAttribute('role', 'status')
  const words = document.createElement('p')
  words.className = 'govuk-body'
  words.textContent = message
  note.append(words)
  for (const [label, action] of [['Put it back', onTake], ['Throw it away', onDrop]]) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'govuk-button govuk-button--secondary govuk-button--small'
    button.textContent = label
    button.addEventListener('click', () => { action(); note.remove() })
    note.append(button)
  }
  return note
}

function offline() {
  const note = document.createElement('div')
  note.className = 'jcb-notice jcb-offline'
  note.setAttribute('role', 'alert')
  note.textContent = 'There is no network, so nothing was sent. What you typed is kept in this browser: save again once the network is back.'
  return note
}

// In the room, one key saves an item and goes to the next.
document.querySelector('form[data-room]')?.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    const form = event.currentTarget
    form.requestSubmit(form.querySelector('button[value="next"]') || form.querySelector('button[type="submit"]'))
  }
})

if (person) {
  const wiped = document.querySelector('[data-sign-out]')
  for (const field of fields()) {
    const key = keyOf(field)
    const kept = JSON.parse(localStorage.getItem(key) || 'null')
    if (kept && kept.submitted && wasSaved(field)) {
      localStorage.removeItem(key)
    } else if (kept && kept.text && kept.text !== field.value) {
      const label = document.querySelector(`label[for="${field.id}"]`)
      const about = label ? label.textContent.trim().replace(/\s+/g, ' ') : 'this box'
      field.closest('.govuk-form-group').append(
        say(`You typed something here that was not saved (${about}).`,
          () => { field.value = kept.text; field.focus() },
          () => localStorage.removeItem(key)))
    }
    field.addEventListener('input', () => {
      localStorage.setItem(key, JSON.stringify({ text: field.value, submitted: false }))
    })
  }
  for (const form of document.querySelectorAll('form[method="post"]')) {
    form.addEventListener('submit', (event) => {
      if (!navigator.onLine && form.querySelector('[data-keep]')) {
        event.preventDefault()
        form.querySelector('.jcb-offline')?.remove()
        form.append(offline())
        return
      }
      for (const field of form.querySelectorAll('[data-keep]')) {
        const key = keyOf(field)
        const kept = JSON.parse(localStorage.getItem(key) || 'null')
        if (kept) localStorage.setItem(key, JSON.stringify({ ...kept, submitted: true }))
      }
    })
  }
  if (wiped) {
    for (const form of document.querySelectorAll('form[method="post"]')) {
      form.addEventListener('submit', () => {
        for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key)
      })
    }
  }
}

// Packs that are kept for reading without a network belong to one person: another's go, and signing out removes them all.
async function forget(except) {
  for (const name of await caches.keys()) if (name.startsWith('jcb-reading-') && name !== except) await caches.delete(name)
}

if (person && 'caches' in window) {
  forget(`jcb-reading-${person}`)
  document.querySelector('[data-sign-out]')?.closest('form')?.addEventListener('submit', () => { forget('') })
}

// Focus goes to what has to be put right.
document.querySelector('.govuk-error-summary')?.focus()
