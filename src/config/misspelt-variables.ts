import { nameDistance } from '../lib/text/closest-name.ts'

/** A variable that the server does not read although it looks like one of its own. */
export interface MisspeltVariable {
  name: string
  /** The setting that was probably meant. */
  suggestion: string | undefined
  /** Too close to a setting that is not set to be anything else: the server must not start without it. */
  certain: boolean
}

/** Settings of OpenSSL and Node.js, one or two letters away from ours. */
const OF_OTHERS = new Set(['SSL_CERT_FILE', 'SSL_KEY_FILE', 'SSL_CA_FILE', 'NODE_ENVIRONMENT'])
/** What Kubernetes and Docker Compose set for a service named cerberus. */
const OF_PLATFORMS = /^CERBERUS_(?:PORT|SERVICE)(?:_|$)/

/** Finds variables whose names are almost those of settings, or that carry our prefix. `known` also lists other names. */
export function findMisspeltVariables(
  environment: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): MisspeltVariable[] {
  return Object.entries(environment)
    .filter(([name, value]) => value !== undefined && value !== '' && !known.includes(name))
    .filter(([name]) => !OF_OTHERS.has(name) && !OF_PLATFORMS.test(name))
    .flatMap(([name]) => judge(name, known, environment))
}

function judge(
  name: string,
  known: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): MisspeltVariable[] {
  const upper = name.toUpperCase()
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: nameDistance(upper, candidate) }))
    .sort((a, b) => a.distance - b.distance)
  // Short names, and names of one word, are too common to be meant for us.
  const reach = !name.includes('_') ? (name.length >= 7 ? 1 : 0) : name.length >= 10 ? 2 : 1
  const suggestion = nearest && nearest.distance <= reach ? nearest.candidate : undefined
  const isOneWord = !name.includes('_')
  if (suggestion !== undefined && !(isOneWord && name !== upper)) {
    const isSet = environment[suggestion] !== undefined && environment[suggestion] !== ''
    return [{ name, suggestion, certain: nearest?.distance === 1 && !isOneWord && !isSet }]
  }
  return upper.startsWith('CERBERUS_') ? [{ name, suggestion: undefined, certain: false }] : []
}
