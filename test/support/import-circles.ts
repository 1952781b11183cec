import { posix } from 'node:path'
import { parseImports } from './source-scanner.ts'

/** The files that each file imports, types included, of those that `sources` has by their paths. */
export function importGraph(sources: ReadonlyMap<string, string>): Map<string, string[]> {
  return new Map(
    [...sources].map(([file, source]) => {
      const targets = parseImports(source).map(({ specifier }) => posix.join(posix.dirname(file), specifier))
      return [file, targets.filter((target) => sources.has(target))]
    }),
  )
}

/** Every group of files that import one another, directly or through others: strongly connected components (Tarjan). */
export function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []

  const visit = (file: string): number => {
    const position = order.size
    order.set(file, position)
    let low = position
    stack.push(file)
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) low = Math.min(low, visit(target))
      else if (stack.includes(target)) low = Math.min(low, order.get(target) ?? low)
    }
    if (low === position) {
      const members = stack.splice(stack.indexOf(file))
      const importsItself = graph.get(file)?.includes(file) ?? false
      if (members.length > 1 || importsItself) circles.push(members.sort())
    }
    return low
  }

  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return circles.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
}
