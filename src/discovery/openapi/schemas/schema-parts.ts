import type { OpenAPIV3_1 } from 'openapi-types'
import type { Schema } from '../operations/operation.ts'

// What schemas are made of.

export const string = { type: 'string' } as const
export const epochSecondsSchema = { type: 'integer', description: 'Seconds since 1970.' } as const
export const stringArray = { type: 'array', items: string } as const

export const stringWithDescription = (description: string) => ({ type: 'string', description }) as const
export const objectSchema = (
  required: readonly string[],
  properties: Record<string, Schema>,
  description?: string,
): OpenAPIV3_1.SchemaObject => ({
  type: 'object',
  ...(description !== undefined && { description }),
  required: [...required],
  properties,
})
