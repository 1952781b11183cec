import type { OpenAPIV3_1 } from 'openapi-types'
import type { Schema } from './operation.ts'

// What schemas are made of.

export const text = { type: 'string' } as const
export const seconds = { type: 'integer', description: 'Seconds since 1970.' } as const
export const texts = { type: 'array', items: text } as const

export const described = (description: string) => ({ type: 'string', description }) as const
export const object = (
  required: readonly string[],
  properties: Record<string, Schema>,
  description?: string,
): OpenAPIV3_1.SchemaObject => ({
  type: 'object',
  ...(description !== undefined && { description }),
  required: [...required],
  properties,
})
