// The `cerberus` command: what administrators type and scripts call. It knows a server by its HTTP interface and its
// OpenAPI document (`/openapi.json`) alone, and shares no code with it.

import { run } from './run.ts'

// The reader of a pipe may close it before everything is written.
process.stdout.on('error', () => process.exit())

await run(process.argv.slice(2))
