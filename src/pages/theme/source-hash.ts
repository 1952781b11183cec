import { hash } from 'node:crypto'

/** The CSP source expression of a script or a stylesheet that stands in a page, without the quotes (CSP 3 §2.3.1). */
export function cspSourceHash(source: string): string {
  return `sha256-${hash('sha256', source, 'base64')}`
}
