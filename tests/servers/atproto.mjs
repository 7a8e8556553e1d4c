// An atproto network on loopback: a directory, a PDS and an AppView, with posts that the test
// names. Prints where it is as one line of JSON, and ends when its standard input does.
import { TestNetwork } from '@atproto/dev-env'

const posts = JSON.parse(process.argv[2])
const network = await TestNetwork.create({
  dbPostgresSchema: 'shrug',
  plc: {},
  pds: {},
  bsky: {},
  ozone: {},
})
const client = network.getSeedClient()
await client.createAccount('writer', {
  handle: 'writer.test',
  email: 'writer@example.org',
  password: 'writer-pass',
})
for (const text of posts) await client.post(client.dids.writer, text)
await network.processAll()
console.log(JSON.stringify({ pds: network.pds.url, did: client.dids.writer }))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
