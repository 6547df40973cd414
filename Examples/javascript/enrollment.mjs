// Mints an enrollment token through the gateway: for Node 18 and later, and for browsers.

const MAX_TRIES = 4; // of one wish
const MAX_READS = 5; // of the value, where the profile is slow to show it
const MAX_MILLISECONDS = 120_000; // for all of it, waits included
const TIMEOUT = 40_000; // for one request; longer than the 25 s that the gateway takes at most (its GRAPH_DEADLINE)
const SAME_TOKEN = 5_000; // milliseconds by which two accounts of one token's end may differ

// What Node says when there was no connection: nothing was sent. A browser tells no reasons, so there it counts as sent.
const NOT_SENT = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

// Node has it without an import from version 19 on.
const webCrypto = globalThis.crypto ?? (await import('node:crypto')).webcrypto;

export class Gateway {
  #tokenURL;
  #apiKey;
  #kind;
  #giveUp = Date.now() + MAX_MILLISECONDS;

  /** One object for one wish: the time starts here. */
  constructor({ url, apiKey, profileId, kind }) {
    this.#tokenURL = `${url.replace(/\/$/, '')}/profiles/${encodeURIComponent(profileId)}/token`;
    this.#apiKey = apiKey;
    this.#kind = kind ? `?kind=${encodeURIComponent(kind)}` : '';
  }

  /**
   * One of `{ outcome: 'created', expiresAt, value? }`, `{ outcome: 'not-created', code, detail }` and
   * `{ outcome: 'unknown', detail }`. Without a value the profile does not show the token yet.
   */
  async mint(validitySeconds) {
    const body = JSON.stringify(validitySeconds ? { tokenValidityInSeconds: validitySeconds } : {});
    let key = webCrypto.randomUUID(); // one for this wish, the same each time that it is sent
    let unknown; // what became of an earlier request, if that is not known
    for (let tries = 1; ; tries++) {
      const headers = { 'Content-Type': 'application/json', Prefer: 'return=representation' };
      if (key) headers['Idempotency-Key'] = key;
      let repeatable = false;
      let running = false;
      let failure;
      const answer = await this.#ask('POST', headers, body);
      if (answer.error && NOT_SENT.includes(answer.error.cause?.code)) {
        failure = { code: 'unreachable', detail: answer.error.cause.code };
        repeatable = true;
      } else if (answer.error) {
        // With the key it is safe to ask again: the gateway then answers as it did, or would have done.
        const reason = answer.error.cause?.code ?? answer.error.name;
        unknown = `the connection ended without an answer (${reason})`;
        repeatable = key;
      } else if (answer.status === 201 && answer.members.expiresAt) {
        const { expiresAt, value } = answer.members;
        return { outcome: 'created', expiresAt, value: value ?? (await this.#readValue(expiresAt)) };
      } else {
        const { status } = answer;
        const { code = `http-${status}`, detail = 'this is no answer of the gateway', outcome } = answer.members;
        if (code === 'idempotency-unavailable' && key && !unknown) {
          key = null; // This gateway remembers nothing. It did nothing either: once more, without the key.
          tries--;
          continue;
        }
        failure = { code, detail };
        running = code === 'idempotency-in-progress'; // The first request still runs: waiting for it is no try.
        if (outcome === 'not-created' || (status >= 400 && status < 500 && outcome !== 'unknown')) {
          repeatable = running || status === 429 || status === 503;
        } else {
          unknown = `${code}: ${detail}`;
          repeatable = key;
        }
      }
      // A refusal says nothing of an earlier request that was lost, so that one stays unknown.
      const wait = answer.retryAfter ?? 2 ** (tries - 1);
      if (!repeatable || (tries === MAX_TRIES && !running) || !(await this.#wait(wait))) {
        return unknown ? { outcome: 'unknown', detail: unknown } : { outcome: 'not-created', ...failure };
      }
      if (running) tries--;
    }
  }

  /** The QR code of the profile's token as an SVG picture (a Blob), or null if there is none. */
  async qrCode() {
    const headers = { 'X-API-Key': this.#apiKey, Accept: 'image/svg+xml' };
    const response = await fetch(`${this.#tokenURL}/qr-code${this.#kind}`, { headers });
    return response.ok ? response.blob() : null;
  }

  /** The value of the token that ends then; undefined while the profile still shows another. */
  async #readValue(expiresAt) {
    let wait = 1;
    for (let reads = 0; reads < MAX_READS && (await this.#wait(wait)); reads++) {
      const { error, status, retryAfter, members } = await this.#ask('GET');
      if (error) continue;
      wait = retryAfter ?? 1;
      if (status === 200 && members.value) {
        if (Math.abs(Date.parse(members.expiresAt) - Date.parse(expiresAt)) <= SAME_TOKEN) return members.value;
      } else if (status >= 400 && status < 500 && status !== 429) {
        return undefined; // This key may not read, or this gateway cannot.
      }
    }
    return undefined;
  }

  async #ask(method, headers, body) {
    try {
      const response = await fetch(this.#tokenURL + this.#kind, {
        method,
        headers: { 'X-API-Key': this.#apiKey, ...headers },
        body,
        redirect: 'manual', // The key is for the gateway alone.
        signal: AbortSignal.timeout(TIMEOUT),
      });
      const members = parsed(await response.text());
      const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
      return { status: response.status, members, retryAfter: retryAfter >= 0 ? retryAfter : undefined };
    } catch (error) {
      return { error };
    }
  }

  /** False if there is no time for that. Some more than asked for: others were told the same number. */
  async #wait(seconds) {
    const milliseconds = (seconds + Math.random()) * 1000;
    if (Date.now() + milliseconds > this.#giveUp) return false;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return true;
  }
}

function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
