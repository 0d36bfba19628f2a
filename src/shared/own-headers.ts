import { VERSION } from './version.ts'

/** The headers of every request that the gate sets itself. */
export const OWN_HEADERS: Readonly<Record<string, string>> = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'cache-control': 'no-cache',
  'user-agent': `htfifo-gate/${VERSION}`,
}
