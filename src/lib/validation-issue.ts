/** One invalid value of an input. `path` leads to the value; `message` completes the sentence that begins with the path. */
export interface ValidationIssue {
  path: (string | number)[]
  code: string
  message: string
}
