import { renderToString } from 'preact-render-to-string'
import { light } from './palette.ts'

/** A head in profile, facing left. The other side is mirrored. */
const sideHeadPath = 'M11.6 7.8 8.6 13.6 3 17.4 2.2 20.6 6.6 22.8 10 22.4 11.8 31.6 17.4 33V13Z'
const frontHeadPath = 'M13.6 7.6 17.3 12.2H22.7L26.4 7.6 26.9 18.4 23.4 25.4 22 30.4H18L16.6 25.4 13.1 18.4Z'

/** The logo, three heads. Hidden from screen readers, because the name is always next to it. */
export const Logo = () => (
  <svg width="40" height="40" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
    <rect width="40" height="40" rx="9.5" fill="var(--accent)" />
    <g fill="var(--onAccent)" stroke="var(--accent)" stroke-width="1.8">
      <path d={sideHeadPath} opacity=".75" />
      <path d={sideHeadPath} opacity=".75" transform="matrix(-1 0 0 1 40 0)" />
      <path d={frontHeadPath} />
    </g>
  </svg>
)

/** The logo as a document of its own, without the style sheet whose variables name its colours. */
export function faviconSvg(): string {
  return renderToString(<Logo />)
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replaceAll('var(--accent)', light.accent)
    .replaceAll('var(--onAccent)', light.onAccent)
}

const Icon = ({ path }: { path: string }) => (
  <svg width="20" height="20" viewBox="0 0 20 20" fill="none" aria-hidden="true" focusable="false">
    <path d={path} stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" />
  </svg>
)

export const Check = () => <Icon path="m4.5 10.5 3.75 3.75L15.5 6.5" />
export const Cross = () => <Icon path="m5.5 5.5 9 9m0-9-9 9" />
export const Key = () => <Icon path="M11.8 8.2a4 4 0 1 0-2.4 2.4l1.1 1.1h1.8v1.8h1.8v1.8h2.7v-2.4Zm-5 -1.4h.01" />
export const Warning = () => <Icon path="M10 2.8 18 16.8H2Zm0 5.2v4m0 2.4v.1" />
