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
html { scroll-padding-top: 1rem; }
html, html.dark-mode, html.dark-mode .swagger-ui { background: var(--card); }
.swagger-ui .info__extdocs { display: none; }
body {
  margin: 0; background: var(--card); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.6 -apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans",
    "Helvetica Neue", Helvetica, Arial, system-ui, sans-serif;
}
header, .errors, .notice { max-width: 1460px; margin: 0 auto; padding: 0 20px; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.625rem; padding-top: 1rem; padding-bottom: 1rem; }
header svg { flex: none; }
.brand { font-weight: 600; }
header nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-left: auto; font-size: 0.9375rem; }
header a, .notice a, .errors a { color: var(--accent); text-underline-offset: 0.2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.notice { padding-top: 2rem; padding-bottom: 2rem; }
.errors { padding-top: 2rem; padding-bottom: 2rem; border-top: 1px solid var(--line); }
.errors h2 { margin: 0; font-size: 1.5rem; }
.errors dl { display: grid; gap: 1.25rem; }
.errors dl > div { padding: 0.25rem 0.75rem; border-left: 3px solid transparent; }
.errors dl > div:target { border-left-color: var(--accent); background: var(--inset); }
.errors dt { font-weight: 600; }
.errors dd { margin: 0; max-width: 48rem; }
.lead { color: var(--muted); font-weight: 400; max-width: 48rem; }
pre.curl-example {
  margin: 1rem 20px; padding: 0.75rem 1rem; overflow-x: auto; font-size: 0.875rem; color: var(--ink);
  background: var(--inset); border: 1px solid var(--line); border-radius: 0.25rem;
}
code, pre.curl-example { font-family: ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; }
`

/** The page's own styles, exactly as they stand between the tags of its `<style>` element. */
export const apiReferenceStyle: string = source.replaceAll(/\s*\n\s*/g, ' ').trim()

/** Their CSP source expression without the quotes, for `style-src`. */
export const apiReferenceStyleHash: string = cspSourceHash(apiReferenceStyle)
