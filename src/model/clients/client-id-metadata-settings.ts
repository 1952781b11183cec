export const clientIdMetadataModes = ['off', 'hosts', 'any'] as const
/** Which metadata documents an organisation accepts as clients: none, those on listed hosts, or those on any host. */
export type ClientIdMetadataMode = (typeof clientIdMetadataModes)[number]

/** How an organisation treats clients whose client_id is the URL of their metadata document. */
export interface ClientIdMetadataSettings {
  clientIdMetadataDocuments: ClientIdMetadataMode
  /** With a port if it is not 443. A host is on the list of one organisation at most. */
  clientIdMetadataHosts: readonly string[]
}

/** Whether a document on `host` is accepted. The mode `any` covers the default port; other ports must be listed. */
export function acceptsMetadataDocumentsFrom(
  { clientIdMetadataDocuments: mode, clientIdMetadataHosts: hosts }: ClientIdMetadataSettings,
  host: string,
): boolean {
  if (mode === 'off') return false
  return hosts.includes(host) || (mode === 'any' && !host.includes(':'))
}
