// What OpenFeature's SDK for Node says of a segment before, while and after it is built:
// building.js ADDRESS KEY PERSON WRITING DEFINITIONS. The key WRITING publishes the DEFINITIONS.
const { OpenFeature } = require('@openfeature/server-sdk')
const { OFREPProvider } = require('@openfeature/ofrep-provider')

const [baseUrl, key, targetingKey, writing, definitions] = process.argv.slice(2)

async function main() {
  const headers = [['Authorization', `Bearer ${key}`]]
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }))
  const client = OpenFeature.getClient()
  const heard = []
  // Notes what is said, if it is something else than before; the reason.
  async function ask() {
    const said = await client.getBooleanDetails('segment.parisian', true, { targetingKey })
    const { value, reason, errorCode, flagMetadata } = said
    const one = { value, reason, error: errorCode ?? null, building: flagMetadata.building ?? false }
    if (JSON.stringify(heard.at(-1)) !== JSON.stringify(one)) heard.push(one)
    return one.reason
  }
  await ask()
  const answer = await fetch(`${baseUrl}/v1/definitions/apply`, {
    method: 'POST',
    headers: { authorization: `Bearer ${writing}`, 'content-type': 'application/json' },
    body: definitions,
  })
  if (!answer.ok) throw new Error(await answer.text())
  const started = Date.now()
  while ((await ask()) !== 'TARGETING_MATCH') {
    if (Date.now() - started > 60_000) throw new Error(`never built: ${JSON.stringify(heard)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  console.log(JSON.stringify(heard))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
