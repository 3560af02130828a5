// What a placement shows as OpenFeature's SDK for Node reads it: offers.js ADDRESS KEY PERSON
const { OpenFeature } = require('@openfeature/server-sdk')
const { OFREPProvider } = require('@openfeature/ofrep-provider')

const [baseUrl, key, targetingKey] = process.argv.slice(2)

async function main() {
  const headers = [['Authorization', `Bearer ${key}`]]
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }))
  const client = OpenFeature.getClient()
  const said = await client.getObjectDetails('placement.hero', {}, { targetingKey })
  console.log(JSON.stringify({ value: said.value, variant: said.variant, reason: said.reason }))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
