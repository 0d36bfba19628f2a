/** The client alone: the index of undici loads fetch, WebSocket, caches and mocks as well. */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici'
  export = Client
}
