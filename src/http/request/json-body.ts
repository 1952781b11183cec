import type { FastifyInstance } from 'fastify'
import { parseForeignJson, UnacceptableJson } from '../../lib/json.ts'

export interface JsonParserOptions {
  /** The media types that are parsed as JSON. */
  types?: readonly string[]
  /** The error of the scope's format for JSON that is not accepted; default the error itself. */
  toError?: (error: UnacceptableJson) => Error
}

/** Makes a scope parse JSON bodies within the limits of `parseForeignJson`. Bodies of other types are not accepted. */
export function registerJsonParser(
  scope: FastifyInstance,
  { types = ['application/json'], toError = (error) => error }: JsonParserOptions = {},
): void {
  scope.removeContentTypeParser([...types])
  scope.addContentTypeParser([...types], { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseBody(body as Buffer))
    } catch (error) {
      done(error instanceof UnacceptableJson ? toError(error) : (error as Error))
    }
  })
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) throw new UnacceptableJson('malformed', 'is empty, although Content-Type announces JSON')
  return parseForeignJson(body)
}
