import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeTrust } from '../../src/exchange/exchange.ts'
import { checkTls } from '../../src/inputs/certificates.ts'
import { makeCertificate } from '../support/certificates.ts'

const one = makeCertificate('one')
const two = makeCertificate('two')
const NONE = { ca: '', certificate: '', key: '' }
const BROKEN = '-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n'

describe('files without problems', () => {
  it.each([
    ['nothing', NONE],
    ['one certificate of an issuer', { ...NONE, ca: one.certificate }],
    ['several', { ...NONE, ca: `# mine\n${one.certificate}\n\n${two.certificate}` }],
    ['a client certificate and its key', { ...NONE, ...one }],
    ['a chain', { ...NONE, ...one, certificate: one.certificate + two.certificate }],
    ['all', { ca: two.certificate, ...one }],
  ])('%s', (_, files) => {
    expect(checkTls(files)).toEqual([])
    expect(() => makeTrust(files)('peer')).not.toThrow()
  })
})

describe('files with problems', () => {
  const locked = createPrivateKey(one.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'hunter2',
  })
  it.each([
    ['no certificate at all', { ca: 'x' }, /^ca-certificate: found no certificate/],
    ['a key as issuer', { ca: one.key }, /^ca-certificate: found no certificate/],
    ['a cut certificate', { ca: one.certificate.slice(0, 200) }, /^ca-certificate: found no cert/],
    ['a broken one', { ca: BROKEN }, /^ca-certificate: certificate 1 of 1 is broken/],
    [
      'a broken one among others',
      { ca: one.certificate + BROKEN + two.certificate },
      /^ca-certificate: certificate 2 of 3 is broken/,
    ],
    ['a key among certificates', { ca: one.certificate + one.key }, /^ca-certificate: found somet/],
    [
      'a last certificate cut off',
      { ca: one.certificate + two.certificate.slice(0, 99) },
      /^ca-certificate: found somet/,
    ],
    [
      'the key of another',
      { certificate: one.certificate, key: two.key },
      /^client-key: .*another/,
    ],
    [
      'a broken key',
      { certificate: one.certificate, key: 'x' },
      /^client-key: found no such key, expected a private/,
    ],
    ['a locked key', { certificate: one.certificate, key: `${locked}` }, /without passphrase/],
    [
      'a certificate as key',
      { certificate: one.certificate, key: one.certificate },
      /^client-key: found no such key, expected a private key/,
    ],
    [
      'a broken client certificate',
      { certificate: BROKEN, key: one.key },
      /^client-certificate: c/,
    ],
  ])('%s', (_, files, words) => {
    const problems = checkTls({ ...NONE, ...files })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(words)
    const secret = one.key.split('\n')[1] ?? ''
    expect(problems.join()).not.toContain(secret.slice(0, 20))
  })

  it('are told together', () => {
    expect(checkTls({ ca: 'x', certificate: 'y', key: 'z' })).toHaveLength(3)
  })
})
