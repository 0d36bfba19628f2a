/** What the steps that need the network are replaced by, offline: composite actions under the same name and SHA. */
const STAND_INS: Readonly<Record<string, string>> = {
  // act copies the repository of the workflow by itself; this one is for gate.yml, which gets the gate from its own.
  'actions/checkout': `
inputs:
  path: { default: . }
runs:
  using: composite
  steps:
    - run: mkdir -p "$INTO" && cp -r "$E2E_GATE/." "$INTO"
      shell: bash
      env:
        INTO: \${{ inputs.path }}`,
  // Node.js 24 is first on the path already.
  'actions/setup-node': `
inputs:
  node-version-file: { required: true }
runs:
  using: composite
  steps:
    - run: node --version | grep '^v24\\.'
      shell: bash`,
  'tailscale/github-action': `
inputs:
  oauth-client-id: { required: true }
  oauth-secret: { required: true }
  tags: { required: true }
runs:
  using: composite
  steps:
    - run: test -n "$ID" && test -n "$SECRET" && echo "joined the tailnet as $TAGS" >> "$E2E_TRACE"
      shell: bash
      env:
        ID: \${{ inputs.oauth-client-id }}
        SECRET: \${{ inputs.oauth-secret }}
        TAGS: \${{ inputs.tags }}`,
}

/** The actions that a workflow uses from other repositories, as `owner/repo@ref`, each once. */
export const remoteActions = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/uses: *(?!\.\/)(\S+)/g)].map(([, uses = '']) => uses)),
]

/** The action.yml of the stand-in for an action; throws if there is none, because the real one cannot be had. */
export function standInFor(uses: string): string {
  const name = uses.replace(/@.*$/, '')
  const text = STAND_INS[name]
  if (text === undefined) throw new Error(`there is no stand-in for ${uses}`)
  return `name: stand-in for ${name}\ndescription: Offline.${text}\n`
}
