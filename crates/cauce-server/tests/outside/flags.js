// Flags as OpenFeature's SDK for Node reads them: flags.js ADDRESS KEY PERSON
const { OpenFeature } = require('@openfeature/server-sdk')
const { OFREPProvider } = require('@openfeature/ofrep-provider')

const [baseUrl, key, targetingKey] = process.argv.slice(2)
const said = ({ value, reason, variant, errorCode }) => ({
  value,
  reason,
  variant,
  error: errorCode ?? null,
})

async function main() {
  const headers = [['Authorization', `Bearer ${key}`]]
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }))
  const client = OpenFeature.getClient()
  const about = { targetingKey }
  const flags = {
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
