// What a page's EventSource hears of its person while that person does something:
// live.js ADDRESS TOKEN KEY PERSON
const { EventSource } = require('eventsource')

const [address, token, key, person] = process.argv.slice(2)
const heard = []
let asked = 0

async function report(name, attributes) {
  const authorization = `Bearer ${key}`
  const body = JSON.stringify({ name, user_id: person, attributes })
  const headers = { authorization, 'content-type': 'application/json' }
  const answer = await fetch(`${address}/v1/events`, { method: 'POST', headers, body })
  if (answer.status !== 202) throw new Error(await answer.text())
}

const source = new EventSource(`${address}/v1/lookup/live?token=${token}`)
const failed = (error) => {
  console.error(error)
  process.exit(1)
}
source.onerror = failed
setTimeout(() => failed('nothing more was heard'), 20_000).unref()
source.addEventListener('lookup', (event) => {
  const told = JSON.parse(event.data)
  heard.push({ segments: Object.keys(told.segments), plan: told.attributes.plan ?? null,
               price: told.experiments.price, ms: asked ? Date.now() - asked : 0 })
  if (heard.length === 3) {
    source.close()
    console.log(JSON.stringify(heard))
    return
  }
  asked = Date.now()
  // Into the segment, and out of it.
  report('changed', { plan: heard.length === 1 ? 'gold' : 'free' }).catch(failed)
})
