/** An error of the configuration or the machine that a restart does not fix. Its message is the only line printed. */
export class StartupError extends Error {}
