// Programs of others, as far as tests need them: a provider of e-mail, one of pushes and a store of
// files, each on a free port of this machine, each reached by the server as the real one is.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { World } from './world';

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  text: string;
}

interface Answer {
  status?: number;
  body?: string;
}

/** A server that answers so; it ends with the test that closes it. */
async function listen(answer: (asked: Asked) => Answer): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const { status = 200, body = '' } = answer({ method: request.method ?? 'GET', path: decodeURIComponent(pathname), query: searchParams, text: Buffer.concat(parts).toString() });
      response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)) }).end(body);
    });
  });
  const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Letter {
  To: string;
  Metadata: Record<string, string>;
}

/** A provider of e-mail that takes everything, and says later what became of it, as Postmark does. */
export async function postOffice(world: World) {
  /** The last message to each address. */
  const sent = new Map<string, string>();
  const server = await listen(({ text }) => {
    const letter = JSON.parse(text) as Letter;
    const address = /<([^>]+)>/.exec(letter.To)?.[1] ?? letter.To;
    sent.set(address, letter.Metadata['cauce-message']!);
    return { body: JSON.stringify({ ErrorCode: 0, Message: 'OK', MessageID: `p-${sent.size}` }) };
  });
  for (const [name, value] of [['post-token', 'token'], ['post-hook', 'hook']]) await world.api('PUT', `/v1/secrets/${name}`, { value });
  const postmark = { token: 'vault:post-token', endpoint: server.url, reports: { username: 'post', password: 'vault:post-hook' } };
  await world.api('POST', '/v1/definitions/apply', { definitions: { providers: { inbox: { channel: 'email', 'in-flight': 64, postmark } } } });
  const tell = async (address: string, event: Record<string, unknown>) => {
    const headers = { authorization: `Basic ${btoa('post:hook')}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ ...event, Metadata: { 'cauce-message': sent.get(address) } });
    const answer = await fetch(`${world.address}/reports/postmark/inbox`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`a report of ${address}: ${answer.status} ${await answer.text()}`);
  };
  return {
    sent,
    complain: (address: string) => tell(address, { RecordType: 'SpamComplaint' }),
    bounce: (address: string) => tell(address, { RecordType: 'Bounce', Type: 'HardBounce', Details: 'smtp;550 5.1.1 user unknown' }),
    close: server.close,
  };
}

/** A service that pushes to phones, as Google's does. What is refused says with which word. */
export async function pushService(world: World) {
  const refused = new Map<string, 'UNREGISTERED' | 'SENDER_ID_MISMATCH'>();
  const pushed: string[] = [];
  const server = await listen(({ path, text }) => {
    if (path === '/token') return { body: JSON.stringify({ access_token: 'a', expires_in: 3_600 }) };
    const { token } = (JSON.parse(text) as { message: { token: string } }).message;
    const word = refused.get(token);
    if (word) return { status: word === 'UNREGISTERED' ? 404 : 403, body: JSON.stringify({ error: { details: [{ errorCode: word }] } }) };
    pushed.push(token);
    return { body: JSON.stringify({ name: `projects/shop/messages/${pushed.length}` }) };
  });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  const account = { project_id: 'shop', private_key_id: 'k', client_email: 'p@shop.example', private_key: privateKey, token_uri: `${server.url}/token` };
  await world.api('PUT', '/v1/secrets/push-account', { value: JSON.stringify(account) });
  await world.api('POST', '/v1/definitions/apply', {
    definitions: {
      providers: { phones: { channel: 'push', push: { fcm: { account: 'vault:push-account', base: server.url } } } },
      templates: { shipped: { channel: 'push', push: { title: 'Shipped', body: 'It leaves today.' } } },
    },
  });
  return { refused, pushed, close: server.close };
}

/** A store of files, as Amazon's is; while it is shut, it answers everybody with a no. */
export async function fileStore(world: World) {
  const files = new Map<string, string>();
  const state = { shut: false };
  const etag = (text: string) => createHash('md5').update(text).digest('hex');
  const server = await listen(({ method, path, query, text }) => {
    if (state.shut) return { status: 403, body: '<Error><Code>AccessDenied</Code><Message>the key was taken back</Message></Error>' };
    const key = path.replace(/^\/shop\//, '');
    if (method === 'PUT') {
      files.set(key, text);
      return {};
    }
    if (query.get('list-type') === '2') {
      const prefix = query.get('prefix') ?? '';
      const own = [...files].filter(([name]) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/'));
      const contents = own.map(([name, content]) => `<Contents><Key>${encodeURIComponent(name)}</Key><ETag>"${etag(content)}"</ETag><Size>${Buffer.byteLength(content)}</Size></Contents>`);
      return { body: `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>` };
    }
    const content = files.get(key);
    return content === undefined ? { status: 404, body: '<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>' } : { body: content };
  });
  for (const name of ['store-key', 'store-secret']) await world.api('PUT', `/v1/secrets/${name}`, { value: 'k' });
  const store = { endpoint: server.url, bucket: 'shop', prefix: 'in/', 'path-style': true, 'access-key': 'vault:store-key', 'secret-key': 'vault:store-secret' };
  return { files, state, store, close: server.close };
}
