// A directory to sign in by, for tests: the certified provider of the npm package, where everybody's password is right.
// Whoever signs in as "name@place" has that e-mail address; it is confirmed unless the name begins with "unconfirmed".
//   node tests/oidc_provider.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
import Provider from 'oidc-provider'

const [port, clientId, clientSecret, redirectUri] = process.argv.slice(2)
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  pkce: { required: () => true },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  cookies: { keys: ['only for tests'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: `number of ${id}`, email: id, email_verified: !id.startsWith('unconfirmed'), name: id })
  })
})
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'))
