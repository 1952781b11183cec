// `pages/passkeys` holds what pages need of the browser for passkeys (WebAuthn): one script, its button, and the page on
// which users manage them. Without JavaScript the button stays hidden.

import { cspSourceHash } from '../theme/source-hash.ts'

/**
 * Shows the button of a form with `data-passkey`, asks the browser for a passkey, and sends what it returns with the form, as
 * `credential`. With `data-autofill`, the browser also offers passkeys in the field for the email address. That request is
 * aborted before another one starts: a browser accepts one at a time. The page that creates passkeys tells the browser which
 * ones of the user exist.
 */
export const passkeyScript = `(function () {
  var form = document.querySelector('form[data-passkey]')
  if (!form || !window.PublicKeyCredential) return
  var button = document.getElementById('passkey')
  var status = document.getElementById('passkey-status')
  var creates = form.getAttribute('data-passkey') === 'create'
  var waiting

  function bytes(text) {
    var binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
    return Uint8Array.from(binary, function (character) { return character.charCodeAt(0) })
  }
  function text(buffer) {
    return btoa(String.fromCharCode.apply(null, new Uint8Array(buffer))).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '')
  }
  function readIds(list) {
    return list.map(function (each) { return { type: each.type, id: bytes(each.id), transports: each.transports } })
  }
  function options() {
    var read = JSON.parse(form.getAttribute('data-passkey-options'))
    read.challenge = bytes(read.challenge)
    if (read.user) read.user.id = bytes(read.user.id)
    if (read.allowCredentials) read.allowCredentials = readIds(read.allowCredentials)
    if (read.excludeCredentials) read.excludeCredentials = readIds(read.excludeCredentials)
    return read
  }
  function describe(credential) {
    var response = credential.response
    var sent = { clientDataJSON: text(response.clientDataJSON) }
    if (creates) {
      sent.attestationObject = text(response.attestationObject)
      sent.transports = response.getTransports ? response.getTransports() : []
    } else {
      sent.authenticatorData = text(response.authenticatorData)
      sent.signature = text(response.signature)
      if (response.userHandle) sent.userHandle = text(response.userHandle)
    }
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: sent }
  }
  function send(name, value) {
    var field = document.createElement('input')
    field.type = 'hidden'
    field.name = name
    field.value = value
    form.appendChild(field)
  }
  function ask(mediation) {
    if (waiting) waiting.abort()
    waiting = new AbortController()
    var request = { publicKey: options(), signal: waiting.signal }
    if (mediation) request.mediation = mediation
    return navigator.credentials[creates ? 'create' : 'get'](request).then(function (credential) {
      send('credential', JSON.stringify(describe(credential)))
      send('action', 'passkey')
      HTMLFormElement.prototype.submit.call(form)
    })
  }
  function offer() {
    if (!form.hasAttribute('data-autofill') || !PublicKeyCredential.isConditionalMediationAvailable) return
    PublicKeyCredential.isConditionalMediationAvailable().then(function (available) {
      if (available) ask('conditional').catch(function () {})
    })
  }
  // Lets the browser hide passkeys of this user that were removed (WebAuthn §5.1.10.3).
  function signal() {
    if (!creates || !PublicKeyCredential.signalAllAcceptedCredentials) return
    var read = JSON.parse(form.getAttribute('data-passkey-options'))
    var ids = read.excludeCredentials.map(function (each) { return each.id })
    PublicKeyCredential.signalAllAcceptedCredentials({
      rpId: read.rp.id, userId: read.user.id, allAcceptedCredentialIds: ids
    }).catch(function () {})
  }
  button.hidden = false
  button.addEventListener('click', function (event) {
    event.preventDefault()
    status.textContent = ''
    ask().catch(function (error) {
      status.textContent = status.getAttribute(error.name === 'InvalidStateError' ? 'data-known' : 'data-failed')
      offer()
    })
  })
  offer()
  signal()
})()`

/** The CSP source expression of the script, without the quotes, for `script-src`. */
export const passkeyScriptHash: string = cspSourceHash(passkeyScript)
