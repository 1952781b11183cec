import { hash } from 'node:crypto'

/** The CSP source expression of an inline script or stylesheet, without the quotes (CSP 3 §2.3.1). */
export function cspSourceHash(source: string): string {
  return `sha256-${hash('sha256', source, 'base64')}`
}
