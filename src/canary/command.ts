/** Whether a word can stand in a command line as it is, so that foreign text cannot run there. */
export const isSafeWord = (text: string): boolean =>
  /^[A-Za-z0-9[][A-Za-z0-9._:/[\]-]{0,299}$/.test(text)

/**
 * The command that deletes a queue through the node at this base URL. The server finds the queue by the last part of
 * the address, so it needs no answer of a server.
 */
export function deleteCommand(
  base: string,
  queue: string,
  region: string,
  hasCredentials: boolean,
): string {
  const root = base.replace(/\/+$/, '')
  if (![root, queue, region].every(isSafeWord)) return ''
  const unsigned = hasCredentials ? '' : ' --no-sign-request'
  return `aws sqs delete-queue --endpoint-url ${root} --region ${region}${unsigned} --queue-url ${root}/${queue}`
}
