// Passkeys: the browser asks the device, and what the device answers is sent as a form. Where that is not possible the
// button stays hidden, and a code does the same.
const PROBLEMS = {
  SecurityError: 'Passkeys do not work at this address. They need https, or “localhost” in place of numbers.',
  InvalidStateError: 'This device has a passkey for you here already.'
}
const NOTHING = 'The device gave no passkey. Try again, or go on another way.'

async function optionsFor (button) {
  if (button.dataset.passkey !== 'sign-in') return JSON.parse(document.getElementById('passkey-options').textContent)
  const answer = await fetch(button.form.action, { headers: { Accept: 'application/json' } })
  return answer.json()
}

async function ask (button) {
  const options = await optionsFor(button)
  if (button.dataset.passkey !== 'add') return window.webauthnJSON.get(options.request_options)
  const asked = options.creation_options
  const alone = button.form.elements.passwordless.checked
  Object.assign(asked.publicKey.authenticatorSelection, {
    residentKey: alone ? 'required' : 'discouraged',
    requireResidentKey: alone,
    userVerification: alone ? 'required' : 'preferred'
  })
  return window.webauthnJSON.create(asked)
}

function say (button, words) {
  const note = button.form.querySelector('[data-passkey-problem]')
  note.textContent = words
  note.hidden = !words
}

for (const button of document.querySelectorAll('[data-passkey]')) {
  if (!window.PublicKeyCredential) continue
  button.closest('[data-passkey-part]').hidden = false
  button.addEventListener('click', async (event) => {
    event.preventDefault()
    say(button, '')
    try {
      button.form.elements.credential.value = JSON.stringify(await ask(button))
    } catch (problem) {
      say(button, PROBLEMS[problem.name] || NOTHING)
      return
    }
    button.form.submit()
  })
}
