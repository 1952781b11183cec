/**
 * The peer's in-memory store without its limit of a thousand entries and without its loop over all tokens of a grant at
 * each write, either of which makes a measurement impossible.
 */
export function createMemoryAdapter() {
  const rows = new Map()
  const sessions = new Map()
  const grants = new Map()
  return (model) => {
    const keyOf = (id) => `${model}:${id}`
    return {
      async upsert(id, payload) {
        rows.set(keyOf(id), payload)
        if (model === 'Session') sessions.set(payload.uid, id)
        if (payload.grantId !== undefined && model !== 'Session') {
          const members = grants.get(payload.grantId) ?? new Set()
          grants.set(payload.grantId, members.add(keyOf(id)))
        }
      },
      find: async (id) => rows.get(keyOf(id)),
      findByUid: async (uid) => rows.get(keyOf(sessions.get(uid))),
      async findByUserCode() {
        throw new Error('The bench has no device flow.')
      },
      async consume(id) {
        rows.get(keyOf(id)).consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        const payload = rows.get(keyOf(id))
        rows.delete(keyOf(id))
        grants.get(payload?.grantId)?.delete(keyOf(id))
      },
      async revokeByGrantId(grantId) {
        for (const key of grants.get(grantId) ?? []) rows.delete(key)
        grants.delete(grantId)
      },
    }
  }
}
