/** Shorter values hide nothing, and hiding them would blank out innocent text. In characters. */
export const MIN_SECRET = 4

const HIDDEN = '***'

/** Makes a function that hides secrets in text, as they are and in the encodings in which a peer may echo them. */
export function makeRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .flatMap((secret) => [secret, ...secret.split(/\s+/)])
    .filter((secret) => secret.length >= MIN_SECRET)
    .flatMap((secret) => {
      const bytes = Buffer.from(secret)
      const base64 = bytes.toString('base64').replace(/=+$/, '')
      return [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
        base64,
        bytes.toString('base64url'),
        bytes.toString('hex'),
        bytes.toString('hex').toUpperCase(),
      ]
    })
  // The longest first, so that no part of a secret is left over.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length)
  return (text) => ordered.reduce((shown, form) => shown.replaceAll(form, HIDDEN), text)
}
