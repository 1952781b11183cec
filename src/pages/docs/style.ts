import { dark, light, type Palette } from '../theme/palette.ts'
import { cspSourceHash } from '../theme/source-hash.ts'

const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour};`)
    .join('')

const source = `
:root { color-scheme: light dark; ${variables(light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(dark)} } }

*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1.5rem; }
body {
  margin: 0; background: var(--card); color: var(--ink); overflow-wrap: anywhere; -webkit-font-smoothing: antialiased;
  font: 1rem/1.6 -apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans",
    "Helvetica Neue", Helvetica, Arial, system-ui, sans-serif;
}
h1, h2, h3, h4, p, dl, dd, ul, ol, pre { margin: 0; padding: 0; }
h1, h2, h3 { letter-spacing: -0.015em; text-wrap: balance; }
h1 { font-size: 2rem; line-height: 1.2; font-weight: 650; }
h2 { font-size: 1.5rem; line-height: 1.25; font-weight: 650; }
h3 { font-size: 1.125rem; line-height: 1.35; font-weight: 650; }
h4 { font-size: 0.8125rem; line-height: 1.4; font-weight: 600; color: var(--muted); }
svg { display: block; flex: none; }
a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 0.25rem; }
code, pre { font-family: ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; }
code { font-size: 0.875em; }

.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; padding: 0.5rem 1rem; background: var(--card); z-index: 1; }
.brand { display: flex; align-items: center; gap: 0.625rem; font-weight: 600; color: inherit; text-decoration: none; }
.version { margin-left: auto; font-weight: 400; font-size: 0.8125rem; color: var(--muted); }

nav { padding: 1rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--inset); }
nav summary { margin-top: 0.75rem; font-weight: 600; cursor: pointer; }
nav ul { list-style: none; }
nav .groups { display: grid; gap: 1.25rem; padding: 0.75rem 0 0.5rem; }
nav .groups > li > a { font-weight: 600; color: var(--ink); text-decoration: none; }
nav li li a { display: block; padding: 0.1875rem 0; font-size: 0.875rem; color: var(--muted); text-decoration: none; }
nav a:hover { color: var(--accent); text-decoration: underline; }

main { display: grid; gap: 4rem; padding: 2rem 1.25rem 5rem; max-width: 56rem; }
main > section { display: grid; gap: 1.5rem; min-width: 0; }
.head { display: grid; gap: 0.5rem; }
.lead { color: var(--muted); font-size: 1.0625rem; max-width: 42rem; }
.facts { display: grid; gap: 0.75rem; }
.facts > div { display: grid; gap: 0.125rem; }
.facts dt { font-weight: 600; }
.facts dd { color: var(--muted); max-width: 42rem; }
.facts dd code { color: var(--ink); }

article { display: grid; gap: 1.25rem; min-width: 0; padding-top: 1.75rem; border-top: 1px solid var(--line); }
article .text { color: var(--muted); max-width: 42rem; }
.route { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 0.625rem; }
.route code { font-size: 0.9375rem; }
.method {
  padding: 0.0625rem 0.4375rem; font-size: 0.75rem; font-weight: 600; line-height: 1.5; border-radius: 0.375rem;
  color: var(--accent); border: 1px solid var(--accent);
}
.method-post, .method-patch { color: var(--onAccent); background: var(--accent); }
.method-delete { color: var(--alarm); border-color: var(--alarm); background: var(--alarmGround); }
.part { display: grid; gap: 0.5rem; min-width: 0; }

.rows { display: grid; border: 1px solid var(--line); border-radius: 0.75rem; overflow: hidden; }
.rows > div { display: grid; gap: 0.125rem; padding: 0.625rem 1rem; }
.rows > div + div { border-top: 1px solid var(--line); }
.rows dt { min-width: 0; }
.rows dt code { font-weight: 600; }
.rows dd { min-width: 0; font-size: 0.9375rem; color: var(--muted); }
.must { font-size: 0.75rem; font-weight: 600; color: var(--alarm); }
.type { font-size: 0.8125rem; color: var(--muted); }
.type code { color: var(--ink); }
.refusals { font-size: 0.9375rem; color: var(--muted); }

pre {
  padding: 1rem; overflow-x: auto; font-size: 0.8125rem; line-height: 1.6; tab-size: 2; overflow-wrap: normal;
  background: var(--inset); border: 1px solid var(--line); border-radius: 0.75rem;
}
details > summary { cursor: pointer; font-weight: 600; font-size: 0.875rem; color: var(--muted); }
details[open] > summary { margin-bottom: 0.5rem; }
:target { scroll-margin-top: 1.5rem; }
article:target > .head > h3, .notes > :target > h3 { box-shadow: -0.75rem 0 0 var(--card), -1rem 0 0 var(--accent); }
.notes { display: grid; }
.notes > div { display: grid; gap: 0.25rem; padding: 1rem 0; border-top: 1px solid var(--line); }
.notes h3 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 0.625rem; font-size: 1rem; }
.notes .status { font-weight: 400; font-size: 0.875rem; color: var(--muted); }
.notes p { max-width: 42rem; }
.notes p + p { color: var(--muted); }

@media (min-width: 44rem) {
  .rows > div { grid-template-columns: 13rem 1fr; gap: 1.25rem; }
  .facts > div { grid-template-columns: 13rem 1fr; gap: 1.25rem; }
}
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
  nav {
    position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.75rem 1.5rem 2rem; border-bottom: 0;
    border-right: 1px solid var(--line);
  }
  nav .groups { padding-top: 1.75rem; }
  main { padding: 3rem 4rem 6rem; }
}
@media (min-width: 64rem) {
  @supports selector(::details-content) {
    nav details::details-content { content-visibility: visible; display: block; height: auto; }
    nav summary { display: none; }
  }
}
@media (prefers-contrast: more) { :root { --line: var(--edge); --muted: var(--ink); --edge: var(--ink); } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print { nav { display: none; } body { display: block; } pre { white-space: pre-wrap; } }
`

/** The stylesheet of the documentation, exactly as it stands between the tags of its `<style>` element. */
export const docsStyle: string = source.replaceAll(/\s*\n\s*/g, ' ').trim()

/** Its CSP source expression without the quotes. */
export const docsStyleHash: string = cspSourceHash(docsStyle)
