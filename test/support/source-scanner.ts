// Reads source text as far as the rules of the house need it: what a file imports, and its code without the comments
// and strings in it. No parser of TypeScript: a scanner that knows strings, templates, comments and regular
// expressions.

/** One `import` or `export … from`, or a call of `import()`. */
export interface Import {
  specifier: string
  /** Whether it is removed at compile time. */
  typeOnly: boolean
  /** What is imported by name, under the name that the other module gives it. */
  names: string[]
}

/** The source with the content of strings and regular expressions, and comments altogether, turned into spaces. */
export function stripLiterals(source: string): string {
  let code = ''
  let at = 0
  // The braces that are open in each `${…}` that is open.
  const templates: number[] = []

  const take = (length: number) => {
    code += source.slice(at, at + length)
    at += length
  }
  const blank = (end: number) => {
    code += source.slice(at, end).replaceAll(/[^\n]/g, ' ')
    at = end
  }
  const templateText = () => {
    const found = /(?:\\[^]|(?!`|\$\{)[^])*/y
    found.lastIndex = at
    found.exec(source)
    blank(found.lastIndex)
    if (source[at] === '`') return take(1)
    if (at < source.length) templates.push(0)
    take(2)
  }

  while (at < source.length) {
    const rest = source.slice(at, at + 2)
    const character = rest.charAt(0)
    if (rest === '//') blank(endOf('\n', 0))
    else if (rest === '/*') blank(endOf('*/', 2))
    else if (character === '`') {
      take(1)
      templateText()
    } else if (character === "'" || character === '"') quoted(character)
    else if (character === '/') regularExpression()
    else {
      const open = templates.length - 1
      take(1)
      if (open < 0) continue
      if (character === '{') templates[open] = (templates[open] ?? 0) + 1
      else if (character === '}' && templates[open] === 0) {
        templates.pop()
        templateText()
      } else if (character === '}') templates[open] = (templates[open] ?? 0) - 1
    }
  }
  return code

  function endOf(mark: string, length: number): number {
    const found = source.indexOf(mark, at + length)
    return found === -1 ? source.length : found + length
  }

  /** An apostrophe in the text of JSX opens nothing: a string ends on its own line. */
  function quoted(quote: string): void {
    const found = new RegExp(`(?:\\\\[^]|[^${quote}\\\\\\n])*`, 'y')
    found.lastIndex = at + 1
    found.exec(source)
    if (source[found.lastIndex] !== quote) return take(1)
    take(1)
    blank(found.lastIndex)
    take(1)
  }

  /** A slash begins a regular expression where a value may begin, and divides (or closes a tag) elsewhere. */
  function regularExpression(): void {
    const found = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y
    found.lastIndex = at
    if (!/(?:^|[(,=:[!&|?;{+*%~^>]|\b(?:return|case|typeof))\s*$/.test(code) || !found.test(source)) return take(1)
    take(1)
    blank(found.lastIndex - 1)
    take(1)
  }
}

/** Everything that a source imports. A specifier that is no literal is reported as the empty string. */
export function parseImports(source: string): Import[] {
  const code = stripLiterals(source)
  const literal = (index: number, length: number) => source.slice(index, index + length)
  const statements = [
    ...code.matchAll(
      /(?<![.\w$])(?:import|export)\b(?<clause>[\s\w$*{},]*?)(?:\bfrom\s*|(?<=import)\s*)(['"])(?<text> *)\2/dg,
    ),
  ].map((match): Import => {
    const clause = match.groups?.['clause'] ?? ''
    const [start = 0, end = 0] = match.indices?.groups?.['text'] ?? []
    const members =
      /\{([^}]*)\}/
        .exec(clause)?.[1]
        ?.split(',')
        .map((member) => member.trim())
        .filter(Boolean) ?? []
    const onlyTypeMembers =
      /^\s*\{/.test(clause) && members.length > 0 && members.every((member) => member.startsWith('type '))
    return {
      specifier: literal(start, end - start),
      typeOnly: /^\s*type\s+(?!from\b)/.test(clause) || onlyTypeMembers,
      names: members.map((member) => member.replace(/^type\s+/, '').split(/\s+as\s+/)[0] ?? ''),
    }
  })
  const calls = [...code.matchAll(/(?<![.\w$])import\s*\(\s*(?:(['"`])(?<text> *)\1\s*[,)])?/dg)].map(
    (match): Import => {
      const [start = 0, end = 0] = match.indices?.groups?.['text'] ?? []
      return { specifier: literal(start, end - start), typeOnly: false, names: [] }
    },
  )
  return [...statements, ...calls]
}
