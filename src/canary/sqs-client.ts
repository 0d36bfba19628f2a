import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { SecureContext } from 'node:tls'
import { SQS } from '@aws-sdk/client-sqs'
import { hostOf } from '../exchange/exchange.ts'
import type { CanaryInputs } from '../inputs/inputs.ts'
import { VERSION } from '../shared/version.ts'
import { collectBody } from './sqs-answers.ts'

/** Signatures need some; a server without credentials does not look at them. */
const NO_CREDENTIALS = { accessKeyId: 'htfifo-canary', secretAccessKey: 'htfifo-canary' }

/** How a node's queue service is reached. */
export interface SqsOptions extends Pick<CanaryInputs, 'region' | 'credentials'> {
  /** Trust and client certificate, made when first needed. */
  readonly secure: () => SecureContext
  /** How a name of a node is looked up. */
  readonly lookup: LookupFunction
}

/** A client that is told everything that it would otherwise look for in the environment or in files. */
export function makeClient(base: string, { region, credentials, secure, lookup }: SqsOptions): SQS {
  const url = new URL(base)
  const host = hostOf(url)
  const common = { keepAlive: false, lookup }
  return new SQS({
    endpoint: base,
    useQueueUrlAsEndpoint: false,
    region,
    credentials: credentials ?? NO_CREDENTIALS,
    maxAttempts: 1,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: '',
    // A clock that is wrong has to show.
    disableClockSkewCorrection: true,
    authSchemePreference: [],
    defaultUserAgentProvider: async () => [['htfifo-gate', VERSION]],
    streamCollector: collectBody,
    requestHandler: {
      httpAgent: new Agent(common),
      ...(url.protocol === 'https:' && {
        httpsAgent: new SecureAgent({
          ...common,
          secureContext: secure(),
          servername: isIP(host) === 0 ? host : '',
        }),
      }),
    },
  })
}
