// Flags as OpenFeature's SDK for the web reads them, with the token of one person's browser:
// flags_web.js ADDRESS TOKEN PERSON OTHER
const { OpenFeature, ProviderEvents } = require('@openfeature/web-sdk')
const { OFREPWebProvider } = require('@openfeature/ofrep-web-provider')

const [baseUrl, token, person, other] = process.argv.slice(2)
const said = ({ value, reason, variant, errorCode }) => ({
  value,
  reason,
  variant,
  error: errorCode ?? null,
})
const statuses = []
async function fetchImplementation(...request) {
  const answer = await fetch(...request)
  statuses.push(answer.status)
  return answer
}

async function main() {
  const headers = [['Authorization', `Bearer ${token}`]]
  const provider = new OFREPWebProvider({
    baseUrl,
    headers,
    fetchImplementation,
    cacheMode: 'disabled',
    pollInterval: 200,
  })
  await OpenFeature.setContext({ targetingKey: person })
  await OpenFeature.setProviderAndWait(provider)
  const client = OpenFeature.getClient()
  const flags = {
    gold: said(client.getBooleanDetails('segment.gold', false)),
    price: said(client.getStringDetails('price', 'none')),
    button: said(client.getStringDetails('button', 'none')),
    over: said(client.getStringDetails('over', 'none')),
    absent: said(client.getBooleanDetails('segment.absent', true)),
  }
  // It asks again and again; what has not changed is not sent again.
  for (let tries = 0; tries < 200 && !statuses.includes(304); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  flags.statuses = [...new Set(statuses)]
  statuses.length = 0
  const failed = new Promise((resolve) => {
    client.addHandler(ProviderEvents.Error, () => resolve(true))
    setTimeout(() => resolve(false), 3000)
  })
  await OpenFeature.setContext({ targetingKey: other }).catch(() => {})
  flags.other = { failed: await failed, statuses: [...new Set(statuses)] }
  console.log(JSON.stringify(flags))
  await OpenFeature.close()
  process.exit(0)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
