import type { OpenApiDocument } from './document.ts'

/** One operation of the API. */
export interface Operation {
  id: string
  method: string
  path: string
  summary: string
  parameters: { name: string; in: string; required: boolean; description: string }[]
  /** Media types of the body, the default first; empty: the operation has no body. */
  bodyTypes: string[]
  bodyRequired: boolean
  /** Names of the security schemes; empty: the operation needs no authentication. */
  security: string[]
  example: unknown
}

/** All operations of a document, in its order. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      summary: operation.summary ?? '',
      parameters: (operation.parameters ?? []).map(({ required = false, description = '', ...parameter }) => ({
        ...parameter,
        required,
        description,
      })),
      bodyTypes: Object.keys(operation.requestBody?.content ?? {}),
      bodyRequired: operation.requestBody?.required ?? false,
      security: (operation.security ?? []).flatMap((requirement) => Object.keys(requirement)),
      example: Object.values(operation.requestBody?.content ?? {})[0]?.example,
    })),
  )
}
