/** Part of the name of the socket. Connections must name it too, or PGPORT does. */
export const PORT = 5432

/**
 * Settings passed to PostgreSQL at every start, so that a new release can change them: a small server that is reachable
 * only through the socket in `socketDirectory`, acknowledges only what is on disk, and logs only what an operator
 * should know.
 */
export function serverSettings(socketDirectory: string): Record<string, string> {
  return {
    listen_addresses: '',
    unix_socket_directories: socketDirectory,
    unix_socket_permissions: '0700',
    port: String(PORT),

    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    max_wal_size: '512MB',

    max_connections: '100',
    shared_buffers: '128MB',
    jit: 'off',
    // Three I/O worker processes are of no use to rows that are read by primary key.
    io_method: 'sync',
    max_logical_replication_workers: '0',

    timezone: 'UTC',
    lc_messages: 'C',
    cluster_name: 'cerberus',

    // A statement that fails is its caller's business: `log` leaves out errors and keeps what the server itself says.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_line_prefix: '',
    log_checkpoints: 'off',
    logging_collector: 'off',
    log_destination: 'stderr',
  }
}
