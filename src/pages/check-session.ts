import { cspSourceHash } from './theme/source-hash.ts'

/** A page and the CSP source expression of its only script, without the quotes. */
export interface ScriptedPage {
  html: string
  scriptHash: string
}

/**
 * The page at `check_session_iframe` (OpenID Connect Session Management §3.2, §3.3). A client loads it in a frame, posts a
 * client_id and a session_state to it, and gets `unchanged`, `changed` or `error`. The page reads the cookie of the browser
 * state at each message and sends no requests. It has its own SHA-256, because `crypto.subtle` needs a secure origin.
 */
export function checkSessionPage(cookie: string): ScriptedPage {
  const script = `(function () {
  var initial = []
  var rounds = []
  function fraction(x) { return ((x - Math.floor(x)) * 4294967296) | 0 }
  for (var n = 2; rounds.length < 64; n++) {
    for (var d = 2; d * d <= n && n % d; d++);
    if (d * d <= n) continue
    if (initial.length < 8) initial.push(fraction(Math.sqrt(n)))
    rounds.push(fraction(Math.pow(n, 1 / 3)))
  }
  function turn(x, by) { return (x >>> by) | (x << (32 - by)) }
  // FIPS 180-4 section 6.2, of ASCII.
  function sha256(text) {
    var words = []
    var count = ((text.length + 8) >> 6) + 1
    var state = initial.slice()
    for (var i = 0; i < count * 16; i++) words[i] = 0
    for (i = 0; i < text.length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8)
    words[i >> 2] |= 128 << (24 - (i % 4) * 8)
    words[count * 16 - 1] = text.length * 8
    for (var block = 0; block < count; block++) {
      var w = words.slice(block * 16, block * 16 + 16)
      var s = state.slice()
      for (i = 0; i < 64; i++) {
        if (i > 15) {
          var a = w[i - 15]
          var b = w[i - 2]
          w[i] = (w[i - 16] + w[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0
        }
        var t = (s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + rounds[i] + w[i]) | 0
        var u = ((turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]))) | 0
        s = [(t + u) | 0, s[0], s[1], s[2], (s[3] + t) | 0, s[4], s[5], s[6]]
      }
      for (i = 0; i < 8; i++) state[i] = (state[i] + s[i]) | 0
    }
    var hex = ''
    for (i = 0; i < 8; i++) hex += ('0000000' + (state[i] >>> 0).toString(16)).slice(-8)
    return hex
  }
  // If the browser blocks our cookies in frames, a missing cookie does not mean that the user is signed out.
  var isBlocked = false
  if (document.hasStorageAccess) document.hasStorageAccess().then(function (has) { isBlocked = !has })
  function answer(message, origin) {
    var parts = typeof message === 'string' && /^([!-~]+) ([0-9a-f]{64})[.]([!-~]+)$/.exec(message)
    var found = /(?:^|; )${cookie}=([^;]*)/.exec(document.cookie)
    if (!parts || (!found && isBlocked)) return 'error'
    return sha256(parts[1] + ' ' + origin + ' ' + (found ? found[1] : '') + ' ' + parts[3]) === parts[2] ? 'unchanged' : 'changed'
  }
  addEventListener('message', function (event) {
    if (event.source && event.source !== window && event.origin !== 'null') event.source.postMessage(answer(event.data, event.origin), event.origin)
  })
})()`
  return {
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Session</title></head><body><script>${script}</script></body></html>`,
    scriptHash: cspSourceHash(script),
  }
}
