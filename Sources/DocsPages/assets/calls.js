'use strict';

// The calls to the gateway that served this page, and the list of what was called. The API key is in the requests' header and
// nowhere else.

const ANSWER_LIMIT = 45_000; // milliseconds for one request; the gateway takes 25 s at most unless its operator changed that
const KEPT_CALLS = 50; // in the list

const byId = (id) => document.getElementById(id);

/** What the page says, in its language; the server has written it. */
const phrases = new Map(
  [...byId('phrases').content.querySelectorAll('[data-phrase]')].map((text) => [text.dataset.phrase, text.textContent]),
);

/** `{0}`, `{1}` … are the places of the values. */
function phrase(name, ...values) {
  return phrases.get(name).replace(/\{(\d)\}/g, (_, place) => values[place]);
}

/** An element with a text, which is never read as markup, or with other elements in it. */
function make(name, content = [], attributes = {}) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...[content].flat());
  return element;
}

/** One for each wish. On plain http beyond localhost browsers have no randomUUID. */
function freshUUID() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

// By how much the gateway's clock is ahead of this one, in milliseconds.
let clockDifference = 0;

/** The time of the gateway's clock. */
const gatewayTime = () => Date.now() + clockDifference;

const wait = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/**
 * Sends one request, once, and tells what came back: `status`, `requestId`, and `json`, `blob` or `text`; `problem` where it is a
 * problem of the gateway's, and `lost` where the answer did not come or not as a whole. It never throws.
 */
async function call(apiKey, method, path, fields = {}, body = undefined) {
  const answer = { method, path, fields, body, at: new Date() };
  const begin = performance.now();
  try {
    const response = await fetch(path, {
      method,
      body,
      headers: { ...fields, 'X-API-Key': apiKey },
      cache: 'no-store',
      // The key is for the gateway alone.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_LIMIT),
    });
    answer.status = response.status;
    answer.requestId = response.headers.get('X-Request-ID');
    answer.isReplayed = response.headers.get('Idempotent-Replayed') === 'true';
    const date = Date.parse(response.headers.get('Date') ?? '');
    // It has whole seconds, cut off.
    if (!Number.isNaN(date)) clockDifference = date + 500 - Date.now();
    await readBody(answer, response);
  } catch {
    answer.lost = true;
  }
  answer.milliseconds = Math.round(performance.now() - begin);
  writeDown(answer);
  return answer;
}

async function readBody(answer, response) {
  const type = (response.headers.get('Content-Type') ?? '').split(';')[0].trim().toLowerCase();
  if (type.startsWith('image/')) {
    answer.blob = await response.blob();
    return;
  }
  answer.text = await response.text();
  if (!/^application\/(problem\+)?json$/.test(type)) return;
  try {
    const json = JSON.parse(answer.text);
    if (typeof json === 'object' && json && !Array.isArray(json)) answer.json = json;
    // Once is enough for what may be a secret.
    if (answer.json) answer.text = undefined;
  } catch {
    // Then it is no answer of the gateway's.
  }
  if (answer.status >= 400 && typeof answer.json?.code === 'string') answer.problem = answer.json;
  const seconds = answer.problem?.retryAfter ?? Number(response.headers.get('Retry-After') ?? NaN);
  if (answer.problem && seconds > 0) answer.retryAfter = seconds;
}

// The list of calls

/** For a shell: nothing in it means anything there. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curlCommand({ method, path, fields, body }) {
  const lines = [`curl${method === 'GET' ? '' : ` -X ${method}`} ${quoted(location.origin + path)}`];
  lines.push('-H "X-API-Key: $GATEWAY_API_KEY"');
  for (const [name, value] of Object.entries(fields)) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body) lines.push(`-d ${quoted(body)}`);
  return lines.join(' \\\n  ');
}

function writeDown(answer) {
  const sent = Object.entries(answer.fields).map(([name, value]) => make('code', `${name}: ${value}`));
  sent.push(make('code', 'X-API-Key: …'));
  if (answer.body) sent.push(make('code', answer.body));

  // A redirection, which is not followed, has no status that a script may know.
  const isAnswered = answer.status && !answer.lost;
  const got = [isAnswered ? phrase('answered', answer.status) : phrase('notAnswered')];
  if (answer.problem) got.push(' ', make('code', answer.problem.code));
  if (answer.requestId) got.push(' ', make('code', `X-Request-ID: ${answer.requestId}`));
  got.push(` ${phrase('took', answer.milliseconds)}`);

  const command = make('pre', make('code', curlCommand(answer)), { tabindex: 0 });
  const name = phrase('copyOf', `${answer.method} ${answer.path}`);
  const button = make('button', phrase('copy'), { type: 'button', class: 'second copy', 'aria-label': name });
  makeCopyButton(button, command);
  const time = make('time', answer.at.toLocaleTimeString(document.documentElement.lang, { timeStyle: 'long' }), {
    datetime: answer.at.toISOString(),
  });
  byId('calls').prepend(
    make('li', [
      make('p', [make('code', `${answer.method} ${answer.path}`), ' ', time], { class: 'request' }),
      make('p', sent.flatMap((code) => [code, ' ']), { class: 'quiet' }),
      make('p', got, { class: isAnswered && answer.status < 400 ? 'good' : 'bad' }),
      make('details', [make('summary', phrase('asCommand')), make('div', [command, button], { class: 'copied' })]),
    ]),
  );
  byId('calls').children[KEPT_CALLS]?.remove();
  byId('no-calls').hidden = true;
}
