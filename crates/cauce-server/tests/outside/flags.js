// Flags as OpenFeature's SDK for Node reads them: flags.js ADDRESS KEY PERSON WRITING MOVING.
// Who is MOVING leaves the segment by an event that is reported with the key WRITING.
const { OpenFeature } = require('@openfeature/server-sdk')
const { OFREPProvider } = require('@openfeature/ofrep-provider')

const [baseUrl, key, targetingKey, writing, moving] = process.argv.slice(2)
const said = ({ value, reason, variant, errorCode }) => ({
  value,
  reason,
  variant,
  error: errorCode ?? null,
})

// What the flag said before an event, and how long it took to say what the event made of it.
async function moved(client) {
  const about = { targetingKey: moving }
  const before = await client.getBooleanValue('segment.gold', false, about)
  const started = Date.now()
  await fetch(`${baseUrl}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${writing}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'changed',
      user_id: moving.split(':')[1],
      attributes: { plan: 'free' },
    }),
  })
  while (await client.getBooleanValue('segment.gold', true, about)) {
    if (Date.now() - started > 30_000) throw new Error('the flag never followed')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return { before, ms: Date.now() - started }
}

async function main() {
  const headers = [['Authorization', `Bearer ${key}`]]
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }))
  const client = OpenFeature.getClient()
  const about = { targetingKey }
  const flags = {
    moved: await moved(client),
    gold: said(await client.getBooleanDetails('segment.gold', false, about)),
    price: said(await client.getStringDetails('price', 'none', about)),
    button: said(await client.getStringDetails('button', 'none', about)),
    over: said(await client.getStringDetails('over', 'none', about)),
    absent: said(await client.getBooleanDetails('segment.absent', true, about)),
    nobody: said(await client.getBooleanDetails('segment.gold', true, {})),
  }
  console.log(JSON.stringify(flags))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
