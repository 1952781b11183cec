import { dark, light, type Palette } from './palette.ts'
import { cspSourceHash } from './source-hash.ts'

const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour};`)
    .join('')

const source = `
:root { color-scheme: light dark; ${variables(light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(dark)} } }

*, ::before, ::after { box-sizing: border-box; }
[hidden], .problem:empty { display: none !important; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100svh; background: var(--card); color: var(--ink);
  font: 1rem/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans",
    "Helvetica Neue", Helvetica, Arial, system-ui, sans-serif;
  overflow-wrap: anywhere; -webkit-font-smoothing: antialiased;
}
h1, h2, p, dl, dd, ul { margin: 0; padding: 0; }
h1 { font-size: 1.625rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.015em; text-wrap: balance; }
h2 { font-size: 0.9375rem; line-height: 1.4; font-weight: 600; }
svg { display: block; flex: none; }
strong { font-weight: 600; }
a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 0.25rem; }

.card { display: grid; gap: 1.75rem; align-content: start; padding: 1.5rem 1.25rem 2.5rem; }
.card > main { display: grid; gap: 1.5rem; min-width: 0; }
.brand { display: flex; align-items: center; gap: 0.625rem; font-weight: 600; letter-spacing: -0.005em; }
.heading { display: grid; gap: 0.5rem; }
.lead, .quiet { color: var(--muted); }
.lead strong, .quiet strong { color: var(--ink); }
.quiet { font-size: 0.875rem; }
.logo {
  height: 3.5rem; max-width: 100%; margin-bottom: 0.5rem; justify-self: start; object-fit: contain;
  background: #fff; border-radius: 0.625rem;
}
.monogram {
  display: grid; place-items: center; width: 3.5rem; font-size: 1.625rem; font-weight: 650;
  color: var(--muted); background: var(--card); border: 1px solid var(--edge);
}

form { display: grid; gap: 1.25rem; }
.field { display: grid; gap: 0.375rem; min-width: 0; }
label { font-size: 0.9375rem; font-weight: 600; }
input {
  width: 100%; min-height: 3rem; padding: 0.625rem 0.875rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--edge); border-radius: 0.625rem;
}
input:hover { border-color: var(--ink); }
input:focus-visible { outline-offset: 0; border-color: var(--accent); border-radius: 0.625rem; }
.check { display: flex; gap: 0.625rem; align-items: center; }
.check input { width: 1.25rem; min-height: 1.25rem; flex: none; padding: 0; accent-color: var(--accent); }
input[aria-invalid] { border-color: var(--alarm); box-shadow: inset 0 0 0 1px var(--alarm); }
input[readonly] { background: var(--inset); border-color: var(--line); }
.hint { color: var(--muted); font-size: 0.875rem; }
.problem { color: var(--alarm); font-size: 0.875rem; font-weight: 600; }

.actions { display: grid; gap: 0.75rem; padding-top: 0.25rem; }
.pair { grid-template-columns: repeat(auto-fit, minmax(min(100%, 8.5rem), 1fr)); }
button, .button {
  display: flex; align-items: center; justify-content: center; gap: 0.5rem; width: 100%; min-height: 3rem;
  padding: 0.625rem 1rem; font: inherit; font-weight: 600; line-height: 1.3; text-align: center; text-decoration: none;
  color: var(--ink); background: var(--card); border: 1px solid var(--edge); border-radius: 0.625rem; cursor: pointer;
}
button:hover, .button:hover { border-color: var(--ink); background: var(--inset); }
button:focus-visible, .button:focus-visible { border-radius: 0.625rem; }
.primary { color: var(--onAccent); background: var(--accent); border-color: var(--accent); }
.primary:hover { background: var(--accentHover); border-color: var(--accentHover); }
.choice { color: var(--accent); border: 1.5px solid var(--accent); }
.choice:hover { color: var(--accentHover); border-color: var(--accentHover); }

.alert {
  display: flex; gap: 0.75rem; padding: 0.875rem 1rem; color: var(--alarm); background: var(--alarmGround);
  border: 1px solid var(--alarm); border-radius: 0.625rem;
}
.alert svg { margin-top: 0.125rem; }
.alert h2 { font-size: 1rem; line-height: 1.5; }
.alert p { color: var(--ink); font-size: 0.9375rem; }

.account { display: flex; align-items: center; gap: 0.875rem; padding: 0.875rem 1rem; }
.account, .panel { background: var(--inset); border: 1px solid var(--line); border-radius: 0.75rem; }
.account > div { min-width: 0; }
.account p { line-height: 1.4; }
.initial {
  display: grid; place-items: center; flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%;
  font-weight: 600; color: var(--onAccent); background: var(--accent);
}
.scopes { display: grid; gap: 0.875rem; list-style: none; }
.scopes li { display: flex; gap: 0.75rem; }
.scopes svg { margin-top: 0.125rem; color: var(--accent); }
.scopes div { min-width: 0; }
.group { display: grid; gap: 0.875rem; }
.rule { padding-top: 1.25rem; border-top: 1px solid var(--line); }
ol.steps { display: grid; gap: 1rem; margin: 0; padding-left: 1.25rem; }
.steps li { padding-left: 0.25rem; }
.qr-code { width: 11rem; max-width: 100%; height: auto; margin: 0.75rem 0; border-radius: 0.5rem; border: 1px solid var(--line); }
.codes {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.5rem 1rem; padding: 1rem;
  list-style: none; background: var(--inset); border: 1px solid var(--line); border-radius: 0.75rem; text-align: center;
}
.codes code { font-size: 1.0625rem; user-select: all; -webkit-user-select: all; }
@media print { .actions, .brand { display: none; } }
.links { display: flex; flex-wrap: wrap; gap: 0 1rem; list-style: none; }
.links a { display: inline-block; padding: 0.25rem 0; }
.panel { display: grid; gap: 0.875rem; padding: 1rem; font-size: 0.875rem; }
summary { cursor: pointer; font-weight: 600; color: var(--accent); padding: 0.25rem 0; }
details > form { margin-top: 0.75rem; }
.names { padding-inline-start: 1.25rem; font-weight: 600; }
.panel dl { display: grid; gap: 0.75rem; }
.panel dt { color: var(--muted); }
code { font-family: ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.origin { font-size: 1.25rem; line-height: 1.3; }
.panel code { user-select: all; -webkit-user-select: all; }
.unseen {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}

@media (min-width: 34rem) {
  body { display: grid; grid-template: 1fr auto 1.35fr / 1fr; background: var(--ground); }
  .card {
    grid-row: 2; justify-self: center; width: min(28rem, 100% - 2rem); margin: 2rem 0; padding: 2.25rem 2.5rem 2.5rem;
    background: var(--card); border: 1px solid var(--line); border-radius: 1.25rem;
    box-shadow: 0 1px 2px rgb(0 0 0 / 0.04), 0 12px 32px -8px rgb(0 0 0 / 0.1);
  }
}
@media (prefers-contrast: more) { :root { --line: var(--edge); --muted: var(--ink); --edge: var(--ink); } }
@media (prefers-reduced-motion: no-preference) {
  button, .button, input { transition: background-color 120ms ease-out, border-color 120ms ease-out; }
}
`

/** The stylesheet of every page, exactly as in its `<style>` element. */
export const style: string = source.replaceAll(/\s*\n\s*/g, ' ').trim()

/** Its CSP source expression without the quotes, `sha256-…` in base64 (CSP 3 §2.3.1), for `style-src`. */
export const styleHash: string = cspSourceHash(style)
