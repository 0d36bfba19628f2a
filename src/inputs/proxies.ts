import { checkBypass, getProxyUrl } from '@actions/http-client/lib/proxy'

/** How the requests to one peer travel. */
export type Route =
  | { readonly kind: 'direct' }
  /** An ordinary request in absolute form, for a plain-http peer. */
  | { readonly kind: 'forward'; readonly proxy: URL; readonly authorization: string | null }
  /** A tunnel by CONNECT, for an https peer. */
  | { readonly kind: 'tunnel'; readonly proxy: URL; readonly authorization: string | null }

/** The routes to all peers, by their URLs, and the secrets that the environment holds. */
export interface Routes {
  readonly routes: ReadonlyMap<string, Route>
  readonly problems: readonly string[]
  /** Passwords, and the headers made of them. */
  readonly secrets: readonly string[]
  readonly userNames: readonly string[]
}

/** Finds the route to each of the URLs; each problem of the environment is reported once. */
export function findRoutes(urls: readonly string[], env: NodeJS.ProcessEnv): Routes {
  const routes = new Map<string, Route>()
  const problems = new Set<string>()
  const secrets = new Set<string>()
  const userNames = new Set<string>()
  for (const url of urls) {
    const route = findRoute(new URL(url), env)
    if (typeof route === 'string') {
      problems.add(route)
      continue
    }
    routes.set(url, route)
    if (route.kind === 'direct' || route.authorization === null) continue
    const { username, password } = route.proxy
    if (password !== '') userNames.add(username)
    secrets.add(password || username).add(route.authorization)
  }
  return { routes, problems: [...problems], secrets: [...secrets], userNames: [...userNames] }
}

/**
 * Finds the route to a URL by the runner's own reading of `http_proxy`, `https_proxy` and `no_proxy`
 * (`@actions/http-client`): loopback never goes through a proxy. Returns what is wrong as text; never echoes the
 * value of a variable, which may hold a password.
 */
function findRoute(target: URL, env: NodeJS.ProcessEnv): Route | string {
  const lower = target.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const variable = env[lower] ? lower : lower.toUpperCase()
  if (checkBypass(target) || !env[variable]) return { kind: 'direct' }
  const proxy = readProxy(target)
  // A quotation mark can be a part of a host name, but was meant as none.
  if (proxy === null || !/^https?:$/.test(proxy.protocol) || !/^[^"'`]+$/.test(proxy.hostname)) {
    return `${variable}: found a value that is no proxy address, expected http://host:port or https://host:port, with the scheme, without quotation marks, and with %25 for a "%" in user or password`
  }
  const { username, password } = proxy
  const authorization =
    username === '' && password === ''
      ? null
      : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  return { kind: target.protocol === 'https:' ? 'tunnel' : 'forward', proxy, authorization }
}

function readProxy(target: URL): URL | null {
  try {
    return getProxyUrl(target) ?? null
  } catch {
    return null
  }
}
