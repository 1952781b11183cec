import type { ClientSettings } from '../../src/model/clients/client.ts'
import type { Client, Prisma, PrismaClient } from '../../src/storage/generated/client.ts'
import type { TestApp } from './app.ts'
import { toClientUpdate } from '../../src/storage/clients/client-row.ts'

/** The row of a client with its settings beside the columns. */
export async function readStoredClient(prisma: PrismaClient, where: Prisma.ClientWhereUniqueInput) {
  return withSettings(await prisma.client.findUniqueOrThrow({ where }))
}

export function withSettings({ settings, ...row }: Client) {
  return { ...(settings as Partial<Omit<ClientSettings, keyof Client>>), ...row }
}

/** Changes settings behind the server's back, without the checks of its API, and waits until it has noticed. */
export async function overwriteClient(
  { database: { prisma }, changesRead }: Pick<TestApp, 'database' | 'changesRead'>,
  id: string,
  changed: Partial<ClientSettings>,
): Promise<Client> {
  const { organisationId } = await prisma.client.findUniqueOrThrow({ where: { id } })
  const updated = await prisma.$transaction(async (tx) =>
    tx.client.update({ where: { id }, data: await toClientUpdate(tx, { id, organisationId }, changed) }),
  )
  await changesRead()
  return updated
}
